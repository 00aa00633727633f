using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Access;
using WebTrainer.Portal.Features.Deployments.OpenAi;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Deployments.Keys;

/// <summary>
/// Counts what keys use, by minute and by month, and refuses who has used up what is allowed. Kept in the database each second, so that a
/// kill costs one second's counts.
/// </summary>
public sealed class KeyUse(IDbContextFactory<AppDb> databases, TimeProvider time, ILogger<KeyUse> logger) : SteadyService(logger)
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<Guid, Count> _counts = new();
    private readonly ConcurrentDictionary<(Guid Key, DateOnly Day), (long Requests, long Tokens)> _unwritten = new();

    /// <summary>Notes an answered request.</summary>
    public void Note(Guid key, int tokens)
    {
        var now = time.GetUtcNow();
        _counts.GetOrAdd(key, _ => new Count()).Add(now, tokens);
        _unwritten.AddOrUpdate(
            (key, DateOnly.FromDateTime(now.UtcDateTime)),
            (1, tokens),
            (_, known) => (known.Requests + 1, known.Tokens + tokens)
        );
    }

    /// <exception cref="OpenAiException">The key has used up its tokens of this minute or month.</exception>
    public async Task CheckAsync(Guid key, KeyBounds bounds, CancellationToken cancellationToken)
    {
        if (bounds is { TokensPerMinute: null, TokensPerMonth: null })
        {
            return;
        }

        var now = time.GetUtcNow();
        var count = _counts.GetOrAdd(key, _ => new Count());
        await count.KnowMonthAsync(now, month => ReadAsync(key, month, cancellationToken));
        if (bounds.TokensPerMinute is { } most && count.OfMinute(now) >= most)
        {
            throw TooMany(
                $"This key may use {most} tokens a minute, and has. Wait for the next minute.",
                TimeSpan.FromSeconds(60 - now.Second)
            );
        }

        if (bounds.TokensPerMonth is { } mostOfMonth && count.OfMonth(now) >= mostOfMonth)
        {
            var next = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1);
            throw TooMany(
                $"This key may use {mostOfMonth} tokens a month, and has. Ask the project for more, or wait for the next month.",
                next - now
            );
        }
    }

    /// <summary>Writes what was counted since the last time.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var at in _unwritten.Keys)
        {
            if (!_unwritten.TryRemove(at, out var used))
            {
                continue;
            }

            var day = await db.KeyDays.FindAsync([at.Key, at.Day], cancellationToken);
            if (day is null)
            {
                db.KeyDays.Add(day = new KeyDay(at.Key, at.Day));
            }

            day.Add(used.Requests, used.Tokens);
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    protected override async Task WorkAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (!_unwritten.IsEmpty)
                {
                    await WriteAsync(stoppingToken);
                }
            }
        }
        finally
        {
            await WriteAsync(CancellationToken.None); // what came before the portal was told to stop
        }
    }

    private async Task<long> ReadAsync(Guid key, DateOnly month, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.KeyDays.Where(d => d.KeyId == key && d.Day >= month).SumAsync(d => d.Tokens, cancellationToken)
            + _unwritten.Where(u => u.Key.Key == key && u.Key.Day >= month).Sum(u => u.Value.Tokens);
    }

    private static OpenAiException TooMany(string message, TimeSpan wait) =>
        new(StatusCodes.Status429TooManyRequests, message, "rate_limit_error", "rate_limit_exceeded") { RetryAfter = wait };

    /// <summary>Tokens of one key in the minute and month that are.</summary>
    private sealed class Count
    {
        private readonly Lock _lock = new();
        private long _minute,
            _ofMinute,
            _ofMonth;
        private DateOnly? _month;

        public void Add(DateTimeOffset now, int tokens)
        {
            lock (_lock)
            {
                Turn(now);
                _ofMinute += tokens;
                _ofMonth += tokens;
            }
        }

        public long OfMinute(DateTimeOffset now)
        {
            lock (_lock)
            {
                Turn(now);
                return _ofMinute;
            }
        }

        public long OfMonth(DateTimeOffset now)
        {
            lock (_lock)
            {
                Turn(now);
                return _ofMonth;
            }
        }

        /// <summary>Reads once a month what was used before the portal began.</summary>
        public async Task KnowMonthAsync(DateTimeOffset now, Func<DateOnly, Task<long>> read)
        {
            if (_month == MonthOf(now))
            {
                return;
            }

            var used = await read(MonthOf(now));
            lock (_lock)
            {
                (_month, _ofMonth) = (MonthOf(now), used);
            }
        }

        private void Turn(DateTimeOffset now)
        {
            var minute = now.ToUnixTimeSeconds() / 60;
            if (minute != _minute)
            {
                (_minute, _ofMinute) = (minute, 0);
            }
        }

        private static DateOnly MonthOf(DateTimeOffset now) => new(now.UtcDateTime.Year, now.UtcDateTime.Month, 1);
    }
}
