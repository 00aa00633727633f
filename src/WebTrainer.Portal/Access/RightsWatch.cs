using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Domain.Projects;

namespace WebTrainer.Portal.Access;

/// <summary>
/// Ends what stands on a right as soon as the right has ended: looks at all that are held at once, after each change and, since rights also
/// end by time or by another program's hand, each <see cref="Interval"/>. A single action needs no watch: it is authorised when it is done.
/// </summary>
public sealed class RightsWatch(
    IDbContextFactory<AppDb> databases,
    AccessChanges changes,
    IOptions<AuthOptions> auth,
    TimeProvider time,
    ILogger<RightsWatch> logger
) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<HeldRight, bool> _held = [];

    /// <summary>Holds an account with the session or token by which it is used.</summary>
    public HeldRight Hold(Caller caller) => Add(caller, key: null, now => now.DemandAlive(caller));

    /// <summary>Holds a right in a project. Authorise after it, so that no change falls between the two.</summary>
    public HeldRight Hold(Caller caller, Guid projectId, Permission permission) =>
        Add(caller, key: null, now => now.Demand(caller, projectId, permission));

    /// <summary>Holds a project's key.</summary>
    public HeldRight HoldKey(Guid key) => Add(caller: null, key, now => now.DemandKey(key));

    /// <summary>Looks at all that are held, now.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var held = _held.Keys.ToList();
        if (held.Count == 0)
        {
            return;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = await Standings.ReadAsync(
            db,
            [.. held.Where(h => h.Caller is not null).Select(h => h.Caller!)],
            [.. held.Where(h => h.Key is not null).Select(h => h.Key!.Value)],
            auth.Value.SecondFactor,
            time.GetUtcNow(),
            cancellationToken
        );
        foreach (var right in held)
        {
            right.Check(now);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await WaitAsync(stoppingToken);
            try
            {
                await CheckAsync(stoppingToken);
            }
            catch (Exception ex) when (ex is not OperationCanceledException)
            {
                logger.LogError(
                    ex,
                    "The rights of open streams and pages could not be looked at; the next look is in {Interval}",
                    Interval
                );
            }
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var turn = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(changes.WaitAsync(turn.Token), Task.Delay(Interval, time, turn.Token));
        await turn.CancelAsync();
    }

    private HeldRight Add(Caller? caller, Guid? key, Action<Standings> demand)
    {
        var right = new HeldRight(caller, key, demand, gone => _held.TryRemove(gone, out _));
        _held[right] = true;
        return right;
    }
}
