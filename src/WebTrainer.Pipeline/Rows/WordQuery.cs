using System.Buffers;
using System.Globalization;
using System.Text;

namespace WebTrainer.Pipeline.Rows;

/// <summary>A word, a phrase, or the beginning of a word that rows must hold.</summary>
/// <param name="Text">As typed, without its quotes and star.</param>
/// <param name="IsPrefix">Whether the last word may go on.</param>
public sealed record WordTerm(string Text, bool IsPrefix);

/// <summary>What somebody looks for: <c>card "not arrived" deliv*</c>. A row must hold all of it, in any part.</summary>
public sealed record WordQuery(IReadOnlyList<WordTerm> Terms)
{
    private const int MaxLength = 500;

    private static readonly SearchValues<char> s_closing = SearchValues.Create("\"“”»");
    private static readonly SearchValues<char> s_afterWord = SearchValues.Create(" \t\r\n\"“”«");

    /// <summary>Reads what was typed; anything can be typed. A quote that isn't closed ends with the text.</summary>
    /// <returns>Null where it holds no letter or digit.</returns>
    public static WordQuery? Parse(string? typed)
    {
        var text = typed is { Length: > MaxLength } ? typed[..MaxLength] : typed ?? "";
        var terms = new List<WordTerm>();
        for (var i = 0; i < text.Length; )
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }

            var quoted = text[i] is '"' or '“' or '”' or '«';
            var end = quoted ? text.AsSpan(i + 1).IndexOfAny(s_closing) : text.AsSpan(i).IndexOfAny(s_afterWord);
            var start = quoted ? i + 1 : i;
            end = end < 0 ? text.Length : start + end;
            var next = quoted && end < text.Length ? end + 1 : end;
            var star = quoted ? next < text.Length && text[next] == '*' : end > start && text[end - 1] == '*';
            var said = text[start..end].Trim('*', ' ');
            if (SearchText.Fold(said).Any(char.IsLetterOrDigit))
            {
                terms.Add(new WordTerm(said, star));
            }

            i = Math.Max(next + (quoted && star ? 1 : 0), i + 1);
        }

        return terms.Count == 0 ? null : new WordQuery(terms);
    }

    /// <summary>Whether an index of words set apart by spaces can answer it: Chinese, Japanese, Thai and the like write none.</summary>
    public bool IsOfWords => !Terms.Any(t => t.Text.EnumerateRunes().Any(WritesNoSpaces));

    /// <summary>The query in the language of SQLite's FTS5, in which every character of a quoted string is text.</summary>
    internal string ToFts5() => string.Join(" AND ", Terms.Select((_, i) => $"({string.Join(" OR ", Writings(i).Select(Quoted))})"));

    /// <summary>
    /// The ways in which a term may be written in a text: its own, and where it is of the Arabic script, with its parts joined or set
    /// apart; together with a word beside it too.
    /// </summary>
    private IEnumerable<WordTerm> Writings(int index)
    {
        var term = Terms[index];
        foreach (var parts in WordParts.Of(term.Text))
        {
            yield return term with
            {
                Text = parts,
            };
        }

        foreach (var (_, joined) in JoinedWith(index))
        {
            yield return joined;
        }

        // «کتاب» finds «کتابهایم» and the other way round; an ending that stands apart is a word of its own and found with the word.
        var word = SearchText.WithJoints(SearchText.Fold(term.Text), "");
        foreach (var form in term.IsPrefix || !WordParts.IsWord(word) ? [] : PersianForms.Others(word))
        {
            yield return term with
            {
                Text = form,
            };
        }
    }

    /// <summary>Words that were typed with spaces between them, as one word: each of them is found where that one is.</summary>
    /// <returns>Each with a name of its own in this query.</returns>
    internal IEnumerable<(string Name, WordTerm Term)> JoinedWith(int index)
    {
        for (var count = 2; count <= WordParts.MostParts; count++)
        {
            for (var first = Math.Max(0, index - count + 1); first <= index && first + count <= Terms.Count; first++)
            {
                WordTerm[] terms = [.. Terms.Skip(first).Take(count)];
                var parts = Array.ConvertAll(terms, t => SearchText.Fold(t.Text));
                if (Array.TrueForAll(parts, WordParts.IsWord) && !terms.SkipLast(1).Any(t => t.IsPrefix))
                {
                    yield return ($"joined{first}x{count}", terms[^1] with { Text = string.Concat(parts) });
                }
            }
        }
    }

    private static string Quoted(WordTerm term) =>
        $"\"{SearchText.FoldWords(term.Text).Replace("\"", "\"\"", StringComparison.Ordinal)}\"{(term.IsPrefix ? " *" : "")}";

    private static bool WritesNoSpaces(Rune rune) =>
        Rune.GetUnicodeCategory(rune) == UnicodeCategory.OtherLetter
        && rune.Value switch
        {
            >= 0x0E00 and <= 0x0EFF => true, // Thai, Lao
            >= 0x1000 and <= 0x109F or (>= 0x1780 and <= 0x17FF) => true, // Burmese, Khmer
            >= 0x2E80 and <= 0x9FFF or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF) => true, // Chinese, Japanese
            _ => false,
        };
}
