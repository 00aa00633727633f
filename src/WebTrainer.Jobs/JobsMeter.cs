using System.Diagnostics.Metrics;
using WebTrainer.Domain.Runs;

namespace WebTrainer.Jobs;

/// <summary>The instruments of the meter <c>WebTrainer.Jobs</c>.</summary>
public sealed class JobsMeter : IDisposable
{
    public const string Name = "WebTrainer.Jobs";

    /// <summary>Seconds, from at once to a day.</summary>
    private static readonly double[] s_waits = [0.5, 1, 3, 10, 30, 60, 300, 900, 3600, 4 * 3600, 24 * 3600];

    private readonly Meter _meter;
    private readonly Counter<long> _events;
    private readonly Histogram<double> _waited;
    private readonly Counter<long> _ended;
    private int _queued;
    private int _active;

    public JobsMeter(IMeterFactory factory)
    {
        _meter = factory.Create(Name);
        _events = _meter.CreateCounter<long>("webtrainer.jobs.events_read", "{event}", "Worker events stored.");
        _waited = _meter.CreateHistogram(
            "webtrainer.jobs.waited",
            "s",
            "Time from the queue to a worker.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = s_waits }
        );
        _ended = _meter.CreateCounter<long>("webtrainer.jobs.ended", "{job}", "Jobs that ended, by how.");
        _meter.CreateObservableGauge("webtrainer.jobs.queued", () => _queued, "{job}", "Jobs that wait for a slot.");
        _meter.CreateObservableGauge("webtrainer.jobs.active", () => _active, "{job}", "Jobs that have a worker.");
    }

    internal void EventsRead(int count) => _events.Add(count);

    internal void QueueIs(int queued, int active) => (_queued, _active) = (queued, active);

    internal void Waited(string kind, TimeSpan time) => _waited.Record(time.TotalSeconds, new KeyValuePair<string, object?>("kind", kind));

    internal void Ended(Job job) =>
        _ended.Add(
            1,
            new KeyValuePair<string, object?>("kind", job.Kind),
            new KeyValuePair<string, object?>("state", job.State.ToString())
        );

    public void Dispose() => _meter.Dispose();
}
