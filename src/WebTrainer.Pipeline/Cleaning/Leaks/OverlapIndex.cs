using System.Text;

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

    private readonly Dictionary<UInt128, int> _sequences = [];
    private readonly HashSet<UInt128> _prompts = [];
    private int _rows;

    public bool IsEmpty => _prompts.Count == 0;

    public void Add(CanonicalRow row)
    {
        var prompt = Normal(row.Prompt);
        var sequences = Sequences(prompt).Concat(Sequences(Normal(row.Response ?? ""))).ToHashSet();
        lock (_sequences)
        {
            _rows++;
            _prompts.Add(Duplicates.TextKey.Md5(string.Join(' ', prompt)));
            foreach (var sequence in sequences) _sequences[sequence] = _sequences.GetValueOrDefault(sequence) + 1;
        }
    }

    /// <summary>Whether the row's prompt is one that judges, or its texts have a sequence in common with one. Not while rows are added.</summary>
    public bool Overlaps(CanonicalRow row)
    {
        var prompt = Normal(row.Prompt);
        return _prompts.Contains(Duplicates.TextKey.Md5(string.Join(' ', prompt)))
            || Sequences(prompt).Any(IsTelling) || Sequences(Normal(row.Response ?? "")).Any(IsTelling);
    }

    /// <summary>Whether the row's prompt is one that judges.</summary>
    /// <remarks>
    /// What validation is held against: its rows are dealt from those to train on and share their set phrases, and they only say when
    /// to stop.
    /// </remarks>
    public bool HasPrompt(CanonicalRow row) => _prompts.Contains(Duplicates.TextKey.Md5(string.Join(' ', Normal(row.Prompt))));

    /// <summary>A sequence that most of the judging rows have is a set phrase too, however few they are.</summary>
    private bool IsTelling(UInt128 sequence) =>
        _sequences.TryGetValue(sequence, out var rows) && rows <= MostCommon && (rows == 1 || rows <= _rows / 2);

    private IEnumerable<UInt128> Sequences(string[] text)
    {
        for (var i = 0; i + words <= text.Length; i++) yield return Duplicates.TextKey.Md5(string.Join(' ', text, i, words));
    }

    /// <summary>The words of a text in lower case, without signs.</summary>
    internal static string[] Normal(string text)
    {
        var normal = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsLetterOrDigit(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark) normal.Append(char.ToLowerInvariant(c));
            else if (char.IsWhiteSpace(c) || c == '-') normal.Append(' ');
        }

        return normal.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }
}
