using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Data.Auditing;
using WebTrainer.Proof;

namespace WebTrainer.Portal.Hosting;

/// <summary>Signs heads of the audit log while it grows, and a last one when the portal stops.</summary>
public sealed class AuditSigner(
    IDbContextFactory<AppDb> databases,
    ProofKeys keys,
    AuditFiles files,
    IOptions<AuditOptions> options,
    TimeProvider time,
    ILogger<AuditSigner> logger
) : SteadyService(logger)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private readonly AuditHeads _heads = new(keys, files.OpenHeads());
    private DateTimeOffset _signedAt = time.GetUtcNow();
    private readonly SemaphoreSlim _looking = new(1); // heads are signed one after another
    private bool _isStopped;

    /// <summary>Why no head is signed any more, for people; null while all is well.</summary>
    public string? Problem => _heads.Problem;

    /// <summary>Beside the heads, for those who verify a copy of them elsewhere.</summary>
    private string PublicKeyFile => files.Heads + ".public.pem";

    /// <summary>Signs a head up to the newest entry, for who needs it before the time has come.</summary>
    public Task SignNowAsync(CancellationToken cancellationToken) => LookAsync(isLast: true, cancellationToken);

    public override void Dispose()
    {
        _looking.Dispose();
        base.Dispose();
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_isStopped)
        {
            return;
        }

        _isStopped = true;
        try
        {
            // a stop that others have held up must not leave the end of the log unsigned
            await LookAsync(isLast: true, CancellationToken.None);
        }
        catch (Exception fault)
        {
            Logger.LogError(fault, "The last head of the audit log could not be signed");
        }
    }

    protected override async Task WorkAsync(CancellationToken stoppingToken)
    {
        await File.WriteAllTextAsync(PublicKeyFile, keys.PublicKeyPem, stoppingToken);
        using var timer = new PeriodicTimer(s_interval, time);
        do
        {
            await LookAsync(isLast: false, stoppingToken);
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookAsync(bool isLast, CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken);
        try
        {
            await ReadAndSignAsync(isLast, cancellationToken);
        }
        finally
        {
            _looking.Release();
        }
    }

    private async Task ReadAndSignAsync(bool isLast, CancellationToken cancellationToken)
    {
        var hadProblem = Problem is not null;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await _heads.ReadOnAsync(db, cancellationToken);
        var now = time.GetUtcNow();
        if (isLast || _heads.Ahead >= options.Value.SignEvery || now - _signedAt >= options.Value.SignAfter)
        {
            _heads.Sign(now);
            _signedAt = now;
        }

        if (Problem is not null && !hadProblem)
        {
            Logger.LogError("{Problem}", Problem);
        }
    }
}
