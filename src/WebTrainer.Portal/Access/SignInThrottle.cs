using System.Collections.Concurrent;

namespace WebTrainer.Portal.Access;

/// <summary>Somebody has tried too often, and may again after a while.</summary>
public sealed class TooManyTriesException(TimeSpan wait)
    : Exception($"That were many tries. Wait {Math.Ceiling(wait.TotalSeconds):0} seconds, then try again.")
{
    public TimeSpan Wait => wait;
}

/// <summary>
/// Slows the guessing of passwords: each wrong one makes whoever tried wait longer, by the account and where they try from, so that nobody
/// shuts out an account's owner, who tries from elsewhere or from a device that the account has been used on. Tries from all unknown places
/// together have a limit too, since one who guesses may have many addresses.
/// </summary>
/// <remarks>The same for accounts that don't exist: what is refused says nothing about who has one.</remarks>
public sealed class SignInThrottle(TimeProvider time)
{
    /// <summary>Wrong passwords that cost no wait; people mistype.</summary>
    public const int FreeTries = 5;

    /// <summary>
    /// Wrong passwords of one account from all unknown places in <see cref="s_memory"/>; then only known devices are let try.
    /// </summary>
    public const int TriesFromUnknownPlaces = 200;

    /// <summary>Accounts and places that are remembered; of more, those without a wait are forgotten.</summary>
    private const int MaxRemembered = 50_000;
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_memory = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<(string Account, string Place), Tries> _tries = [];

    /// <summary>Begins a try, which counts as wrong until <see cref="Succeeded"/>: many at once don't slip past.</summary>
    /// <exception cref="TooManyTriesException">It is too early for another.</exception>
    public void Begin(string account, SignInPlace place)
    {
        Forget();
        var now = time.GetUtcNow();
        if (!place.IsKnown)
        {
            Count((account, ""), now, TriesFromUnknownPlaces);
        }

        Count((account, place.Name), now, FreeTries);
    }

    /// <summary>The try was none of a guesser.</summary>
    public void Succeeded(string account, SignInPlace place)
    {
        _tries.TryRemove((account, place.Name), out _);
        if (place.IsKnown || !_tries.TryGetValue((account, ""), out var everywhere))
        {
            return;
        }

        lock (everywhere)
        {
            everywhere.Wrong = Math.Max(0, everywhere.Wrong - 1);
        }
    }

    private void Count((string Account, string Place) key, DateTimeOffset now, int free)
    {
        var tries = _tries.GetOrAdd(key, _ => new Tries());
        lock (tries)
        {
            if (now - tries.Last > s_memory)
            {
                tries.Wrong = 0;
            }

            if (tries.Last + WaitAfter(tries.Wrong - free) is var next && next > now)
            {
                throw new TooManyTriesException(next - now);
            }

            (tries.Wrong, tries.Last) = (tries.Wrong + 1, now);
        }
    }

    /// <summary>Doubles from a second on.</summary>
    private static TimeSpan WaitAfter(int more) =>
        more < 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(Math.Pow(2, more), s_longestWait.TotalSeconds));

    private void Forget()
    {
        if (_tries.Count < MaxRemembered)
        {
            return;
        }

        var old = time.GetUtcNow() - s_longestWait;
        foreach (var (key, tries) in _tries)
        {
            if (tries.Last < old)
            {
                _tries.TryRemove(key, out _);
            }
        }
    }

    private sealed class Tries
    {
        public int Wrong { get; set; }
        public DateTimeOffset Last { get; set; }
    }
}

/// <summary>Where somebody tries from.</summary>
/// <param name="Name">An address, or a device's own number.</param>
/// <param name="IsKnown">The account has been used there before.</param>
public sealed record SignInPlace(string Name, bool IsKnown);
