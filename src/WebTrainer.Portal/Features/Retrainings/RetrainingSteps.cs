using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Monitoring;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Deployments.Versions;
using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Portal.Features.Labeling;
using WebTrainer.Portal.Features.Monitoring;
using WebTrainer.Portal.Features.Runs;

namespace WebTrainer.Portal.Features.Retrainings;

/// <summary>The steps of a retraining, each taken by a person with their own rights.</summary>
public sealed class RetrainingSteps(
    Authorizer authorizer,
    FileStore files,
    TrafficSamples samples,
    LabelingService labeling,
    LabelSnapshots snapshots,
    DatasetJoins joins,
    DatasetPublishing publishing,
    RunService runs,
    EvaluationService evaluations,
    DeploymentService deployments
)
{
    /// <summary>Share of the labeled rows that become test rows, so that what is new is judged too.</summary>
    public const double UsualTestShare = 0.3;

    /// <summary>People who answer each row, where there are so many.</summary>
    private const int UsualOverlap = 2;
    private const long SplitSeed = 42;

    /// <summary>Takes requests as rows, and makes the task in which they are labeled, blind: without what the model answered.</summary>
    public async Task TakeRowsAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        Guid retrainingId,
        SampleRequest request,
        CancellationToken cancellationToken
    )
    {
        string endpoint;
        IReadOnlyList<Question> questions;
        IReadOnlyList<string> people;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken))
        {
            var retraining = await work.RetrainingAsync(deploymentId, retrainingId, cancellationToken);
            endpoint = (await work.Db.Deployments.SingleAsync(d => d.Id == deploymentId, cancellationToken)).Name;
            questions = await QuestionsAsync(work, retraining, cancellationToken);
            people = [.. (await LabelingService.PeopleAsync(work, cancellationToken)).Select(p => p.UserId)];
        }

        var sample = await samples.TakeAsync(caller, projectId, deploymentId, request, cancellationToken);
        var task = await labeling.CreateAsync(
            caller,
            projectId,
            new NewTaskDraft
            {
                VersionId = sample.Id,
                Name = $"Requests to {endpoint}, version {sample.Number}",
                Questions = questions,
                Guidelines =
                    "# How to answer\n\nThese are requests as people sent them, personal data masked. Answer as the model should have; what it did answer is not shown, so that it leads nobody. Discard what can't be answered.",
                Assignees = people,
                Rules = new TaskRules { Overlap = Math.Min(UsualOverlap, people.Count) },
            },
            cancellationToken
        );
        await NoteAsync(
            caller,
            projectId,
            deploymentId,
            retrainingId,
            "retraining.sampled",
            r => r.Sampled(sample.Id, task),
            new { sample.Rows },
            cancellationToken
        );
    }

    /// <summary>Adds the decided rows to what the live version learned from, and publishes that.</summary>
    /// <param name="testShare">Of the decided rows, from 0 to 1.</param>
    public async Task MakeDataAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        Guid retrainingId,
        double testShare,
        CancellationToken cancellationToken
    )
    {
        Guid taskId;
        VersionName before;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken))
        {
            var retraining = await work.RetrainingAsync(deploymentId, retrainingId, cancellationToken);
            taskId = retraining.LabelTaskId ?? throw new RuleViolationException("Take rows to label first.");
            before = await LiveDataAsync(work, retraining, cancellationToken);
        }

        var decided = await snapshots.MakeAsync(caller, projectId, taskId, minimum: 1, cancellationToken, SnapshotRows.Decided);
        var joined = await joins.JoinAsync(
            caller,
            projectId,
            before.DatasetId,
            before.Number,
            new JoinRecipe(decided.Id, 0, testShare, SplitSeed),
            cancellationToken
        );
        await NoteAsync(
            caller,
            projectId,
            deploymentId,
            retrainingId,
            "retraining.data-made",
            r => r.DataMade(joined.Id),
            new { joined.Rows },
            cancellationToken
        );
        await publishing.PublishAsync(caller, projectId, joined.DatasetId, joined.Number, cancellationToken);
    }

    /// <summary>Asks for a run with the settings of what is live, on the new data. Another lead approves it.</summary>
    public async Task<Guid> AskRunAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        Guid retrainingId,
        CancellationToken cancellationToken
    )
    {
        Guid live,
            data;
        string endpoint;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.SubmitRuns, cancellationToken))
        {
            var retraining = await work.RetrainingAsync(deploymentId, retrainingId, cancellationToken);
            data = retraining.DataVersionId ?? throw new RuleViolationException("Make the data first.");
            live = (await work.LiveRunAsync(retraining, cancellationToken)).Id;
            endpoint = (await work.Db.Deployments.SingleAsync(d => d.Id == retraining.DeploymentId, cancellationToken)).Name;
        }

        var request = await runs.RequestOfAsync(caller, projectId, live, cancellationToken);
        var name = $"Retraining of {endpoint}";
        var run = await runs.SubmitAsync(
            caller,
            projectId,
            request with
            {
                Name = name.Length <= Run.MaxNameLength ? name : name[..Run.MaxNameLength],
                DatasetVersionId = data,
            },
            cancellationToken
        );
        await NoteAsync(
            caller,
            projectId,
            deploymentId,
            retrainingId,
            "retraining.run-asked",
            r => r.RunAsked(run),
            new { run },
            cancellationToken
        );
        return run;
    }

    /// <summary>Has live and new run judged by the old test rows and by the new ones, where that has not begun.</summary>
    /// <returns>The evaluations that were begun.</returns>
    public async Task<IReadOnlyList<Guid>> JudgeAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        Guid retrainingId,
        CancellationToken cancellationToken
    )
    {
        Guid live,
            run;
        var missing = new List<Guid>();
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.Evaluate, cancellationToken))
        {
            var retraining = await work.RetrainingAsync(deploymentId, retrainingId, cancellationToken);
            run = retraining.RunId ?? throw new RuleViolationException("Ask for the run first.");
            live = (await work.LiveRunAsync(retraining, cancellationToken)).Id;
            foreach (var data in new[] { (await LiveDataAsync(work, retraining, cancellationToken)).Id, retraining.DataVersionId!.Value })
            {
                var tests = PublishedFiles.Of(await work.VersionAsync(data, cancellationToken), files).Test;
                var begun = await work
                    .Db.Evaluations.Where(e => e.ProjectId == projectId && e.DatasetVersionId == data)
                    .Where(e => e.Job!.State != JobState.Failed && e.Job.State != JobState.Stopped)
                    .Select(e => e.RunIds)
                    .ToListAsync(cancellationToken);
                if (tests is { Rows: > 0 } && !begun.Exists(judged => judged.Contains(run) && judged.Contains(live)))
                {
                    missing.Add(data);
                }
            }
        }

        if (missing.Count == 0)
        {
            throw new RuleViolationException("Both are judged, or are being judged, by the old test rows and by the new ones.");
        }

        var started = new List<Guid>();
        foreach (var data in missing)
        {
            started.Add(
                await evaluations.StartAsync(
                    caller,
                    projectId,
                    new EvaluationRequest([live, run]) { DatasetVersionId = data },
                    cancellationToken
                )
            );
        }

        return started;
    }

    /// <summary>Drafts a version of the endpoint with the settings of what is live and the new run, which ends the retraining.</summary>
    /// <returns>The version.</returns>
    public async Task<Guid> DraftAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        Guid retrainingId,
        CancellationToken cancellationToken
    )
    {
        VersionRequest request;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageDeployments, cancellationToken))
        {
            var retraining = await work.RetrainingAsync(deploymentId, retrainingId, cancellationToken);
            var run = retraining.RunId ?? throw new RuleViolationException("Ask for the run first.");
            var live = await work.Db.DeploymentVersions.SingleAsync(v => v.Id == retraining.LiveVersionId, cancellationToken);
            request = DeploymentService.Readable(live).Chosen with { RunId = run, BaseModel = null };
        }

        var version = await deployments.AddVersionAsync(caller, projectId, deploymentId, request, cancellationToken);
        await NoteAsync(
            caller,
            projectId,
            deploymentId,
            retrainingId,
            "retraining.drafted",
            (r, now) => r.Draft(version, caller.UserId, now),
            new { version },
            cancellationToken
        );
        return version;
    }

    /// <summary>Ends it without a candidate.</summary>
    public Task DismissAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        Guid retrainingId,
        string reason,
        CancellationToken cancellationToken
    ) =>
        NoteAsync(
            caller,
            projectId,
            deploymentId,
            retrainingId,
            "retraining.dismissed",
            (r, now) => r.Dismiss(caller.UserId, reason, now),
            new { Reason = reason },
            cancellationToken
        );

    private Task NoteAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        Guid retrainingId,
        string action,
        Action<Retraining> change,
        object after,
        CancellationToken cancellationToken
    ) => NoteAsync(caller, projectId, deploymentId, retrainingId, action, (r, _) => change(r), after, cancellationToken);

    private async Task NoteAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        Guid retrainingId,
        string action,
        Action<Retraining, DateTimeOffset> change,
        object after,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageDeployments, cancellationToken);
        var retraining = await work.RetrainingAsync(deploymentId, retrainingId, cancellationToken);
        change(retraining, work.Now);
        work.Audit(action, retraining.DeploymentId, null, after);
        await work.SaveAsync(cancellationToken);
    }

    private static async Task<VersionName> LiveDataAsync(ProjectWork work, Retraining retraining, CancellationToken cancellationToken)
    {
        var run = await work.LiveRunAsync(retraining, cancellationToken);
        var data =
            run.DatasetVersionId
            ?? throw new RuleViolationException(
                "What is live was brought in; what it learned from is not here, so nothing can be added to it."
            );
        return (await work.VersionNamesAsync([data], cancellationToken))[data];
    }

    /// <summary>A model that tells labels apart is asked for labels, one that writes for an answer.</summary>
    private async Task<IReadOnlyList<Question>> QuestionsAsync(ProjectWork work, Retraining retraining, CancellationToken cancellationToken)
    {
        var data = await LiveDataAsync(work, retraining, cancellationToken);
        var labels = PublishedFiles.Of(await work.VersionAsync(data.Id, cancellationToken), files).Labels;
        return labels is { Count: >= 2 and <= Question.MaxOptions }
            ? [Question.New(QuestionKind.Choose, "label", "Which label fits this request?", labels)]
            : [Question.New(QuestionKind.Rewrite, "answer", "Write the answer that should have been given.")];
    }
}
