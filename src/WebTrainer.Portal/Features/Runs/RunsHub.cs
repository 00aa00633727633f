using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.SignalR;
using WebTrainer.Jobs.Feed;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>
/// <c>/hubs/runs</c>: the live feed for programs outside. Pages read it on their circuit instead. Sign in with an access token.
/// </summary>
[Authorize]
public sealed class RunsHub(RunFeed feed, RightsWatch rights) : Hub
{
    private const string Held = "held";

    /// <summary>The connection ends with the token, session or account that opened it.</summary>
    public override Task OnConnectedAsync()
    {
        var held = rights.Hold(Caller.From(Context.User!));
        Context.Items[Held] = held;
        held.Lost.Register(Context.Abort);
        return base.OnConnectedAsync();
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        if (Context.Items[Held] is HeldRight held)
        {
            held.Dispose();
        }

        return base.OnDisconnectedAsync(exception);
    }

    /// <summary>Streams a run: first all that is stored, then what is new.</summary>
    public async IAsyncEnumerable<JobUpdate> Watch(
        Guid projectId,
        Guid runId,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var caller = Caller.From(Context.User ?? throw new HubException("Sign in first."));
        await using var updates = feed.WatchRunAsync(caller, projectId, runId, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(updates))
        {
            yield return updates.Current;
        }
    }

    // A refusal's sentence may reach the client; everything else stays in the log.
    private static async Task<bool> NextAsync(IAsyncEnumerator<JobUpdate> updates)
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (Exception ex) when (Hosting.RefusalHandler.StatusOf(ex) is not null)
        {
            throw new HubException(Hosting.RefusalHandler.SentenceOf(ex), ex);
        }
    }
}
