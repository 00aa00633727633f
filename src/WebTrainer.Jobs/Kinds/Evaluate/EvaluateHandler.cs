using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Kinds.Evaluate;

/// <summary>An evaluation: its figures go from the run folder into the database.</summary>
internal sealed class EvaluateHandler : JobHandler<EvaluateSpec>
{
    public override bool IsUsuallyShort => true;

    public override Task<string> AdviseAsync(AppDb db, Job job, CancellationToken cancellationToken) =>
        Task.FromResult("Resume goes on behind the last answer; nothing is asked twice.");

    public override async Task<JobRefusal?> FinishAsync(AppDb db, Job job, RunFolder folder, CancellationToken cancellationToken)
    {
        try
        {
            var report = await File.ReadAllTextAsync(folder.Report, cancellationToken);
            JsonSerializer.Deserialize<EvaluationReport>(report, ProtocolJson.Document);
            var evaluation = await db.Evaluations.SingleOrDefaultAsync(e => e.JobId == job.Id, cancellationToken);
            evaluation?.Finish(report);
            return null;
        }
        catch (Exception exception) when (exception is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            return new JobRefusal($"The evaluation left no readable report: {exception.Message}", "Start it anew.");
        }
    }
}
