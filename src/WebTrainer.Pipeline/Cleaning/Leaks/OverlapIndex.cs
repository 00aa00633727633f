using System.Text;
using WebTrainer.Pipeline.Rows;

namespace WebTrainer.Pipeline.Cleaning.Leaks;

/// <summary>Knows the word sequences of rows that judge, and tells whether another row has one of them.</summary>
/// <remarks>
/// Words are lower-case and without punctuation. Sequences that many judging rows have in common, such as an instruction set before
/// each of them, say nothing about leaks and don't count (as in Brown et al., arXiv:2005.14165, appendix C).
/// </remarks>
internal sealed class OverlapIndex(int words)
{
    /// <summary>Judging rows that may have a sequence in common before it counts as a set phrase.</summary>
    private const int MostCommon = 10;

    private readonly List<(string[] Prompt, string[] Response)> _rows = [];
    private readonly HashSet<UInt128> _prompts = [];
    private readonly Lock _adding = new();
    private Known? _known;

    public bool IsEmpty => _prompts.Count == 0;

    public void Add(CanonicalRow row)
    {
        var (prompt, response) = (Normal(row.Prompt), Normal(row.Response ?? ""));
        lock (_adding)
        {
            _known = null;
            _rows.Add((prompt, response));
            _prompts.Add(Duplicates.TextKey.Md5(string.Join(' ', prompt)));
        }
    }

    /// <summary>
    /// Whether the row's prompt is one that judges, or its texts have a sequence in common with one. Not while rows are added.
    /// </summary>
    public bool Overlaps(CanonicalRow row)
    {
        var prompt = Normal(row.Prompt);
        if (_prompts.Contains(Duplicates.TextKey.Md5(string.Join(' ', prompt))))
        {
            return true;
        }

        Known known;
        lock (_adding)
        {
            known = _known ??= Learn();
        }

        return Sequences(known.WithoutOpening(prompt)).Any(known.IsTelling) || Sequences(Normal(row.Response ?? "")).Any(known.IsTelling);
    }

    /// <summary>Whether the row's prompt is one that judges.</summary>
    /// <remarks>
    /// What validation is held against: its rows are dealt from those to train on and share their set phrases, and they only say when
    /// to stop.
    /// </remarks>
    public bool HasPrompt(CanonicalRow row) => _prompts.Contains(Duplicates.TextKey.Md5(string.Join(' ', Normal(row.Prompt))));

    private Known Learn()
    {
        var opening = OpeningOf([.. _rows.Select(row => row.Prompt)]);
        var known = new Known(opening, _rows.Count, []);
        foreach (var (prompt, response) in _rows)
        {
            foreach (var sequence in Sequences(known.WithoutOpening(prompt)).Concat(Sequences(response)).ToHashSet())
            {
                known.Sequences[sequence] = known.Sequences.GetValueOrDefault(sequence) + 1;
            }
        }

        return known;
    }

    /// <summary>
    /// The words with which more than half of the prompts begin: an instruction. It is left out before sequences are made, since one
    /// that reaches two words beyond an instruction of eleven says no more than those two.
    /// </summary>
    private static string[] OpeningOf(List<string[]> prompts)
    {
        var alike = prompts;
        for (var length = 0; ; length++)
        {
            var next = alike
                .Where(prompt => prompt.Length > length)
                .GroupBy(prompt => prompt[length], StringComparer.Ordinal)
                .MaxBy(group => group.Count());
            if (next is null || next.Count() < 2 || next.Count() * 2 <= prompts.Count)
            {
                return length == 0 ? [] : alike[0][..length];
            }

            alike = [.. next];
        }
    }

    /// <summary>What the judging rows have in them.</summary>
    /// <param name="Sequences">In how many rows each stands.</param>
    private sealed record Known(string[] Opening, int Rows, Dictionary<UInt128, int> Sequences)
    {
        public string[] WithoutOpening(string[] prompt) =>
            Opening.Length > 0 && prompt.AsSpan().StartsWith(Opening, StringComparer.Ordinal) ? prompt[Opening.Length..] : prompt;

        /// <summary>A sequence that most of the judging rows have is a set phrase too, however few they are.</summary>
        public bool IsTelling(UInt128 sequence) =>
            Sequences.TryGetValue(sequence, out var rows) && rows <= MostCommon && (rows == 1 || rows <= Rows / 2);
    }

    private IEnumerable<UInt128> Sequences(string[] text)
    {
        for (var i = 0; i + words <= text.Length; i++)
        {
            yield return Duplicates.TextKey.Md5(string.Join(' ', text, i, words));
        }
    }

    /// <summary>The words of a text in lower case, without signs; Persian ones in one of their spellings.</summary>
    internal static string[] Normal(string text)
    {
        var normal = new StringBuilder(text.Length);
        foreach (var c in PersianForms.Same(text))
        {
            if (char.IsLetterOrDigit(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark)
            {
                normal.Append(char.ToLowerInvariant(c));
            }
            else if (char.IsWhiteSpace(c) || c == '-')
            {
                normal.Append(' ');
            }
        }

        return normal.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }
}
