using System.Text.Json;

namespace WebTrainer.Protocol;

/// <summary>
/// Where a model came from: its name on the Hugging Face hub, in a file of its folder. It says where other programs find the base of an
/// adapter; it is no part of the model's identity.
/// </summary>
public static class ModelOrigin
{
    /// <summary>The file's name in the model's folder.</summary>
    public const string FileName = "webtrainer-origin.json";
    private const long MaximumBytes = 4 << 10;

    /// <summary>Notes the name, <c>owner/name</c>, under which the folder's model was fetched from the hub.</summary>
    public static void Write(string folder, string hubName) =>
        AtomicFile.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(new Origin(hubName), ProtocolJson.Document));

    /// <returns>The model's name on the hub, <c>owner/name</c>; null where it came otherwise, or nobody knows.</returns>
    public static string? HubNameOf(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path) || new FileInfo(path).Length > MaximumBytes)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<Origin>(File.ReadAllText(path), ProtocolJson.Document)?.Hub is { Length: > 0 } name
                ? name
                : null;
        }
        catch (JsonException)
        {
            return null; // damaged: the model is as good without it
        }
    }

    /// <returns>The model's name on the hub where that is known, else its folder's.</returns>
    public static string NameOf(string folder) => HubNameOf(folder) ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));

    private sealed record Origin(string? Hub);
}
