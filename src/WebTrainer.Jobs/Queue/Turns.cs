using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Sharing;

namespace WebTrainer.Jobs.Queue;

/// <summary>What the queue remembers of jobs that hold a device: since when they work, and whom it told to give it away.</summary>
internal sealed class Turns
{
    private readonly Dictionary<Guid, Turn> _turns = [];

    /// <summary>Takes over who holds a device now.</summary>
    public void Look(IEnumerable<Job> active, DateTimeOffset now)
    {
        var jobs = active.ToDictionary(job => job.Id);
        foreach (var gone in _turns.Where(turn => !jobs.TryGetValue(turn.Key, out var job) || job.Attempts != turn.Value.Attempt).ToList())
        {
            _turns.Remove(gone.Key);
        }

        foreach (var job in jobs.Values)
        {
            if (job.State != JobState.Running)
            {
                _turns.Remove(job.Id); // who pauses obeys no such wish any more
            }
            else
            {
                _turns.TryAdd(job.Id, new Turn(job.Attempts, now));
            }
        }
    }

    /// <summary>Its turn counts from its first step: loading a model is none of it.</summary>
    public ActiveJob Of(ActiveJob active) =>
        _turns.TryGetValue(active.Job.Id, out var turn)
            ? active with
            {
                Since = turn.Since,
                IsYielding = turn.IsTold,
            }
            : active with
            {
                Job = active.Job with { CanYield = false },
            };

    public void Told(Guid jobId) => _turns[jobId] = _turns[jobId] with { IsTold = true };

    private sealed record Turn(int Attempt, DateTimeOffset Since, bool IsTold = false);
}
