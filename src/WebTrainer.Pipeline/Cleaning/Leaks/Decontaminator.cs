using System.Text;

namespace WebTrainer.Pipeline.Cleaning.Leaks;

/// <summary>Cuts what stands in evaluation sets out of documents, exactly as the Language Model Evaluation Harness does.</summary>
/// <remarks>
/// After <c>lm_eval/decontamination/janitor.py</c>, with its quirks: sequences to find are normalised before they are cut into words,
/// those of a document after it, so a punctuation mark that stands alone shifts a document's sequences; and only the last piece
/// begins one character after what was cut. Positions are UTF-16 units.
/// </remarks>
internal sealed class Decontaminator(int words = 13, int window = 200, int tooDirty = 10, int shortestPiece = 200)
{
    private readonly HashSet<string> _dirty = [];

    /// <summary>Adds a text of an evaluation set.</summary>
    public void Register(string contaminant)
    {
        var tokens = Normal(contaminant).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i + words <= tokens.Length; i++)
        {
            _dirty.Add(string.Join(' ', tokens, i, words));
        }
    }

    /// <summary>Word sequences of the document that stand in an evaluation set.</summary>
    public int Overlaps(string document) => Dirty(document).Count();

    /// <returns>What is left around the overlaps; nothing where there are more than <c>tooDirty</c> of them.</returns>
    public IReadOnlyList<string> Clean(string document)
    {
        var pieces = new List<string>();
        var (splice, end, met) = (0, -1, 0);
        foreach (var (first, last) in Dirty(document))
        {
            if (met++ >= tooDirty)
            {
                return [];
            }

            var start = Math.Max(0, first - window);
            end = Math.Min(document.Length, last + window);
            if (start - splice > shortestPiece)
            {
                pieces.Add(document[splice..start]);
            }

            splice = end;
        }

        if (end < document.Length - shortestPiece)
        {
            pieces.Add(document[Math.Min(document.Length, end + 1)..]);
        }

        return pieces;
    }

    /// <returns>First and last character of each sequence to be cut out.</returns>
    private IEnumerable<(int First, int Last)> Dirty(string document)
    {
        var tokens = Tokens(document);
        for (var i = 0; i + words <= tokens.Count; i++)
        {
            var sequence = string.Join(' ', tokens.Skip(i).Take(words).Select(t => document.Substring(t.First, t.Last - t.First + 1)));
            if (_dirty.Contains(Normal(sequence)))
            {
                yield return (tokens[i].First, tokens[i + words - 1].Last);
            }
        }
    }

    private static List<(int First, int Last)> Tokens(string text)
    {
        var tokens = new List<(int, int)>();
        for (var i = 0; i < text.Length; )
        {
            while (i < text.Length && char.IsWhiteSpace(text[i]))
            {
                i++;
            }

            var first = i;
            while (i < text.Length && !char.IsWhiteSpace(text[i]))
            {
                i++;
            }

            if (i > first)
            {
                tokens.Add((first, i - 1));
            }
        }

        return tokens;
    }

    private static string Normal(string text)
    {
        var normal = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (!char.IsAscii(c))
            {
                normal.Append(c);
            }
            else if (!char.IsPunctuation(c) && !char.IsSymbol(c))
            {
                normal.Append(char.ToLowerInvariant(c));
            }
        }

        return normal.ToString();
    }
}
