using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>How fast a run on a base has learned here.</summary>
public sealed record MeasuredSpeed(Guid RunId, int RunNumber, double TokensPerSecond);

/// <summary>What tokens cost on this server, as the project's own runs showed.</summary>
public sealed class TokenCosts(Authorizer authorizer)
{
    /// <returns>By base model, of its newest completed run that measured it.</returns>
    public async Task<IReadOnlyDictionary<string, MeasuredSpeed>> SpeedsAsync(
        Caller caller,
        Guid projectId,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var runs = await work
            .Db.Runs.AsNoTracking()
            .Where(r => r.ProjectId == projectId && r.Job!.State == JobState.Completed)
            .OrderByDescending(r => r.Number)
            .Select(r => new
            {
                r.Id,
                r.Number,
                r.BaseModel,
                Speed = work
                    .Db.JobMetrics.Where(m => m.JobId == r.JobId && m.TokensPerSecond != null)
                    .OrderByDescending(m => m.Seq)
                    .Select(m => m.TokensPerSecond)
                    .FirstOrDefault(),
            })
            .ToListAsync(cancellationToken);
        return runs.Where(r => r.Speed > 0)
            .GroupBy(r => r.BaseModel)
            .ToDictionary(g => g.Key, g => new MeasuredSpeed(g.First().Id, g.First().Number, g.First().Speed!.Value));
    }
}
