using System.Text.Json;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Making;
using WebTrainer.Pipeline.Splits;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>How an imported version was made: with this and the stored file it can be made again.</summary>
public sealed record ImportRecipe(string FileName, string SourceSha256, FileInspection Inspection, ColumnMapping Mapping);

/// <summary>What an import found.</summary>
/// <param name="Problems">The first records that were left out, by line and field; never their text.</param>
/// <param name="DistinctLabels">0 where no row has a label.</param>
/// <param name="Unused">What rows of the file hold that no part of them was made of; null for versions of before this was noted.</param>
public sealed record ImportSummary(
    long RecordsRead,
    long RowsKept,
    long ProblemCount,
    IReadOnlyList<RowProblem> Problems,
    long DistinctLabels,
    double Seconds,
    IReadOnlyList<UnusedField>? Unused = null
)
{
    public static ImportSummary Of(ImportReport report, long distinctLabels) =>
        new(report.RecordsRead, report.RowsKept, report.ProblemCount, report.Problems, distinctLabels, report.Seconds, report.Unused);
}

/// <summary>How a split version was made.</summary>
/// <param name="Validation">Share of all rows; of the training rows where <paramref name="TestVersionId"/> is set.</param>
/// <param name="Test">Share of all rows.</param>
/// <param name="TestVersionId">The version whose rows are the test split, instead of a share.</param>
/// <param name="DropLeaks">Whether rows that equal a row they are judged by were left out.</param>
/// <param name="Stable">Whether each group stays in its split when rows are added: by the hash of its key alone, instead of evenly by
/// labels.</param>
/// <param name="GroupBy">A column whose values must not part; null for the prompt. Only with <paramref name="Stable"/>.</param>
public sealed record SplitRecipe(
    double Validation,
    double Test,
    long Seed,
    Guid? TestVersionId,
    bool DropLeaks,
    bool Stable = false,
    string? GroupBy = null
);

/// <summary>What a split gave.</summary>
/// <param name="Leaks">Rows whose prompt also stands in a split that judges them.</param>
public sealed record SplitSummary(long Train, long Validation, long Test, long Leaks, bool LeaksDropped);

/// <summary>How rows were added to a split version.</summary>
/// <param name="AddedVersionId">The version whose rows were added; those that are in a split keep it.</param>
/// <param name="Validation">Share of the added rows that were in no split.</param>
/// <param name="Test">Likewise.</param>
public sealed record JoinRecipe(Guid AddedVersionId, double Validation, double Test, long Seed);

/// <summary>What a join gave.</summary>
/// <param name="Repeated">Rows that were left out, for their prompt was there already.</param>
public sealed record JoinSummary(long Train, long Validation, long Test, long Added, long AddedTest, long Repeated)
{
    public static JoinSummary Of(JoinReport report) =>
        new(
            report.Rows.GetValueOrDefault(DataSplit.Train),
            report.Rows.GetValueOrDefault(DataSplit.Validation),
            report.Rows.GetValueOrDefault(DataSplit.Test),
            report.Added,
            report.AddedTest,
            report.Repeated
        );
}

/// <summary>What was made of a version's rows.</summary>
/// <param name="Repeated">Rows that were left out, for their prompt was there already.</param>
/// <param name="Doubted">Rows that were left out, for real rows like them have another label.</param>
/// <param name="MedianLikeness">Of the made rows, to the real row nearest to each; null where nothing was compared.</param>
public sealed record MakeSummary(
    long Train,
    long Validation,
    long Test,
    long Made,
    long Repeated,
    long Doubted,
    bool LabelsChecked,
    double? MedianLikeness
)
{
    public static MakeSummary Of(MakeReport report) =>
        new(
            report.Rows.GetValueOrDefault(DataSplit.Train),
            report.Rows.GetValueOrDefault(DataSplit.Validation),
            report.Rows.GetValueOrDefault(DataSplit.Test),
            report.Made,
            report.Repeated,
            report.Doubted,
            report.LabelsChecked,
            report.MedianLikeness
        );
}

/// <summary>What a recipe did.</summary>
/// <param name="SetAsideSha256">The list of rows set aside, in the store; null where there is none.</param>
/// <param name="HasSplits">Whether the rows are dealt into splits, as those of the version cleaned were.</param>
public sealed record CleanSummary(IReadOnlyList<StepReport> Steps, long SetAside, string? SetAsideSha256, bool HasSplits, double Seconds);

/// <summary>Recipes, reports and snapshots as they stand in the database.</summary>
internal static class RecipeJson
{
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, ProtocolJson.Line);

    public static T? Read<T>(JsonElement json) => json.Deserialize<T>(ProtocolJson.Line);

    public static T? Read<T>(string json) => JsonSerializer.Deserialize<T>(json, ProtocolJson.Line);

    public static JsonElement Element(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
