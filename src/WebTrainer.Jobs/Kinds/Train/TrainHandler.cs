using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Kinds.Train;

/// <summary>A run: what starts is what somebody approved, and it goes on from its checkpoints.</summary>
internal sealed class TrainHandler : JobHandler<TrainSpec>
{
    /// <summary>The stages before a run's first step are no steps of it.</summary>
    public override bool StagesAreProgress => false;

    public override bool CanYield => true;

    public override async Task<JobRefusal?> WhyNotAsync(AppDb db, Job job, RunFolder folder, CancellationToken cancellationToken)
    {
        var run = await db
            .Runs.Where(run => run.JobId == job.Id)
            .Select(run => new { run.Spec, run.SpecSha256 })
            .SingleOrDefaultAsync(cancellationToken);
        var held = await File.ReadAllTextAsync(folder.Spec, cancellationToken);
        return run is null || JobSpec.Hash(run.Spec) == run.SpecSha256 && AreSame(held, run.Spec)
            ? null
            : new JobRefusal(
                "The settings in the run's folder are not those that were approved: they were changed or damaged there.",
                "Submit it again."
            );
    }

    public override async Task<string> AdviseAsync(AppDb db, Job job, CancellationToken cancellationToken)
    {
        var last = await db
            .JobEvents.Where(e => e.JobId == job.Id && e.Type == "checkpoint")
            .OrderByDescending(e => e.Seq)
            .Select(e => e.Json)
            .FirstOrDefaultAsync(cancellationToken);
        return last is not null && JsonSerializer.Deserialize<RunEvent>(last, ProtocolJson.Line) is CheckpointEvent checkpoint
            ? $"Resume goes on from the checkpoint at step {checkpoint.Step}."
            : "It had written no checkpoint yet: start it anew.";
    }

    /// <summary>The same text or, where an earlier version of the program wrote the folder, the same settings.</summary>
    /// <exception cref="JsonException">One of them is none.</exception>
    private static bool AreSame(string held, string approved) =>
        held == approved || JobSpec.Read(held).ToText() == JobSpec.Read(approved).ToText();
}
