using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Deployments.Versions;
using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Deployments.Checking;

/// <summary>Gathers what is known of a version.</summary>
public sealed class Evidence(
    Authorizer authorizer,
    EvaluationService evaluations,
    RunService runs,
    DatasetDocuments documents,
    OldAndNewTests tests
)
{
    /// <param name="live">The version that answers now; null where none does, or this one.</param>
    public async Task<EvidenceCard> OfAsync(
        Caller caller,
        Guid projectId,
        DeploymentVersion version,
        DeploymentVersion? live,
        CancellationToken cancellationToken
    )
    {
        var (goals, price) = await GoalsAsync(caller, projectId, cancellationToken);
        var run = version.RunId is { } runId ? await runs.GetAsync(caller, projectId, runId, cancellationToken) : null;
        var (evaluation, compared) = await JudgedAsync(caller, projectId, version, live, cancellationToken);
        var name = evaluation is null ? null : NameIn(evaluation, version);
        var (report, figures) = (evaluation?.Report, evaluation?.Report?.Models.FirstOrDefault(m => m.Name == name));
        var liveName = compared && live is not null ? NameIn(evaluation!, live) : null;
        T? Measured<T>(Func<EvaluationReport, ModelFigures, T?> of) => report is null || figures is null ? default : of(report, figures);
        return new EvidenceCard
        {
            Goals = [.. goals.Select(g => new GoalEvidence(g, Measured((r, m) => GoalResult.Judge(g, r, m, price))))],
            Limits =
            [
                .. goals
                    .SelectMany(g => GoalLimit.ReadAll(g.Limits))
                    .DistinctBy(l => l.Text)
                    .Select(l => new LimitEvidence(l, Measured((r, m) => GoalLimitWords.Judge(l, r, m, price)))),
            ],
            EvaluationId = evaluation?.Evaluation.Id,
            EvaluationNumber = evaluation?.Evaluation.Number,
            Figures = figures,
            JudgedRows = report?.Rows ?? 0,
            Verdicts = [.. VerdictsOf(report, name, liveName)],
            NotCompared = WhyNotCompared(version, live, compared),
            RowsAddress =
                liveName is null || evaluation is null
                    ? null
                    : $"/p/{projectId}/compare?col=result:{evaluation.Evaluation.Id}:{liveName}&col=result:{evaluation.Evaluation.Id}:{name}",
            Tests = await TestsAsync(caller, projectId, version, live, cancellationToken),
            Forgotten = Measured((r, m) => GoalResult.Forgotten(r, m)),
            Benchmarks = report is null
                ? []
                :
                [
                    .. from benchmark in report.Benchmarks
                    where benchmark.Refusal is null
                    from model in benchmark.Models
                    where model.Model == name
                    let metric = model.Metrics.FirstOrDefault(m => m.Name == benchmark.MainMetric)
                    where metric is not null
                    select new BenchmarkEvidence(benchmark.Spec.Name, metric),
                ],
            Speed = report?.Speeds.FirstOrDefault(s => s.Model == name),
            Data = run is null ? null : await DataAsync(caller, projectId, run, cancellationToken),
            Differences = live is null ? [] : [.. await DifferencesAsync(caller, projectId, version, live, run, cancellationToken)],
        };
    }

    private async Task<IReadOnlyList<TestEvidence>> TestsAsync(
        Caller caller,
        Guid projectId,
        DeploymentVersion version,
        DeploymentVersion? live,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return await tests.OfAsync(work, version, live, cancellationToken);
    }

    private async Task<(IReadOnlyList<GoalView> Goals, ProjectPrice Price)> GoalsAsync(
        Caller caller,
        Guid projectId,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var goals = await work
            .Db.Goals.AsNoTracking()
            .Where(g => g.ProjectId == projectId)
            .OrderBy(g => g.CreatedAt)
            .ToListAsync(cancellationToken);
        var price = await work
            .Db.Projects.Where(p => p.Id == projectId)
            .Select(p => new ProjectPrice(p.DeviceHourPrice, p.Currency))
            .SingleAsync(cancellationToken);
        return ([.. goals.Select(GoalView.Of)], price);
    }

    /// <summary>The newest evaluation that judged both, else the newest that judged this one.</summary>
    private async Task<(EvaluationView? Evaluation, bool Compared)> JudgedAsync(
        Caller caller,
        Guid projectId,
        DeploymentVersion version,
        DeploymentVersion? live,
        CancellationToken cancellationToken
    )
    {
        if (version.RunId is not { } runId)
        {
            return (await evaluations.NewestOfBaseAsync(caller, projectId, version.BaseModel, cancellationToken), false);
        }

        var both =
            live?.RunId is { } other && other != runId
                ? await evaluations.NewestOfRunsAsync(caller, projectId, [runId, other], cancellationToken)
                : null;
        return both is not null
            ? (both, true)
            : (await evaluations.NewestOfRunsAsync(caller, projectId, [runId], cancellationToken), false);
    }

    private static string? NameIn(EvaluationView evaluation, DeploymentVersion version) =>
        version.RunId is { } run ? evaluation.Runs.FirstOrDefault(judged => judged.Value.Id == run).Key : EvaluationReport.BaseName;

    // A tuned model is the second of each pair; two tuned ones stand in the order in which they were judged.
    private static IEnumerable<Verdict> VerdictsOf(EvaluationReport? report, string? name, string? live) =>
        report is null || name is null
            ? []
            : report
                .Comparisons.Where(c => c.Second == name || (c.First == name && c.Second == live))
                .OrderByDescending(c => c.First == live || c.Second == live)
                .Select(c => Verdict.Of(c, report.Rows));

    private static string? WhyNotCompared(DeploymentVersion version, DeploymentVersion? live, bool compared) =>
        live is null || compared ? null
        : live.RunId == version.RunId && live.BaseModel == version.BaseModel
            ? $"The live version {live.Number} has the same model; only the settings below differ."
        : live.RunId is null || version.RunId is null
            ? "A base is held against a tuned model where that one was evaluated: see its own verdicts."
        : $"Version {version.Number} and the live version {live.Number} were not judged on the same rows. Evaluate both runs together to see which is better.";

    private async Task<DataEvidence?> DataAsync(Caller caller, Guid projectId, RunView run, CancellationToken cancellationToken)
    {
        if (run.Data is not { } data)
        {
            return null;
        }

        var facts = await documents.FactsAsync(caller, projectId, data.DatasetId, data.Number, cancellationToken);
        return DataEvidence.Of(data, facts);
    }

    private async Task<IEnumerable<SettingDifference>> DifferencesAsync(
        Caller caller,
        Guid projectId,
        DeploymentVersion version,
        DeploymentVersion live,
        RunView? run,
        CancellationToken cancellationToken
    )
    {
        var before = live.RunId is { } runId ? await runs.GetAsync(caller, projectId, runId, cancellationToken) : null;
        return SettingDifference.Between(Lines(live), Lines(version)).Concat(SettingDifference.Between(Lines(before), Lines(run)));
    }

    private static List<(string Name, string Value)> Lines(DeploymentVersion version) =>
        [.. DeploymentSettings.TryRead(version.Settings, version.SettingsSha256)?.Lines() ?? []];

    private static List<(string Name, string Value)> Lines(RunView? run) =>
        run is null ? [] : [("Learned from", run.DataInWords), .. run.Settings.Select(s => ($"Training: {s.Name}", s.Value))];
}
