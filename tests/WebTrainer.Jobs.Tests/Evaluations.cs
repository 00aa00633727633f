using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Evaluations;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Queue;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Tests;

/// <summary>An evaluation with all that the database wants it to refer to.</summary>
internal static class Evaluations
{
    public static async Task<(Evaluation Evaluation, Job Job)> EnqueueAsync(TestPortal portal, EvaluateSpec spec)
    {
        var now = DateTimeOffset.UtcNow;
        var project = new Domain.Projects.Project("Project", "", "ada", now);
        project.Members.Clear();
        var dataset = new Dataset(project.Id, "Data", "ada", now);
        var version = new DatasetVersion(dataset, 1, VersionKind.Split, new string('a', 64), 10, 100, "ada", now);
        var evaluation = new Evaluation(project.Id, 1, version.Id, [Guid.NewGuid()], "{}", "ada", now, Guid.NewGuid());
        portal.Get<RunFolders>().Create(evaluation.JobId, spec);
        await using var db = await portal.OpenAsync();
        db.AddRange(project, dataset, version, evaluation);
        await db.SaveChangesAsync();
        portal.Get<JobQueue>().Enqueued(evaluation.Job!);
        return (evaluation, evaluation.Job!);
    }
}
