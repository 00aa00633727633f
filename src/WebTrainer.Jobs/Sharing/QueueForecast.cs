namespace WebTrainer.Jobs.Sharing;

/// <summary>When a waiting job begins, as far as it can be known now.</summary>
/// <param name="StartsAt">Null for one that may not begin, or for which no device comes free.</param>
/// <param name="IsRough">It depends on a job of which nothing is known.</param>
public sealed record ExpectedStart(DateTimeOffset? StartsAt, bool IsRough);

/// <summary>
/// Plays the queue forward: whoever works ends as expected, and the queue itself chooses who is next. Who comes later and goes before
/// others is
/// foreseen as on the days before: each of them is played once more, and the middle one of the times counts.
/// </summary>
/// <param name="handover">Seconds from a run's being told to give its device away to the next job's beginning.</param>
public sealed class QueueForecast(FairQueue queue, double handover = 5)
{
    /// <param name="days">What came on each of some days before, each counted from now on, in its order; empty where nothing is
    /// known.</param>
    /// <returns>For each waiting job.</returns>
    public IReadOnlyDictionary<Guid, ExpectedStart> Of(QueueMoment moment, params IReadOnlyCollection<IReadOnlyList<ComingJob>> days)
    {
        ArgumentNullException.ThrowIfNull(moment);
        ArgumentNullException.ThrowIfNull(days);
        var plays = (
            days.Count == 0
                ?
                [
                    [],
                ]
                : days
        )
            .Select(day =>
            {
                var play = new Play(queue, moment with { Shares = moment.Shares.Copy() }, day, handover);
                play.Run();
                return play;
            })
            .ToList();
        return moment.Waiting.ToDictionary(job => job.Id, job => Middle([.. plays.Select(play => play.StartOf(job.Id))]));
    }

    private static ExpectedStart Middle(List<ExpectedStart> starts) =>
        starts.OrderBy(start => start.StartsAt ?? DateTimeOffset.MaxValue).ElementAt((starts.Count - 1) / 2);

    private sealed class Play(FairQueue queue, QueueMoment moment, IReadOnlyList<ComingJob> coming, double handover)
    {
        private readonly Dictionary<Guid, ExpectedStart> _starts = [];
        private readonly HashSet<Guid> _unknown = [.. moment.Waiting.Where(job => job.Held is null).Select(job => job.Id)];
        private readonly Queue<ComingJob> _coming = new(coming);
        private bool _isRough = moment.Active.Any(active => active.Job.ExpectedSeconds is null);

        private readonly List<WaitingJob> _waiting = [.. moment.Waiting.Where(job => job.Held is null)];
        private readonly List<string> _free = [.. moment.Free];
        private readonly List<(ActiveJob Active, DateTimeOffset Ends)> _active =
        [
            .. moment.Active.Select(active => (active, moment.Now + Length(active.IsYielding ? handover : active.Job.ExpectedSeconds))),
        ];
        private DateTimeOffset _now = moment.Now;

        public ExpectedStart StartOf(Guid jobId) => _starts.GetValueOrDefault(jobId) ?? new ExpectedStart(null, _isRough);

        /// <summary>Until each job has begun, or none is at work that would make room.</summary>
        public void Run()
        {
            while (true)
            {
                // What is at work will have used its expected time, now as later: shares are those of the beginning with what began since.
                var choice = queue.Choose(moment with { Now = _now, Waiting = _waiting, Active = Actives(), Free = _free });
                foreach (var (job, slot) in choice.Placements)
                {
                    Begin(job, slot);
                }

                foreach (var yielding in choice.Yields)
                {
                    var at = _active.FindIndex(one => one.Active.Job.Id == yielding.Job.Id);
                    _active[at] = (yielding with { IsYielding = true }, _now + Length(handover));
                }

                if (_unknown.Count == 0 || _active.Count == 0)
                {
                    return; // where nothing is at work and nothing began, nothing that waits ever can
                }

                var first = _active.MinBy(one => one.Ends);
                var comes = _coming.TryPeek(out var next) ? moment.Now + next.After : DateTimeOffset.MaxValue;
                if (comes <= first.Ends)
                {
                    _now = _now > comes ? _now : comes;
                    _waiting.Add(_coming.Dequeue().Job with { QueuedAt = _now });
                }
                else if (NextTurnEnds() is { } turn && turn < first.Ends)
                {
                    _now = turn;
                }
                else
                {
                    End(first);
                }
            }
        }

        /// <summary>When the next run may be asked for its device; null where no short work waits for that.</summary>
        private DateTimeOffset? NextTurnEnds() =>
            _waiting.Exists(job => job.IsShort)
                ? _active
                    .Where(one => one.Active is { IsYielding: false, Job: { CanYield: true, IsShort: false } })
                    .Select(one => (DateTimeOffset?)(one.Active.Since + queue.LeastTurn))
                    .Where(turn => turn > _now)
                    .Min()
                : null;

        private List<ActiveJob> Actives() =>
            [
                .. _active.Select(one =>
                    one.Active.IsYielding
                        ? one.Active
                        : one.Active with
                        {
                            Job = one.Active.Job with { ExpectedSeconds = Math.Max(0, (one.Ends - _now).TotalSeconds) },
                        }
                ),
            ];

        private void Begin(WaitingJob job, string slot)
        {
            _waiting.Remove(job);
            _free.Remove(slot);
            if (_unknown.Remove(job.Id))
            {
                _starts[job.Id] = new ExpectedStart(_now, _isRough);
            }

            _isRough |= job.ExpectedSeconds is null;
            _active.Add((new ActiveJob(slot, _now, job with { GoesOn = false }), _now + Length(job.ExpectedSeconds)));
        }

        private void End((ActiveJob Active, DateTimeOffset Ends) ended)
        {
            _now = ended.Ends;
            _active.Remove(ended);
            _free.Add(ended.Active.Slot);
            moment.Shares.Charge(ended.Active.Job.Sharer, (_now - ended.Active.Since).TotalSeconds);
            if (ended.Active.IsYielding)
            {
                _waiting.Add(ended.Active.Job with { QueuedAt = _now, GoesOn = true });
            }
        }

        private static TimeSpan Length(double? seconds) => TimeSpan.FromSeconds(seconds ?? FairQueue.UnknownSeconds);
    }
}
