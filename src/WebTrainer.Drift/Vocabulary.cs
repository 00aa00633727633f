using System.Globalization;
using System.Text;

namespace WebTrainer.Drift;

/// <summary>The words of the reference's texts, and how many of a text's words no other text has.</summary>
/// <remarks>
/// A word is unknown to a text where no other text of the reference has it; the text itself doesn't count, nor do its repetitions. So
/// rows of the reference and
/// of the window are judged alike, and a word that stands in one text alone is unknown in both.
/// </remarks>
public sealed class Vocabulary
{
    private readonly Dictionary<string, (string Text, bool InOthers)> _words = [];

    /// <param name="texts">Of the reference.</param>
    public Vocabulary(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        foreach (var text in texts)
        {
            foreach (var word in Words(text).Distinct())
            {
                _words[word] = _words.TryGetValue(word, out var first) ? (first.Text, first.InOthers || first.Text != text) : (text, false);
            }
        }
    }

    /// <summary>Share of a text's words that no other text of the reference has, from 0 to 1; 0 for a text without words.</summary>
    public double ShareOfUnknown(string text)
    {
        var words = Words(text);
        return words.Count == 0 ? 0 : (double)words.Count(word => IsUnknown(word, text)) / words.Count;
    }

    /// <summary>The words of a text that no other text of the reference has, each once.</summary>
    public IReadOnlyList<string> UnknownOf(string text) => [.. Words(text).Distinct().Where(word => IsUnknown(word, text))];

    private bool IsUnknown(string word, string text) => !_words.TryGetValue(word, out var first) || (!first.InOthers && first.Text == text);

    /// <summary>Runs of letters, marks and digits, in lower case. A text that sets no words apart, as in Chinese, gives long
    /// ones.</summary>
    public static IReadOnlyList<string> Words(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (words, word) = (new List<string>(), new StringBuilder());
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsPart(rune))
            {
                word.Append(Rune.ToLowerInvariant(rune).ToString());
            }
            else if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }

        if (word.Length > 0)
        {
            words.Add(word.ToString());
        }

        return words;
    }

    private static bool IsPart(Rune rune) =>
        Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
