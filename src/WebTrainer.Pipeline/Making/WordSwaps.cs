using System.Text.RegularExpressions;

namespace WebTrainer.Pipeline.Making;

/// <summary>Words that stand for each other, both ways at once.</summary>
public sealed class WordSwaps
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private readonly Dictionary<string, string> _other = new(StringComparer.OrdinalIgnoreCase);
    private readonly Regex _any;

    /// <param name="pairs">No word stands in two of them.</param>
    public WordSwaps(IReadOnlyList<WordPair> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        foreach (var (one, other) in pairs)
        {
            (_other[one.Trim()], _other[other.Trim()]) = (other.Trim(), one.Trim());
        }

        // The longest first: "he or she" before "he". No letter, digit or mark may touch the word.
        var words = _other.Keys.OrderByDescending(word => word.Length).Select(Regex.Escape);
        _any = new Regex(
            $@"(?<![\p{{L}}\p{{M}}\p{{N}}])(?:{string.Join('|', words)})(?![\p{{L}}\p{{M}}\p{{N}}])",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
            s_patience
        );
    }

    /// <summary>The text with each of the words replaced by its other one, in its case; the same text where it has none.</summary>
    public string In(string text) => _any.Replace(text, found => Cased(_other[found.Value], found.Value));

    private static string Cased(string word, string like) =>
        like.Length > 1 && like.All(c => !char.IsLower(c)) && like.Any(char.IsUpper) ? word.ToUpperInvariant()
        : char.IsUpper(like[0]) ? char.ToUpperInvariant(word[0]) + word[1..]
        : word;
}
