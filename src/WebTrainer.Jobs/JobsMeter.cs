using System.Diagnostics.Metrics;

namespace WebTrainer.Jobs;

/// <summary>The instruments of the meter <c>WebTrainer.Jobs</c>.</summary>
public sealed class JobsMeter : IDisposable
{
    public const string Name = "WebTrainer.Jobs";

    private readonly Meter _meter;
    private readonly Counter<long> _events;
    private int _queued;
    private int _active;

    public JobsMeter(IMeterFactory factory)
    {
        _meter = factory.Create(Name);
        _events = _meter.CreateCounter<long>("webtrainer.jobs.events_read", "{event}", "Worker events stored.");
        _meter.CreateObservableGauge("webtrainer.jobs.queued", () => _queued, "{job}", "Jobs that wait for a slot.");
        _meter.CreateObservableGauge("webtrainer.jobs.active", () => _active, "{job}", "Jobs that have a worker.");
    }

    internal void EventsRead(int count) => _events.Add(count);

    internal void QueueIs(int queued, int active) => (_queued, _active) = (queued, active);

    public void Dispose() => _meter.Dispose();
}
