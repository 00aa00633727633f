using System.Globalization;

namespace WebTrainer.Pipeline.Cleaning.Duplicates;

/// <summary>By what rows count as the same.</summary>
public enum DuplicateBy
{
    /// <summary>The prompt: two answers to one question count as one row.</summary>
    Prompt,

    /// <summary>Prompt and response together.</summary>
    PromptAndResponse,
}

/// <summary>Which rows are held against each other at all.</summary>
public enum DuplicateWithin
{
    /// <summary>
    /// Those of one label: "change my oil" and "change my tires" look alike, and are not the same. Rows without a label are held against
    /// each other.
    /// </summary>
    Label,

    /// <summary>Those with one label and one answer.</summary>
    Answer,

    /// <summary>All: a row may be set aside for one with another label or answer.</summary>
    Everything,
}

/// <summary>Which of several equal rows stays.</summary>
public enum DuplicateKeep
{
    /// <summary>The one that comes first in the version.</summary>
    First,

    /// <summary>The newest, where rows were added at the end.</summary>
    Last,

    /// <summary>The one with the longest response, or prompt where there is none.</summary>
    Longest,

    /// <summary>The one with the highest number in a column of ratings; the first of those rated alike.</summary>
    BestRated,
}

/// <summary>The choices that all steps against repetitions have.</summary>
internal static class DuplicateChoice
{
    public const string DefaultRating = "rating";

    /// <summary>Ratings are told apart to a thousandth.</summary>
    private const double RatingSteps = 1000;

    /// <summary>Steps beyond that count as equal, so that ratings never outweigh splits.</summary>
    private const long MaxRating = 300_000_000;

    /// <summary>More than any order within a split.</summary>
    private const long SplitStep = 3_000_000_000_000_000_000;

    public static string Text(CanonicalRow row, DuplicateBy by) =>
        by == DuplicateBy.Prompt ? row.Prompt : row.Prompt + "\n\n" + row.Response;

    /// <summary>Equal for rows that are held against each other; case and spaces of labels don't count.</summary>
    public static ulong Class(CanonicalRow row, DuplicateWithin within) =>
        within switch
        {
            DuplicateWithin.Label => Hash(row.Label ?? ""),
            DuplicateWithin.Answer => Hash($"{row.Label}\n\n{row.Response}"),
            _ => 0,
        };

    /// <returns>What people should know of rows that look alike and stay; null where there are none.</returns>
    public static string? NoteOf(long crossing) =>
        crossing == 0 ? null
        : crossing == 1 ? "1 row stays though it is like one with another label or answer."
        : $"{crossing:N0} rows stay though each is like one with another label or answer.";

    private static ulong Hash(string name) => (ulong)TextKey.NormalMd5(name);

    /// <summary>
    /// Smaller is kept before larger; a row somebody took back before all. What judges stays before what is learned from: of a training row
    /// and its repetition in the test split, the training row goes, or the exam would change.
    /// </summary>
    public static long Rank(int index, CanonicalRow row, DuplicateKeep keep, string rating, bool mustStay)
    {
        if (mustStay)
        {
            return long.MinValue;
        }

        return keep switch
        {
            DuplicateKeep.First or DuplicateKeep.Last => Rank(index, row.Split, keep),
            DuplicateKeep.BestRated => Judges(row.Split) + (-RatingOf(row, rating) << 32) + index,
            // Of equal length the first: the position breaks the tie.
            _ => Judges(row.Split) + (-(long)(row.Response ?? row.Prompt).Length << 32) + index,
        };
    }

    /// <summary>The same for those that go by position alone.</summary>
    public static long Rank(int index, DataSplit? split, DuplicateKeep keep) =>
        Judges(split) + (keep == DuplicateKeep.Last ? -index : index);

    private static long Judges(DataSplit? split) =>
        split switch
        {
            DataSplit.Test => -2 * SplitStep,
            DataSplit.Validation => -SplitStep,
            _ => 0,
        };

    /// <summary>A row without a rating comes after all that have one.</summary>
    private static long RatingOf(CanonicalRow row, string rating) =>
        row.Extra.TryGetValue(rating, out var text)
        && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? (long)Math.Clamp(value * RatingSteps, -MaxRating, MaxRating)
            : -MaxRating - 1;
}
