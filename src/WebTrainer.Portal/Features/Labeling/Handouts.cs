namespace WebTrainer.Portal.Features.Labeling;

/// <summary>
/// Who has which item before their eyes, so that nobody works on an item that others already fill. Kept in memory: a lost
/// handout costs at most a refused answer, since the item itself takes no more answers than it needs.
/// </summary>
public sealed class Handouts(TimeProvider time)
{
    private static readonly TimeSpan s_holds = TimeSpan.FromMinutes(20);
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Dictionary<string, DateTimeOffset>> _holders = [];

    /// <summary>Hands an item to a person, unless others who answered it or hold it already fill its places.</summary>
    /// <param name="answeredBy">Who has answered it, as read a moment ago: holders who answered since are still held, so nobody slips in between.</param>
    public bool TryTake(Guid itemId, string userId, IEnumerable<string> answeredBy, int places)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (!_holders.TryGetValue(itemId, out var holders))
                holders = [];
            var others = holders.Where(h => h.Value > now).Select(h => h.Key).Union(answeredBy).Where(u => u != userId);
            if (others.Count() >= places)
                return false;
            holders[userId] = now + s_holds;
            _holders[itemId] = holders;
            return true;
        }
    }

    /// <summary>Items that this person holds.</summary>
    public IReadOnlyList<Guid> HeldBy(string userId)
    {
        var now = time.GetUtcNow();
        lock (_lock)
            return [.. _holders.Where(i => i.Value.TryGetValue(userId, out var until) && until > now).Select(i => i.Key)];
    }

    /// <summary>Gives back what this person holds, when they leave; and forgets what has lapsed.</summary>
    public void LetGo(string userId)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            foreach (var (item, holders) in _holders.ToList())
            {
                foreach (var (holder, until) in holders.ToList())
                {
                    if (holder == userId || until <= now)
                        holders.Remove(holder);
                }

                if (holders.Count == 0)
                    _holders.Remove(item);
            }
        }
    }
}
