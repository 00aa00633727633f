using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Templates;

/// <summary>
/// The tokens at which a model's files say that its turn is over: <c>eos_token_id</c> of <c>generation_config.json</c> and of
/// <c>config.json</c>, each one id or several.
/// </summary>
public static class EndTokens
{
    private const string Key = "eos_token_id";
    private const long MaximumBytes = 1L << 20;
    private static readonly string[] s_files = ["generation_config.json", "config.json"];

    /// <exception cref="ModelFileException">A file is too large or no JSON.</exception>
    public static IReadOnlySet<int> Of(string folder) =>
        s_files.Select(name => Path.Combine(folder, name)).Where(File.Exists).SelectMany(IdsIn).ToHashSet();

    private static List<int> IdsIn(string path)
    {
        ModelFileException.ThrowIfTooLarge(path, MaximumBytes);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 32 });
            var root = document.RootElement;
            return root.ValueKind != JsonValueKind.Object
                ? []
                : [.. IdsOf(root), .. ModelTypes.TextPartOf(root) is { } part ? IdsOf(part) : []];
        }
        catch (JsonException exception)
        {
            throw new ModelFileException($"{Path.GetFileName(path)} is no JSON: {exception.Message}", exception);
        }
    }

    private static IEnumerable<int> IdsOf(JsonElement root) =>
        !root.TryGetProperty(Key, out var value)
            ? []
            : (value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToList() : [value])
                .Where(id => id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out _))
                .Select(id => id.GetInt32());
}
