using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Evaluations;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Splits;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Benchmarks;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Deployments.Checking;

/// <summary>Test rows by which a candidate that learned from other data than the live version has to be judged.</summary>
/// <param name="Data">The version whose test rows they are.</param>
/// <param name="IsLive">Whether they are those of what the live version learned from; else of what the candidate did.</param>
/// <param name="EvaluationId">The newest evaluation on them that judged the candidate, beside the live version where both have one base;
/// null where there is none.</param>
/// <param name="Rows">Test rows that there are.</param>
/// <param name="JudgedRows">Of them, those that judged.</param>
/// <param name="Figures">The candidate's there.</param>
/// <param name="LiveFigures">The live version's there; null where they weren't judged side by side.</param>
/// <param name="Against">The candidate against the live version.</param>
/// <param name="WhyNot">Why they can't judge it, in a sentence; null where they can.</param>
public sealed record TestEvidence(
    VersionName Data,
    bool IsLive,
    Guid? EvaluationId,
    int? EvaluationNumber,
    long Rows,
    long JudgedRows,
    ModelFigures? Figures,
    ModelFigures? LiveFigures,
    Verdict? Against,
    string? WhyNot
);

/// <summary>
/// Whether a candidate was judged by the old test rows and by the new ones: by the old alone one doesn't see what it learned, by the new
/// alone not what it lost.
/// </summary>
public sealed class OldAndNewTests(FileStore files, ImportLimits limits)
{
    /// <returns>Empty where the candidate learned from the same data as what is live, or nothing is live.</returns>
    public async Task<IReadOnlyList<TestEvidence>> OfAsync(
        ProjectWork work,
        DeploymentVersion candidate,
        DeploymentVersion? live,
        CancellationToken cancellationToken
    )
    {
        var (now, before) = (await RunOfAsync(work, candidate, cancellationToken), await RunOfAsync(work, live, cancellationToken));
        if (now?.DatasetVersionId is not { } newData || before?.DatasetVersionId is not { } oldData || newData == oldData)
        {
            return [];
        }

        var tests = new List<TestEvidence>();
        foreach (var id in new[] { oldData, newData })
        {
            var data = await work.VersionAsync(id, cancellationToken);
            if (PublishedFiles.Of(data, files).Test is { Rows: > 0 } rows)
            {
                tests.Add(await OnAsync(work, data, rows.Rows, id == oldData, now, before, cancellationToken));
            }
        }

        return tests;
    }

    private static async Task<Run?> RunOfAsync(ProjectWork work, DeploymentVersion? version, CancellationToken cancellationToken) =>
        version?.RunId is { } id ? await work.Db.Runs.AsNoTracking().SingleAsync(r => r.Id == id, cancellationToken) : null;

    private async Task<TestEvidence> OnAsync(
        ProjectWork work,
        DatasetVersion data,
        long rows,
        bool isLive,
        Run candidate,
        Run live,
        CancellationToken cancellationToken
    )
    {
        var sideBySide = candidate.BaseModel == live.BaseModel;
        var evaluation = await JudgedAsync(work, data.Id, sideBySide ? [candidate.Id, live.Id] : [candidate.Id], cancellationToken);
        var report = evaluation is null ? null : StoredReport.TryRead(evaluation.Report!);
        var (name, liveName) = (AdapterNames.Of(candidate), AdapterNames.Of(live));
        var against = report?.Comparisons.FirstOrDefault(c =>
            (c.First == liveName && c.Second == name) || (c.First == name && c.Second == liveName)
        );
        return new TestEvidence(
            new VersionName(data.Id, data.DatasetId, data.Dataset!.Name, data.Number),
            isLive,
            report is null ? null : evaluation!.Id,
            evaluation?.Number,
            rows,
            report?.Rows ?? 0,
            report?.Models.FirstOrDefault(m => m.Name == name),
            report?.Models.FirstOrDefault(m => m.Name == liveName),
            against is null ? null : Verdict.Of(against, report!.Rows),
            report is not null ? null : await WhyNotAsync(work, data, sideBySide ? [candidate, live] : [candidate], cancellationToken)
        );
    }

    private static async Task<Evaluation?> JudgedAsync(
        ProjectWork work,
        Guid dataId,
        IReadOnlyCollection<Guid> runs,
        CancellationToken cancellationToken
    )
    {
        var judged = await work
            .Db.Evaluations.AsNoTracking()
            .Where(e => e.ProjectId == work.ProjectId && e.DatasetVersionId == dataId && e.Report != null)
            .OrderByDescending(e => e.Number)
            .Select(e => new { e.Id, e.RunIds })
            .ToListAsync(cancellationToken);
        return judged.FirstOrDefault(e => runs.All(e.RunIds.Contains)) is { } newest
            ? await work.Db.Evaluations.AsNoTracking().SingleAsync(e => e.Id == newest.Id, cancellationToken)
            : null;
    }

    private async Task<string?> WhyNotAsync(
        ProjectWork work,
        DatasetVersion data,
        IEnumerable<Run> runs,
        CancellationToken cancellationToken
    )
    {
        foreach (var run in runs.Where(r => r.DatasetVersionId != data.Id))
        {
            var learned = await work.VersionAsync(run.DatasetVersionId!.Value, cancellationToken);
            var (shared, all) = await new SharedPrompts(limits).CountAsync(
                files.PathOf(data.Sha256),
                files.PathOf(learned.Sha256),
                cancellationToken
            );
            if (shared > 0)
            {
                return $"Run {run.Number} learned {shared} of these {all} rows, so they can't judge it.";
            }
        }

        return null;
    }
}
