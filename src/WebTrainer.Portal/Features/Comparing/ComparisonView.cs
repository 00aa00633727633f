using WebTrainer.Domain.Runs;
using WebTrainer.Models;
using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Comparing;

/// <summary>One column with what is known of it.</summary>
/// <param name="Link">Its own page, below the project's.</param>
/// <param name="Run">Its settings; null for base models and simple methods.</param>
/// <param name="Figures">What an evaluation found, of a run the newest that judged it; null for runs that none has judged and base models
/// by themselves.</param>
/// <param name="Metrics">Of the run's curves.</param>
public sealed record ComparisonColumn(
    ColumnKey Key,
    string Title,
    string Detail,
    string Link,
    RunView? Run,
    EvaluationView? Evaluation,
    ModelFigures? Figures,
    BaseModel? Base,
    IReadOnlyList<JobMetric> Metrics
)
{
    /// <summary>Its name in the evaluation.</summary>
    public string Model { get; init; } = Key.Model;

    /// <summary>The job that holds its answers; null where it has none.</summary>
    public Guid? ExamplesJob => Figures is null ? null : Evaluation?.Evaluation.JobId;
}

public enum RowGroup
{
    Settings,
    Figures,

    /// <summary>What is needed to do it again.</summary>
    Repeat,
}

/// <summary>One line of the table: a value a column.</summary>
public sealed record ComparisonRow(RowGroup Group, string Name, IReadOnlyList<string> Values)
{
    /// <summary>Stands where a column has no such thing.</summary>
    public const string None = "–";

    /// <summary>Columns that have it have not all the same.</summary>
    public bool Differs => Values.Where(v => v != None).Distinct(StringComparer.Ordinal).Count() > 1;
}

public sealed record ComparisonView(IReadOnlyList<ComparisonColumn> Columns, IReadOnlyList<ComparisonRow> Rows);

/// <summary>One row with both answers.</summary>
/// <param name="Gain">How much better the second is, in the measure's unit.</param>
public sealed record ExamplePair(string RowId, string Prompt, string Expected, ExampleAnswer First, ExampleAnswer Second, double Gain);

/// <summary>Two columns row by row.</summary>
/// <param name="Total">Rows that the query shows, on all pages.</param>
public sealed record PairView(
    IReadOnlyList<PairTest> Tests,
    int Rows,
    int Total,
    IReadOnlyList<string> Categories,
    IReadOnlyList<ExamplePair> Page
);

/// <summary>Something that can become a column.</summary>
public sealed record ColumnChoice(string Group, string Text, ColumnKey Key);
