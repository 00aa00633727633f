using System.Text.Json;
using WebTrainer.Tests.Shared;

namespace WebTrainer.Privacy.Tests;

internal static class Gold
{
    public static JsonElement[] Cases(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedFiles.Find("gold", file)));
        JsonElement[] cases = [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(c => c.Clone())];
        Assert.NotEmpty(cases);
        return cases;
    }
}
