using System.Text;

namespace WebTrainer.Pipeline.Rows;

/// <summary>
/// What Persian writers spell in more than one way: a text for comparing in which the ways are one, and the forms of a word with the
/// endings that are usually written to it.
/// </summary>
internal static class PersianForms
{
    /// <summary>Shorter beginnings are other words as often as not.</summary>
    private const int ShortestStem = 3;

    /// <summary>Verbs begin with these, which some set apart.</summary>
    private static readonly HashSet<string> s_before = new(StringComparer.Ordinal) { "می", "نمی" };

    /// <summary>
    /// Endings that some set apart and some join: plural, comparative, possessive and the copula. Folded, the longest first among those
    /// that end alike.
    /// </summary>
    private static readonly string[] s_endings =
    [
        "هایمان",
        "هایتان",
        "هایشان",
        "هایم",
        "هایت",
        "هایش",
        "هایی",
        "های",
        "ترین",
        "تری",
        "ها",
        "تر",
        "مان",
        "تان",
        "شان",
        "ام",
        "ات",
        "اش",
        "اند",
        "ایم",
        "اید",
    ];

    private static readonly HashSet<string> s_after = new(s_endings, StringComparer.Ordinal);

    /// <summary>
    /// The text with its words of the Arabic script folded (<see cref="SearchText"/>), without joints, and with beginnings and endings that
    /// stand apart joined to their words: «می روم», «می‌روم» and «ميروم» are one. All else stays.
    /// </summary>
    /// <returns>The same object where no letter or digit is of that script.</returns>
    public static string Same(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.AsSpan().ContainsAnyInRange(SearchText.FirstArabic, SearchText.LastArabic))
        {
            return text;
        }

        var same = new StringBuilder(text.Length);
        var joinsNext = false;
        var follows = false; // a word of letters alone stands right before
        foreach (var word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var folded = IsOfScript(word) ? SearchText.WithJoints(SearchText.Fold(word), "") : word;
            if (same.Length > 0 && !joinsNext && !(follows && s_after.Contains(folded)))
            {
                same.Append(' ');
            }

            same.Append(folded);
            joinsNext = s_before.Contains(folded);
            follows = folded.Length > 0 && SearchText.IsArabicLetter(folded[^1]);
        }

        return same.ToString();
    }

    /// <summary>Other forms of a word: without its ending, and with each of the others. Empty where it is too short for that.</summary>
    /// <param name="folded">One word of the Arabic script, folded, without joints.</param>
    public static IEnumerable<string> Others(string folded)
    {
        var stem = StemOf(folded);
        return stem.Length < ShortestStem ? [] : s_endings.Select(ending => stem + ending).Append(stem).Where(form => form != folded);
    }

    private static string StemOf(string word)
    {
        var ending = Array.Find(
            s_endings,
            e => e.Length > 1 && word.Length - e.Length >= ShortestStem && word.EndsWith(e, StringComparison.Ordinal)
        );
        return ending is null ? word : word[..^ending.Length];
    }

    private static bool IsOfScript(string word) => word.AsSpan().ContainsAnyInRange(SearchText.FirstArabic, SearchText.LastArabic);
}
