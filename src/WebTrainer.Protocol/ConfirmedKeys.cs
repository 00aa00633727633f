using System.Text.Json;
using System.Text.RegularExpressions;

namespace WebTrainer.Protocol;

/// <summary>
/// Keys of a <c>config.json</c> that are not understood, of which somebody has said by name that they change nothing in what the model
/// computes. They are kept in a file beside it, which is part of the model's identity (<see cref="ModelHash"/>).
/// </summary>
public static partial class ConfirmedKeys
{
    /// <summary>The file's name beside <c>config.json</c>.</summary>
    public const string FileName = "confirmed_keys.json";

    /// <summary>
    /// Keys that can be confirmed of one model, and UTF-16 units of a key's name; more is refused where somebody confirms.
    /// </summary>
    public const int Most = 50,
        LongestName = 100;
    private const long MaximumBytes = 64 << 10;

    /// <returns>Empty where nothing was confirmed.</returns>
    /// <exception cref="ModelFileException">The file is no list of names.</exception>
    public static IReadOnlySet<string> Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return new HashSet<string>();
        }

        ModelFileException.ThrowIfTooLarge(path, MaximumBytes);
        try
        {
            return JsonSerializer.Deserialize<HashSet<string>>(File.ReadAllText(path), ProtocolJson.Document) ?? [];
        }
        catch (JsonException exception)
        {
            throw new ModelFileException($"{FileName} is no list of names.", exception);
        }
    }

    /// <summary>Writes what was confirmed, and takes away what the folder brought of its own: nobody confirms for others.</summary>
    public static void Write(string folder, IReadOnlyCollection<string> keys)
    {
        var path = Path.Combine(folder, FileName);
        File.Delete(path);
        if (keys.Count > 0)
        {
            AtomicFile.WriteAllText(
                path,
                JsonSerializer.Serialize(keys.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), ProtocolJson.Document)
            );
        }
    }

    /// <summary>What is said of keys that are not understood.</summary>
    public static string Refusal(IReadOnlyList<string> keys) =>
        keys.Count == 1
            ? $"config.json has the key '{keys[0]}', which is not known for this architecture."
            : $"config.json has the keys {string.Join(", ", keys.Select(name => $"'{name}'"))}, which are not known for this architecture.";

    /// <returns>The keys that a <see cref="Refusal"/> somewhere in a message names; empty where there is none.</returns>
    public static IReadOnlyList<string> FindIn(string message) =>
        [.. Name().Matches(Sentence().Match(message).Value).Select(name => name.Value[1..^1]).Distinct(StringComparer.Ordinal)];

    [GeneratedRegex(
        @"config\.json has the keys? '[^']*'(, '[^']*')*, which (is|are) not known for this architecture\.",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking
    )]
    private static partial Regex Sentence();

    [GeneratedRegex("'[^']*'", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
