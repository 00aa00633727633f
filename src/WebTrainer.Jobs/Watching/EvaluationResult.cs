using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Watching;

/// <summary>Takes an evaluation's figures from the run folder into the database.</summary>
internal static class EvaluationResult
{
    /// <returns>False, with the cause in the job, where the worker left no readable report.</returns>
    public static async Task<bool> TakeAsync(AppDb db, Job job, RunFolder folder, CancellationToken cancellationToken)
    {
        try
        {
            var report = await File.ReadAllTextAsync(folder.Report, cancellationToken);
            JsonSerializer.Deserialize<EvaluationReport>(report, ProtocolJson.Document);
            var evaluation = await db.Evaluations.SingleOrDefaultAsync(e => e.JobId == job.Id, cancellationToken);
            evaluation?.Finish(report);
            return true;
        }
        catch (Exception exception) when (exception is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            job.Explain($"The evaluation left no readable report: {exception.Message}", "Start it anew.");
            return false;
        }
    }
}
