using System.Collections.Concurrent;

namespace WebTrainer.Portal.Access;

/// <summary>
/// Which readings of people's data were written into the audit log a moment ago: who goes on reading the same is noted once in a while, so
/// that turning pages doesn't bury what else was done.
/// </summary>
public sealed class ReadLog
{
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(10);
    private readonly ConcurrentDictionary<(string UserId, string Action, string Subject), DateTimeOffset> _noted = new();

    public bool WasNoted(string userId, string action, string subject, DateTimeOffset now) =>
        _noted.TryGetValue((userId, action, subject), out var last) && now - last < s_pause;

    public void Remember(string userId, string action, string subject, DateTimeOffset now)
    {
        if (_noted.Count >= MaxRemembered)
        {
            _noted.Clear();
        }

        _noted[(userId, action, subject)] = now;
    }
}
