using System.Text;

namespace WebTrainer.Pipeline.Rows;

/// <summary>
/// A piece of text that others are looked through for, however it is written (<see cref="SearchText"/>). Words of the Arabic script that
/// some write with a zero-width non-joiner, some with a space and some in one are one word: می‌شود, می شود, میشود.
/// </summary>
/// <remarks>
/// Spaces between Arabic letters don't count, but a text is not taken for one that holds a word because the end of one and the beginning of
/// the next happen to spell it: where only the text has a space, what is found has to begin and end where words do.
/// </remarks>
public sealed class SearchPhrase
{
    private readonly Joined _sought;

    /// <param name="text">As typed; folding what is folded changes nothing.</param>
    public SearchPhrase(string text)
    {
        Folded = SearchText.Fold(text);
        _sought = new Joined(Trimmed(Folded));
    }

    internal string Folded { get; }

    /// <summary>Whether a text holds it; no text holds a phrase of which nothing is left when it is folded.</summary>
    public bool IsIn(string? text)
    {
        if (string.IsNullOrEmpty(text) || _sought.Text.Length == 0)
        {
            return false;
        }

        var joined = new Joined(SearchText.Fold(text));
        for (var at = 0; (at = joined.Text.IndexOf(_sought.Text, at, StringComparison.Ordinal)) >= 0; at++)
        {
            if (Fits(joined, at))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Without spaces and joints at its ends, which say nothing beside letters of which some are joined.</summary>
    private static string Trimmed(string folded)
    {
        var trimmed = folded.Trim(' ', SearchText.Joint);
        return trimmed.Length > 0 && (SearchText.IsArabicLetter(trimmed[0]) || SearchText.IsArabicLetter(trimmed[^1])) ? trimmed : folded;
    }

    private bool Fits(Joined text, int at)
    {
        var end = at + _sought.Text.Length;
        return !Enumerable.Range(1, _sought.Text.Length - 1).Any(i => text.HasSpaceBefore(at + i) && !_sought.HasJointBefore(i))
            || (text.IsBoundary(at) && text.IsBoundary(end));
    }

    /// <summary>A folded text without joints and without spaces between Arabic letters, and where they were.</summary>
    private sealed class Joined
    {
        private readonly HashSet<int>? _joints,
            _spaces;

        public Joined(string folded)
        {
            if (!folded.AsSpan().ContainsAnyInRange(SearchText.FirstArabic, SearchText.LastArabic))
            {
                Text = folded.Contains(SearchText.Joint)
                    ? folded.Replace(SearchText.Joint.ToString(), "", StringComparison.Ordinal)
                    : folded;
                return;
            }

            (_joints, _spaces) = ([], []);
            var text = new StringBuilder(folded.Length);
            for (var i = 0; i < folded.Length; )
            {
                var end = i;
                while (end < folded.Length && folded[end] is ' ' or SearchText.Joint)
                {
                    end++;
                }

                if (end == i)
                {
                    text.Append(folded[i++]);
                    continue;
                }

                var gap = folded.AsSpan(i, end - i);
                var isWithinWords =
                    i > 0 && end < folded.Length && SearchText.IsArabicLetter(folded[i - 1]) && SearchText.IsArabicLetter(folded[end]);
                if (isWithinWords)
                {
                    (gap.Contains(' ') ? _spaces : _joints).Add(text.Length);
                }
                else
                {
                    text.Append(' ', gap.Count(' '));
                }

                i = end;
            }

            Text = text.ToString();
        }

        public string Text { get; }

        public bool HasSpaceBefore(int index) => _spaces?.Contains(index) == true;

        public bool HasJointBefore(int index) => HasSpaceBefore(index) || _joints?.Contains(index) == true;

        public bool IsBoundary(int index) =>
            index == 0
            || index == Text.Length
            || HasJointBefore(index)
            || !char.IsLetterOrDigit(Text[index - 1])
            || !char.IsLetterOrDigit(Text[index]);
    }
}
