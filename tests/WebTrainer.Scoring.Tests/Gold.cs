using System.Text.Json;

namespace WebTrainer.Scoring.Tests;

/// <summary>Reference values that other implementations gave; see each file's own "source".</summary>
internal static class Gold
{
    public static IEnumerable<JsonElement> Cases(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedFiles.Find("gold", file)));
        return [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(entry => entry.Clone())];
    }

    public static JsonElement Case(string file, string kind) => Cases(file).Single(entry => entry.GetProperty("kind").GetString() == kind);

    public static double[] Numbers(this JsonElement entry, string name) =>
        [.. entry.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];

    public static string[] Texts(this JsonElement entry, string name) =>
        [.. entry.GetProperty(name).EnumerateArray().Select(value => value.GetString()!)];

    public static double Number(this JsonElement entry, string name) => entry.GetProperty(name).GetDouble();
}
