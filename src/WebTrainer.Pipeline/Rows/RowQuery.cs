namespace WebTrainer.Pipeline.Rows;

/// <summary>
/// By what rows are sorted. Rows without the value come last, equal ones by their position; texts are compared by their bytes.
/// </summary>
public enum RowSort
{
    /// <summary>As in the source file.</summary>
    Position,

    /// <summary>As <see cref="RowQuery.Positions"/> has them.</summary>
    Given,

    /// <summary>The prompt's text.</summary>
    Prompt,

    /// <summary>The response's text.</summary>
    Response,

    /// <summary>The label's text.</summary>
    Label,

    /// <summary>The split's name: test, train, validation.</summary>
    Split,

    /// <summary>Code points of the prompt.</summary>
    PromptLength,

    /// <summary>Code points of the response.</summary>
    ResponseLength,
}

/// <summary>What may be wrong with a row, as the profile counts it.</summary>
public enum RowTrait
{
    /// <summary>Nobody has answered it yet.</summary>
    Unanswered,

    /// <summary>Its prompt stands in another row too, to the letter.</summary>
    RepeatedPrompt,

    /// <summary>
    /// Its prompt is far longer than others: more than three quartile ranges above the third quartile (Tukey's far out values).
    /// </summary>
    FarTooLong,
}

/// <summary>Which rows of a version to show.</summary>
public sealed record RowQuery
{
    /// <summary>Rows of one page at most.</summary>
    public const int MaxLimit = 1_000;

    /// <summary>
    /// Text that system, prompt, response or label holds, however it is written (<see cref="SearchText"/>); all rows when empty.
    /// </summary>
    public string? Contains { get; init; }

    /// <summary>Only rows of this label, to the letter; null for all.</summary>
    public string? Label { get; init; }

    /// <summary>Only rows of this split; null for all, those without a split too.</summary>
    public DataSplit? Split { get; init; }

    /// <summary>Code points of the prompt, both ends included; null for any.</summary>
    public LengthRange? PromptLength { get; init; }

    /// <summary>Code points of the response, both ends included; null for any, and for rows without one.</summary>
    public LengthRange? ResponseLength { get; init; }

    /// <summary>Only rows of which this is so; null for all.</summary>
    public RowTrait? Trait { get; init; }

    /// <summary>
    /// Only rows that hold all of these words, however they are written; null for all. A scan of the texts: <see cref="WordIndex"/> is
    /// faster.
    /// </summary>
    public WordQuery? Words { get; init; }

    /// <summary>Only rows that stand here in the version, from 0; null for all.</summary>
    public IReadOnlyList<long>? Positions { get; init; }

    /// <summary>By what rows are sorted.</summary>
    public RowSort Sort { get; init; }

    /// <summary>The other way round; rows without the value stay last.</summary>
    public bool Descending { get; init; }

    /// <summary>Rows to skip.</summary>
    public long Offset { get; init; }

    /// <summary>Rows to return, 0 to <see cref="MaxLimit"/>.</summary>
    public int Limit { get; init; } = 50;
}

/// <summary>From so many code points to so many, both included; written <c>10-20</c>.</summary>
public sealed record LengthRange(long From, long To)
{
    /// <returns>Null where the text is no range.</returns>
    public static LengthRange? Parse(string? text) =>
        text?.Split('-') is [var from, var to]
        && long.TryParse(from, System.Globalization.CultureInfo.InvariantCulture, out var low)
        && long.TryParse(to, System.Globalization.CultureInfo.InvariantCulture, out var high)
            ? new LengthRange(low, high)
            : null;

    /// <summary>As <see cref="Parse"/> reads it: <c>10-20</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{From}-{To}");
}

/// <param name="Total">Rows that match, on all pages.</param>
public sealed record RowPage(IReadOnlyList<CanonicalRow> Rows, long Total);

/// <param name="Label">Null for rows without one.</param>
/// <param name="Train">Of these, rows that are learned from; 0 where the version isn't split.</param>
/// <param name="Test">Of these, rows that a model is judged by.</param>
public sealed record LabelCount(string? Label, long Rows, long Train = 0, long Test = 0);

/// <summary>Rows whose text has from <paramref name="From"/> to <paramref name="To"/> code points, both included.</summary>
public sealed record LengthBin(long From, long To, long Rows);

/// <summary>What a version holds, in figures.</summary>
public sealed record VersionProfile
{
    /// <summary>All rows, of all splits.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows that nobody has answered or labelled yet.</summary>
    public required long Unanswered { get; init; }

    /// <summary>Rows beyond the first of each prompt, compared to the letter.</summary>
    public required long RepeatedPrompts { get; init; }

    /// <summary>Rows whose prompt is far longer than others; see <see cref="RowTrait.FarTooLong"/>.</summary>
    public required long FarTooLong { get; init; }

    /// <summary>Rows of each split; empty where the version isn't split.</summary>
    public required IReadOnlyDictionary<DataSplit, long> Splits { get; init; }

    /// <summary>Labels and their rows, the most frequent first, equal ones by name; with a null label for rows without one.</summary>
    public required IReadOnlyList<LabelCount> Labels { get; init; }

    /// <summary>At most 20 bins of equal width over the lengths that occur, the shortest first; bins without rows are left out.</summary>
    public required IReadOnlyList<LengthBin> PromptLengths { get; init; }

    /// <summary>The same of the rows that have a response.</summary>
    public required IReadOnlyList<LengthBin> ResponseLengths { get; init; }
}
