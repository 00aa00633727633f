using System.Globalization;
using WebTrainer.Pipeline.Cleaning.Leaks;
using WebTrainer.Pipeline.Fairness;
using WebTrainer.Statistics;

namespace WebTrainer.Pipeline.Documentation;

/// <summary>What only people know of a dataset, after "Datasheets for Datasets" (Gebru et al., CACM 64, 2021).</summary>
public sealed record SheetAnswers
{
    /// <summary>UTF-16 units of one answer.</summary>
    public const int MaxLength = 5_000;

    /// <summary>What it is, in a few sentences.</summary>
    public string Description { get; init; } = "";

    /// <summary>Why it was made, and for which task.</summary>
    public string Purpose { get; init; } = "";

    /// <summary>Of whom or what its rows speak, and who is missing.</summary>
    public string People { get; init; } = "";

    /// <summary>How and when it was collected, and by whom.</summary>
    public string Collection { get; init; } = "";

    /// <summary>On what ground personal data is used, and how people can have theirs removed.</summary>
    public string Consent { get; init; } = "";

    /// <summary>What it should not be used for.</summary>
    public string Limits { get; init; } = "";

    /// <summary>Who looks after it, and how to reach them.</summary>
    public string Maintainer { get; init; } = "";

    /// <summary>How to cite it.</summary>
    public string Citation { get; init; } = "";

    /// <summary>Languages as BCP 47 tags, set apart by commas: <c>en, fa</c>.</summary>
    public string Languages { get; init; } = "";

    /// <summary>Words by which it can be found, set apart by commas.</summary>
    public string Keywords { get; init; } = "";

    /// <summary>Each question with its answer, in the order in which they are asked.</summary>
    public IReadOnlyList<(string Question, string Answer)> Questions() =>
        [
            ("What is it?", Description),
            ("Why was it made?", Purpose),
            ("Of whom do its rows speak, and who is missing?", People),
            ("How was it collected?", Collection),
            ("On what ground is personal data used?", Consent),
            ("What should it not be used for?", Limits),
            ("Who looks after it?", Maintainer),
            ("How is it cited?", Citation),
        ];
}

/// <summary>A file that rows came from.</summary>
/// <param name="License">Empty where nobody has noted it.</param>
public sealed record SourceFact(string Name, string Sha256, long Bytes, string License, string Origin, DateTimeOffset ReceivedAt);

/// <summary>A version on the way from the files to the one described.</summary>
/// <param name="What">What was done, in sentences.</param>
public sealed record HistoryFact(string Version, string By, DateTimeOffset At, long Rows, IReadOnlyList<string> What);

/// <summary>How far people agreed on a question whose answers made a version, having answered without seeing each other.</summary>
/// <param name="Version">The version that their answers made.</param>
/// <param name="Share">Equal pairs among all pairs of answers, 0 to 1.</param>
/// <param name="Alpha">Krippendorff's α; null where it is undefined.</param>
/// <param name="Interval">Its 95 % interval over items.</param>
/// <param name="Items">Items that two people or more answered.</param>
/// <param name="People">Who answered anything of the task.</param>
/// <param name="Answers">What they answered, all together.</param>
public sealed record AgreementFact(
    string Version,
    string Question,
    double? Share,
    double? Alpha,
    (double Low, double High)? Interval,
    int Items,
    int People,
    int Answers
)
{
    /// <summary>The figures as a sentence.</summary>
    public string Sentence =>
        Alpha is { } alpha
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"Krippendorff's α {alpha:0.000}{(Interval is var (low, high) ? $" (95 %: {low:0.000} to {high:0.000})" : "")} on {Items:N0} items that two people or more answered."
            )
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Krippendorff's α is undefined; {Items:N0} items were answered by two people or more."
            );
}

/// <summary>All that a description of a dataset version is made of.</summary>
/// <param name="Splits">Rows of each split; empty where it isn't split.</param>
/// <param name="Labels">Labels and their rows, the most frequent first.</param>
/// <param name="ExtraColumns">Columns kept beside the texts.</param>
/// <param name="Conflicts">What stands in the way of using the sources together, in sentences.</param>
public sealed record DatasetFacts(
    string Name,
    int Version,
    Guid Id,
    string Sha256,
    long Bytes,
    long Rows,
    string Creator,
    DateTimeOffset CreatedAt,
    DateTimeOffset? PublishedAt,
    IReadOnlyList<(string Split, long Rows)> Splits,
    IReadOnlyList<(string Label, long Rows)> Labels,
    IReadOnlyList<string> ExtraColumns,
    IReadOnlyList<SourceFact> Sources,
    IReadOnlyList<HistoryFact> History,
    IReadOnlyList<string> Conflicts,
    LeakReport? Leaks,
    string? LeakReason,
    BiasReport? Bias,
    SheetAnswers Answers
)
{
    /// <summary>How far people agreed whose answers are in it; empty where it holds none, or where no two answered the same.</summary>
    public IReadOnlyList<AgreementFact> Agreement { get; init; } = [];

    /// <summary>Rows in which personal data was found; null where nobody looked.</summary>
    public long? PersonalRows { get; init; }

    /// <summary>Rows beyond the first of each prompt, compared to the letter.</summary>
    public long RepeatedPrompts { get; init; }

    /// <summary>Licences of all sources; empty where any of them is not known.</summary>
    public IReadOnlyList<string> Licenses =>
        Sources.Count == 0 || Sources.Any(s => s.License.Length == 0) ? [] : [.. Sources.Select(s => s.License).Distinct()];
}
