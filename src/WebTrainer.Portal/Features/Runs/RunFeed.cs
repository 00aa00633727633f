using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Feed;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>Live updates of runs for those who may see them, as long as they may.</summary>
public sealed class RunFeed(Authorizer authorizer, RightsWatch rights, LiveFeed feed, TimeProvider time)
{
    public static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_listInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_approvalInterval = TimeSpan.FromSeconds(1);

    /// <summary>All that is stored about the run's job, then what is new. Ends at once while the run is not approved.</summary>
    public async IAsyncEnumerable<JobUpdate> WatchRunAsync(
        Caller caller,
        Guid projectId,
        Guid runId,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var right = rights.Hold(caller, projectId, Permission.ViewResults);
        if ((await FindAsync(caller, projectId, runId, cancellationToken)).JobId is not { } jobId)
        {
            yield break;
        }

        await foreach (var update in right.WhileHeldAsync(held => feed.WatchAsync(jobId, MinInterval, held), cancellationToken))
        {
            yield return update;
        }
    }

    /// <summary>A tick at once and at each change of the project's jobs.</summary>
    public async IAsyncEnumerable<long> WatchProjectAsync(
        Caller caller,
        Guid projectId,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var right = rights.Hold(caller, projectId, Permission.ViewResults);
        await using (await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            // Opened for its check alone.
        }

        await foreach (var tick in right.WhileHeldAsync(held => feed.WatchAllAsync(projectId, s_listInterval, held), cancellationToken))
        {
            yield return tick;
        }
    }

    /// <summary>Whether somebody has decided on the run.</summary>
    /// <exception cref="NotFoundException">There is no such run in this project.</exception>
    public async Task<ApprovalState> ApprovalAsync(Caller caller, Guid projectId, Guid runId, CancellationToken cancellationToken) =>
        (await FindAsync(caller, projectId, runId, cancellationToken)).Approval;

    /// <summary>Ends when somebody has decided on the run; the right to see it is looked at again each time.</summary>
    public async Task<ApprovalState> WhenDecidedAsync(Caller caller, Guid projectId, Guid runId, CancellationToken cancellationToken)
    {
        ApprovalState state;
        while ((state = await ApprovalAsync(caller, projectId, runId, cancellationToken)) == ApprovalState.Submitted)
        {
            await Task.Delay(s_approvalInterval, time, cancellationToken);
        }

        return state;
    }

    private async Task<Run> FindAsync(Caller caller, Guid projectId, Guid runId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return await work.Db.Runs.AsNoTracking().SingleOrDefaultAsync(r => r.Id == runId && r.ProjectId == projectId, cancellationToken)
            ?? throw new NotFoundException("There is no such run in this project.");
    }
}
