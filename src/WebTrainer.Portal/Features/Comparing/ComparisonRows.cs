using System.Globalization;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Hosting;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Comparing;

/// <summary>The lines of the table.</summary>
internal static class ComparisonRows
{
    private const string None = ComparisonRow.None;

    public static IReadOnlyList<ComparisonRow> Of(IReadOnlyList<ComparisonColumn> columns) =>
        [.. Figures(columns).Where(row => row.Values.Any(v => v != None)), .. Settings(columns), .. Repeat(columns)];

    private static IEnumerable<ComparisonRow> Figures(IReadOnlyList<ComparisonColumn> columns)
    {
        ComparisonRow Row(string name, Func<ComparisonColumn, string?> value) =>
            new(RowGroup.Figures, name, [.. columns.Select(c => value(c) ?? None)]);
        ComparisonRow Figure(string name, Func<ModelFigures, string?> value) =>
            Row(name, c => c.Figures is { } figures ? value(figures) : null);
        yield return Figure("Right", f => Format.Percent(f.Score));
        yield return Figure("Right, 95 % interval", f => Format.Interval(f.ScoreLow, f.ScoreHigh));
        yield return Figure("Token F1", f => f.Texts is { } t ? Format.Percent(t.TokenF1) : null);
        yield return Figure("ROUGE-L", f => f.Texts is { } t ? Format.Percent(t.RougeL) : null);
        yield return Figure("chrF", f => f.Texts is { } t ? Format.Percent(t.ChrF) : null);
        yield return Figure("Confidence", f => f.Calibration is { } c ? Format.Percent(c.Confidence.Value) : null);
        yield return Figure("Calibration error", f => f.Calibration is { } c ? Format.Percent((c.DebiasedError ?? c.Error).Value) : null);
        yield return Figure(
            "Calibration error, 95 % interval",
            f => f.Calibration is { } c ? Format.Interval(c.Error.Low, c.Error.High) : null
        );
        yield return Figure(
            "Calibration error with chance (ECE)",
            f => f.Calibration is { DebiasedError: not null } c ? Format.Percent(c.Error.Value) : null
        );
        yield return Figure("Brier score", f => f.Calibration is { } c ? Format.Number(c.Brier.Value) : null);
        yield return Figure("Answer loss, nats", f => Format.Number(f.AnswerLoss));
        yield return Figure("Perplexity", f => Format.Number(f.AnswerPerplexity, 2));
        yield return Figure("General loss, nats", f => Format.Number(f.GeneralLoss));
        yield return Figure("Weights in memory", f => f.WeightBytes is { } bytes ? Format.Bytes(bytes) : null);
        yield return Figure("Judged in", f => Format.Duration(f.Seconds));
        yield return Row("State of the run", c => c.Run?.Status.Word);
        yield return Row("Training loss at the end", c => Last(c, m => m.Loss));
        yield return Row("Validation loss at the end", c => Last(c, m => m.ValidationLoss));
        yield return Row("Lowest validation loss", c => c.Metrics.Min(m => m.ValidationLoss) is { } lowest ? Format.Number(lowest) : null);
        yield return Row(
            "Time of training",
            c => c.Run?.Run.Job is { StartedAt: { } start, EndedAt: { } end } ? Format.Duration((end - start).TotalSeconds) : null
        );
        yield return Row("Size of the model's files", c => c.Base is { } model ? Format.Bytes(model.WeightBytes) : null);
        yield return Row("Layers × width", c => c.Base is { } model ? $"{model.Layers} × {model.Width}" : null);
        yield return Row("Longest context", c => c.Base is { } model ? $"{Format.Count(model.ContextTokens)} tokens" : null);
        yield return Row("Licence", c => c.Base?.License);
    }

    private static IEnumerable<ComparisonRow> Settings(IReadOnlyList<ComparisonColumn> columns)
    {
        var settings = columns
            .Select(c =>
                c.Run is { } run ? run.Settings.ToDictionary(s => s.Name, s => s.Value)
                : c.Base is { } model ? new() { ["Base model"] = model.Id }
                : []
            )
            .ToList();
        return settings
            .SelectMany(s => s.Keys)
            .Distinct()
            .Select(name => new ComparisonRow(RowGroup.Settings, name, [.. settings.Select(s => s.GetValueOrDefault(name, None))]));
    }

    private static IEnumerable<ComparisonRow> Repeat(IReadOnlyList<ComparisonColumn> columns)
    {
        ComparisonRow Row(string name, Func<ComparisonColumn, string?> value) =>
            new(RowGroup.Repeat, name, [.. columns.Select(c => value(c) ?? None)]);
        yield return Row("Run", c => c.Run is { } run ? $"{run.Run.Number}, {run.Run.Id}" : null);
        yield return Row("Settings, SHA-256", c => c.Run?.Run.SpecSha256);
        yield return Row("Seed", c => c.Run is { Run.IsImported: false } run ? run.Spec.Seed.ToString(CultureInfo.InvariantCulture) : null);
        yield return Row("Base model", c => c.Run?.Run.BaseModel ?? c.Base?.Id);
        yield return Row(
            "Dataset",
            c =>
                c.Run is { } run ? run.DataInWords
                : c.Evaluation is { } e ? $"{e.DatasetName} v{e.VersionNumber}"
                : null
        );
        yield return Row("Training rows, SHA-256", c => c.Run?.Spec.Data?.Train?.Sha256);
        yield return Row("Validation rows, SHA-256", c => c.Run?.Spec.Data?.Validation?.Sha256);
        yield return Row("Evaluation", c => c.Evaluation is { } e ? $"{e.Evaluation.Number}, {e.Evaluation.Id}" : null);
        yield return Row(
            "Test rows, SHA-256",
            c => c.Evaluation is { } e ? Stored.TryRead(() => JobSpec.Read<EvaluateSpec>(e.Evaluation.Spec))?.Data?.Test?.Sha256 : null
        );
        yield return Row("Evaluation's settings, SHA-256", c => c.Evaluation is { } e ? JobSpec.Hash(e.Evaluation.Spec) : null);
    }

    private static string? Last(ComparisonColumn column, Func<JobMetric, double?> value) =>
        column.Metrics.LastOrDefault(m => value(m) is not null) is { } metric ? Format.Number(value(metric)) : null;
}
