using System.Text;
using WebTrainer.Statistics;

namespace WebTrainer.Pipeline.Making;

/// <summary>Errors as fingers make them: two letters swapped, one left out, typed twice, or a neighbour's on the keyboard.</summary>
public static class TypingErrors
{
    /// <summary>Words of fewer letters stay: they would become other words.</summary>
    public const int LeastLetters = 4;

    // Rows of the usual layouts; letters of other scripts are swapped, dropped and doubled alone.
    private static readonly string[] s_rows = ["qwertyuiop", "asdfghjkl", "zxcvbnm", "ضصثقفغعهخحجچ", "شسیبلاتنمکگ", "ظطزرذدپو"];

    /// <summary>The text with an error in some of its words; words with digits or signs stay, for they are often names and
    /// numbers.</summary>
    /// <param name="wordShare">Of the words that may get one, 0 to 1.</param>
    public static string In(string text, double wordShare, ref SplitMix random)
    {
        ArgumentNullException.ThrowIfNull(text);
        var result = new StringBuilder(text.Length + 8);
        for (var i = 0; i < text.Length; )
        {
            var end = i;
            while (end < text.Length && !char.IsWhiteSpace(text[end]))
            {
                end++;
            }

            var word = text[i..end];
            var letters = word.TrimEnd('.', ',', ';', ':', '!', '?', '؟', '،');
            result.Append(
                letters.Length >= LeastLetters && letters.All(char.IsLetter) && random.Share() < wordShare
                    ? Mistyped(letters, ref random) + word[letters.Length..]
                    : word
            );
            for (i = end; i < text.Length && char.IsWhiteSpace(text[i]); i++)
            {
                result.Append(text[i]);
            }
        }

        return result.ToString();
    }

    private static string Mistyped(string word, ref SplitMix random)
    {
        var at = 1 + random.Below(word.Length - 2); // the first letter is seldom wrong
        var kind = random.Below(4);
        return kind switch
        {
            0 when word[at] != word[at + 1] => $"{word[..at]}{word[at + 1]}{word[at]}{word[(at + 2)..]}",
            1 => word.Remove(at, 1),
            2 => word.Insert(at, word[at].ToString()),
            _ => Neighbour(word[at], ref random) is { } other ? $"{word[..at]}{other}{word[(at + 1)..]}" : word.Remove(at, 1),
        };
    }

    private static char? Neighbour(char letter, ref SplitMix random)
    {
        var lower = char.ToLowerInvariant(letter);
        if (Array.Find(s_rows, keys => keys.Contains(lower, StringComparison.Ordinal)) is not { } row)
        {
            return null;
        }

        var at = row.IndexOf(lower, StringComparison.Ordinal);
        var other =
            at == 0 ? row[1]
            : at == row.Length - 1 || random.Below(2) == 0 ? row[at - 1]
            : row[at + 1];
        return char.IsUpper(letter) ? char.ToUpperInvariant(other) : other;
    }
}
