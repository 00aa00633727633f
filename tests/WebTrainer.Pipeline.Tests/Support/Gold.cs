using System.Text.Json;

namespace WebTrainer.Pipeline.Tests.Support;

/// <summary>
/// Values that reference programs gave, where they lie beside the repository; tests that want them are skipped elsewhere.
/// </summary>
internal static class Gold
{
    public static IReadOnlyList<JsonElement> Cases(string name)
    {
        var file = Path.Combine("shared", "gold", name + ".json");
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, file);
            if (File.Exists(path))
            {
                return [.. JsonDocument.Parse(File.ReadAllBytes(path)).RootElement.GetProperty("cases").EnumerateArray()];
            }
        }

        Assert.Skip($"The reference values {file} are not beside this repository.");
        return [];
    }

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static string[] Texts(this JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(e => e.GetString()!)];
}
