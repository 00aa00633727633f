using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Models;

/// <summary>How the vectors of a text's tokens become one.</summary>
public enum PoolingKind
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>The first token's, which stands for the whole text.</summary>
    Cls,
}

/// <summary>
/// How a text becomes a vector, as a sentence-transformers folder says (<see cref="SentenceFiles"/>); the mean of all tokens in a folder
/// that says nothing. What would be another vector here than there is refused.
/// </summary>
/// <param name="Pooling">How the tokens' vectors become one.</param>
/// <param name="MaximumTokens">Tokens that are read of a text; null where the model's context is the only limit.</param>
/// <param name="LowerCase">Texts are written in small letters first.</param>
public sealed record SentenceSettings(PoolingKind Pooling, int? MaximumTokens, bool LowerCase)
{
    private const long MaximumBytes = 1L << 20;
    private const string FlagPrefix = "pooling_mode_";

    /// <exception cref="ModelFileException">A file is malformed, or says what can't be done here.</exception>
    public static SentenceSettings Read(string folder)
    {
        var pools = HasPooling(folder);
        var pooling =
            Read(folder, SentenceFiles.Pooling) is { } text ? PoolingOf(text)
            : !pools ? PoolingKind.Mean
            : throw new ModelFileException(
                $"{SentenceFiles.Modules} names a pooling, but {SentenceFiles.Pooling} is missing from the folder."
            );
        var settings = Read(folder, SentenceFiles.Settings);
        return new(pooling, MaximumOf(settings), settings is { } root && IsSet(root, "do_lower_case"));
    }

    /// <summary>
    /// Whether the parts of the model include a pooling. Vectors are brought to length 1 in any case, so that part may be there or not.
    /// </summary>
    private static bool HasPooling(string folder)
    {
        if (Read(folder, SentenceFiles.Modules) is not { } modules)
        {
            return false;
        }

        if (modules.ValueKind != JsonValueKind.Array)
        {
            throw new ModelFileException($"{SentenceFiles.Modules} is no list of parts.");
        }

        var pools = false;
        foreach (var module in modules.EnumerateArray())
        {
            var (type, path) = (TextOf(module, "type").Split('.')[^1], TextOf(module, "path"));
            pools |= type == "Pooling";
            var known = type switch
            {
                "Transformer" => path.Length == 0,
                "Pooling" => path == SentenceFiles.PoolingFolder,
                "Normalize" => true,
                _ => throw new ModelFileException(
                    $"The model has a part '{type}' after its encoder ({SentenceFiles.Modules}), which is not known here; known are Transformer, Pooling and Normalize."
                ),
            };
            if (!known)
            {
                throw new ModelFileException(
                    $"{SentenceFiles.Modules} has its {type} in the folder '{path}', where it is not looked for: the encoder's own files lie at the top, the pooling's in {SentenceFiles.PoolingFolder}."
                );
            }
        }

        return pools;
    }

    /// <summary>Files have a flag a kind of pooling, newer ones its name.</summary>
    private static PoolingKind PoolingOf(JsonElement root)
    {
        var named = TextOf(root, "pooling_mode");
        string[] chosen =
            named.Length > 0
                ? [named]
                :
                [
                    .. root.EnumerateObject()
                        .Where(flag =>
                            flag.Name.StartsWith(FlagPrefix, StringComparison.Ordinal) && flag.Value.ValueKind == JsonValueKind.True
                        )
                        .Select(flag => flag.Name[FlagPrefix.Length..]),
                ];
        return chosen switch
        {
            ["mean_tokens" or "mean"] => PoolingKind.Mean,
            ["cls_token" or "cls"] => PoolingKind.Cls,
            _ => throw new ModelFileException(
                $"{SentenceFiles.Pooling} asks for the pooling '{string.Join(", ", chosen)}'; the mean of all tokens (mean_tokens) and the first token (cls_token) are known here."
            ),
        };
    }

    private static int? MaximumOf(JsonElement? settings)
    {
        if (settings is not { } root || !root.TryGetProperty("max_seq_length", out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var tokens) && tokens >= SentenceEncoder.LeastTokens
            ? tokens
            : throw new ModelFileException(
                $"{SentenceFiles.Settings}: max_seq_length is {value.GetRawText()}; it must be {SentenceEncoder.LeastTokens} or more."
            );
    }

    private static bool IsSet(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static string TextOf(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";

    /// <returns>Null where the folder has no such file.</returns>
    private static JsonElement? Read(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            return null;
        }

        ModelFileException.ThrowIfTooLarge(path, MaximumBytes);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 8 });
            return document.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array
                ? document.RootElement.Clone()
                : throw new ModelFileException($"{name} is neither an object nor a list.");
        }
        catch (JsonException exception)
        {
            throw new ModelFileException($"{name} can't be read: {exception.Message}", exception);
        }
    }
}
