using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using WebTrainer.Domain.Access;
using WebTrainer.Portal.Features.Deployments.OpenAi;

namespace WebTrainer.Portal.Features.Deployments.Keys;

/// <summary>Keeps one key's programs from taking the models away from all others.</summary>
public sealed class KeyLimits : IDisposable
{
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    /// <summary>Where other requests of the key must end first, nobody knows when that will be.</summary>
    private static readonly TimeSpan s_guess = TimeSpan.FromSeconds(1);
    private readonly EndpointOptions _options;
    private readonly PartitionedRateLimiter<Guid> _atOnce;
    private readonly PartitionedRateLimiter<(Guid Key, int Most)> _perMinute;

    public KeyLimits(IOptions<EndpointOptions> options)
    {
        _options = options.Value;
        _atOnce = PartitionedRateLimiter.Create<Guid, Guid>(key =>
            RateLimitPartition.GetConcurrencyLimiter(key, _ => new ConcurrencyLimiterOptions { PermitLimit = _options.RequestsAtOnceOfKey })
        );
        _perMinute = PartitionedRateLimiter.Create<(Guid Key, int Most), (Guid Key, int Most)>(bound =>
            RateLimitPartition.GetFixedWindowLimiter(
                bound,
                _ => new FixedWindowRateLimiterOptions { PermitLimit = bound.Most, Window = s_window }
            )
        );
    }

    /// <returns>The key's place, which is free again when disposed.</returns>
    /// <exception cref="OpenAiException">The key asks too often, or too much at once.</exception>
    public IDisposable Enter(Guid key, KeyBounds bounds)
    {
        var place = _atOnce.AttemptAcquire(key);
        if (!place.IsAcquired)
        {
            throw TooMany(
                place,
                $"This key has {_options.RequestsAtOnceOfKey} requests under way, which is as many as may. Send the next when one has ended."
            );
        }

        var most = Math.Min(bounds.RequestsPerMinute ?? int.MaxValue, _options.RequestsPerMinuteOfKey);
        using var turn = _perMinute.AttemptAcquire((key, most));
        if (turn.IsAcquired)
        {
            return place;
        }

        place.Dispose();
        throw TooMany(turn, $"This key may send {most} requests a minute. Wait, then send it again.");
    }

    public void Dispose()
    {
        _atOnce.Dispose();
        _perMinute.Dispose();
    }

    private static OpenAiException TooMany(RateLimitLease lease, string message) =>
        new(StatusCodes.Status429TooManyRequests, message, "rate_limit_error", "rate_limit_exceeded")
        {
            RetryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : s_guess,
        };
}
