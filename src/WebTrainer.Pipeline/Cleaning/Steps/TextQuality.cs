namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>The rules behind <see cref="QualityStep"/>; each gives the fault as a sentence, or null.</summary>
internal static class TextQuality
{
    /// <summary>
    /// The rules on shares of a text were made for pages of 50 words and more: in a short text one repeated phrase is much of it.
    /// </summary>
    private const int LeastWordsForShares = 50;

    /// <summary>Share of all characters that the commonest sequence of so many words may have.</summary>
    private static readonly (int Words, double Share)[] s_topNgrams = [(2, 0.20), (3, 0.18), (4, 0.16)];

    /// <summary>Share of all characters that repeated sequences of so many words may have together.</summary>
    private static readonly (int Words, double Share)[] s_repeatedNgrams =
    [
        (5, 0.15),
        (6, 0.14),
        (7, 0.13),
        (8, 0.12),
        (9, 0.11),
        (10, 0.10),
    ];

    private static readonly HashSet<string> s_stopWords = new(
        ["the", "be", "to", "of", "and", "that", "have", "with"],
        StringComparer.OrdinalIgnoreCase
    );

    public static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    public static string? PageFault(string[] words)
    {
        if (words.Length < 50)
        {
            return "It has fewer than 50 words.";
        }

        if (words.Length > 100_000)
        {
            return "It has more than 100,000 words.";
        }

        return words.Where(s_stopWords.Contains).Distinct(StringComparer.OrdinalIgnoreCase).Count() < 2
            ? "It has fewer than two of the commonest English words."
            : null;
    }

    public static string? SymbolFault(string text, string[] words)
    {
        if (words.Length == 0)
        {
            return "It has no words.";
        }

        var mean = words.Average(w => w.Length);
        // One word says little about a mean: labels and short answers are often one.
        if (words.Length >= LeastWordsForShares && mean is < 3 or > 10)
        {
            return "Its words are 3 to 10 characters long on average in good text; these are not.";
        }

        if (Count(text, "#") + Count(text, "...") + Count(text, "…") > 0.1 * words.Length && words.Length >= 10)
        {
            return "It has more than one # or … for ten words.";
        }

        if (words.Count(w => w.Any(char.IsLetter)) < 0.8 * words.Length && words.Length >= 10)
        {
            return "More than a fifth of its words have no letter.";
        }

        return LineFault(text);
    }

    public static string? BoilerplateFault(string text)
    {
        if (text.Contains("lorem ipsum", StringComparison.OrdinalIgnoreCase))
        {
            return "It holds placeholder text (lorem ipsum).";
        }

        return text.Contains('{', StringComparison.Ordinal) ? "It holds braces, as program code does." : null;
    }

    public static string? RepetitionFault(string text, string[] words)
    {
        if (words.Length < LeastWordsForShares)
        {
            return null;
        }

        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var paragraphs = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (Repeated(lines) is { } l && (l.Share > 0.30 || l.Characters > 0.20 * text.Length))
        {
            return "Many of its lines are repeated.";
        }

        if (Repeated(paragraphs) is { } p && (p.Share > 0.30 || p.Characters > 0.20 * text.Length))
        {
            return "Many of its paragraphs are repeated.";
        }

        var characters = words.Sum(w => w.Length);
        foreach (var (n, share) in s_topNgrams)
        {
            if (TopNgramCharacters(words, n) > share * characters)
            {
                return $"One sequence of {n} words makes up much of it.";
            }
        }

        foreach (var (n, share) in s_repeatedNgrams)
        {
            if (RepeatedNgramCharacters(words, n) > share * characters)
            {
                return $"Sequences of {n} words are repeated through much of it.";
            }
        }

        return null;
    }

    private static string? LineFault(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Length < 5)
        {
            return null;
        }

        if (lines.Count(l => l[0] is '•' or '-' or '*' or '–') > 0.9 * lines.Length)
        {
            return "More than nine tenths of its lines are bullets.";
        }

        return lines.Count(l => l.EndsWith('…') || l.EndsWith("...", StringComparison.Ordinal)) > 0.3 * lines.Length
            ? "Nearly a third of its lines break off with an ellipsis."
            : null;
    }

    private static (double Share, long Characters)? Repeated(string[] parts)
    {
        if (parts.Length < 2)
        {
            return null;
        }

        var seen = new HashSet<string>();
        var repeated = parts.Where(p => !seen.Add(p)).ToList();
        return ((double)repeated.Count / parts.Length, repeated.Sum(p => (long)p.Length));
    }

    private static long TopNgramCharacters(string[] words, int n)
    {
        var counts = new Dictionary<int, (int Count, int First)>();
        foreach (var (hash, at) in Ngrams(words, n))
        {
            counts[hash] = counts.TryGetValue(hash, out var known) ? (known.Count + 1, known.First) : (1, at);
        }

        var top = counts.Values.DefaultIfEmpty().MaxBy(c => c.Count);
        return top.Count < 2 ? 0 : (long)top.Count * Length(words, top.First, n);
    }

    private static long RepeatedNgramCharacters(string[] words, int n)
    {
        var seen = new HashSet<int>();
        var covered = 0;
        long characters = 0;
        foreach (var (hash, at) in Ngrams(words, n))
        {
            if (seen.Add(hash))
            {
                continue;
            }
            // Sequences overlap; each word counts once.
            var from = Math.Max(covered, at);
            for (var i = from; i < at + n; i++)
            {
                characters += words[i].Length;
            }

            covered = at + n;
        }

        return characters;
    }

    private static IEnumerable<(int Hash, int At)> Ngrams(string[] words, int n)
    {
        for (var i = 0; i + n <= words.Length; i++)
        {
            var hash = new HashCode();
            for (var j = i; j < i + n; j++)
            {
                hash.Add(words[j], StringComparer.Ordinal);
            }

            yield return (hash.ToHashCode(), i);
        }
    }

    private static int Length(string[] words, int at, int n) => words.AsSpan(at, n).ToArray().Sum(w => w.Length);

    private static int Count(string text, string part) => text.AsSpan().Count(part);
}
