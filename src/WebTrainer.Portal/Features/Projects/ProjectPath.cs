using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Features.Benchmarks;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Projects;

public enum StepState
{
    /// <summary>Nothing yet, and something else comes first.</summary>
    Later,

    /// <summary>What to do now.</summary>
    Next,
    Done,

    /// <summary>It was done, and what it was to show is not reached.</summary>
    Missed,
}

/// <summary>One of the eight steps from goals to deployment.</summary>
/// <param name="Path">Page of the step, below the project's.</param>
/// <param name="Fact">What is there, in few words: "3 datasets, 1 published".</param>
/// <param name="Todo">What to do, when it is next.</param>
public sealed record ProjectStep(int Number, string Name, string Path, StepState State, string Fact, string Todo);

/// <summary>The way of a project, with what is done and what comes next, read from what is there.</summary>
public sealed class ProjectPath(Authorizer authorizer)
{
    public async Task<IReadOnlyList<ProjectStep>> ReadAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var db = work.Db;
        var goals = await db.Goals.CountAsync(g => g.ProjectId == projectId, cancellationToken);
        var datasets = await db.Datasets.CountAsync(d => d.ProjectId == projectId, cancellationToken);
        var published = await db.DatasetVersions.CountAsync(v => v.ProjectId == projectId && v.PublishedAt != null, cancellationToken);
        var waiting = await db.Runs.CountAsync(r => r.ProjectId == projectId && r.Approval == ApprovalState.Submitted, cancellationToken);
        var runs = await db
            .Runs.Where(r => r.ProjectId == projectId && r.Job != null)
            .Select(r => r.Job!.State)
            .ToListAsync(cancellationToken);
        var evaluations = await db.Evaluations.CountAsync(e => e.ProjectId == projectId && e.Report != null, cancellationToken);
        var standing = await StandingAsync(work, cancellationToken);
        var keys = await db.ApiKeys.CountAsync(k => k.ProjectId == projectId && k.RevokedAt == null, cancellationToken);
        var live = await db.Deployments.CountAsync(d => d.ProjectId == projectId && d.LiveVersionId != null, cancellationToken);
        var anyRun = waiting + runs.Count > 0;
        var trained = runs.Count(s => s == JobState.Completed);

        (string Name, string Path, bool Done, string Fact, string Todo)[] steps =
        [
            ("Goals", "goals", goals > 0, Format.Count(goals, "goal"), "Say what the model must reach: a metric and a target."),
            ("Data", "data", published > 0, $"{Format.Count(datasets, "dataset")}, {published} published", DataTodo(datasets)),
            ("Environment", "environment", true, "checked at start", "See what this server has."),
            (
                "Model",
                "models",
                anyRun,
                anyRun ? "chosen with the run" : "one base model ships",
                "Look at the base models; one is chosen with the run."
            ),
            (
                "Tokens",
                "tokens",
                anyRun,
                anyRun ? "checked with the run" : "not looked at",
                "See your rows as the model will see them, before a run."
            ),
            (
                "Training",
                "runs",
                trained > 0,
                RunFact(runs, waiting),
                waiting > 0 ? "A run waits for a second person's approval." : "Submit a run; another lead approves it."
            ),
            (
                "Evaluation",
                "evaluations",
                evaluations > 0 && standing.IsReached,
                Format.Count(evaluations, "evaluation"),
                evaluations > 0 ? standing.Sentence : "Judge the tuned model against its base on the test rows."
            ),
            (
                "Deployment",
                "deploy",
                live > 0,
                live > 0 ? Format.Count(live, "live endpoint") : Format.Count(keys, "key"),
                "Make an endpoint of the run that won; a second person approves it."
            ),
        ];
        bool Missed(string path) => path == "evaluations" && evaluations > 0 && !standing.IsReached;
        var next = Array.FindIndex(steps, s => !s.Done && !Missed(s.Path));
        return
        [
            .. steps.Select(
                (s, i) =>
                    new ProjectStep(
                        i + 1,
                        s.Name,
                        s.Path,
                        s.Done ? StepState.Done
                            : Missed(s.Path) ? StepState.Missed
                            : i == next ? StepState.Next
                            : StepState.Later,
                        s.Fact,
                        s.Todo
                    )
            ),
        ];
    }

    /// <summary>The goals, each with how the newest evaluation that measured it stands to it; null where none did.</summary>
    public async Task<IReadOnlyList<(GoalView Goal, GoalState? State)>> GoalsAsync(
        Caller caller,
        Guid projectId,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var open = (await StandingAsync(work, cancellationToken)).Open.ToDictionary(o => o.Goal.Id, o => o.State);
        var goals = await work
            .Db.Goals.AsNoTracking()
            .Where(g => g.ProjectId == projectId)
            .OrderBy(g => g.CreatedAt)
            .ToListAsync(cancellationToken);
        return [.. goals.Select(g => (GoalView.Of(g), open.TryGetValue(g.Id, out var state) ? state : GoalState.Met))];
    }

    private static async Task<GoalStanding> StandingAsync(ProjectWork work, CancellationToken cancellationToken)
    {
        var goals = await work
            .Db.Goals.AsNoTracking()
            .Where(g => g.ProjectId == work.ProjectId)
            .OrderBy(g => g.CreatedAt)
            .ToListAsync(cancellationToken);
        var reports = await work
            .Db.Evaluations.Where(e => e.ProjectId == work.ProjectId && e.Report != null)
            .OrderByDescending(e => e.Number)
            .Take(GoalStanding.MostReports)
            .Select(e => e.Report!)
            .ToListAsync(cancellationToken);
        var price = await work
            .Db.Projects.Where(p => p.Id == work.ProjectId)
            .Select(p => new ProjectPrice(p.DeviceHourPrice, p.Currency))
            .SingleAsync(cancellationToken);
        return GoalStanding.Of([.. goals.Select(GoalView.Of)], [.. reports.Select(StoredReport.TryRead).OfType<EvaluationReport>()], price);
    }

    private static string DataTodo(int datasets) =>
        datasets == 0 ? "Upload a file with your rows." : "Split a dataset into train, validation and test, and publish it.";

    private static string RunFact(IReadOnlyCollection<JobState> jobs, int waiting)
    {
        var active = jobs.Count(s => s is JobState.Running or JobState.Starting or JobState.Paused);
        if (active > 0)
        {
            return $"{active} running";
        }

        return waiting > 0 ? $"{waiting} to approve" : Format.Count(jobs.Count, "run");
    }
}
