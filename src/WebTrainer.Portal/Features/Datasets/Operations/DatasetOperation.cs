using WebTrainer.Pipeline;

namespace WebTrainer.Portal.Features.Datasets.Operations;

/// <summary>Which version: version <paramref name="Number"/> of a dataset.</summary>
public sealed record VersionKey(Guid DatasetId, int Number);

/// <param name="Stage">What is being done, as a verb.</param>
/// <param name="Total">Same unit as <paramref name="Done"/>; 0 where it isn't known.</param>
/// <param name="Since">When the stage began, from which the time left is told.</param>
public sealed record OperationState(string Stage, long Done, long Total, DateTimeOffset Since);

/// <summary>Long work on a dataset that goes on whether anybody looks at it or not.</summary>
public sealed class DatasetOperation : IProgress<WorkProgress>, IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly TimeProvider _time;
    private volatile OperationState _state;

    public DatasetOperation(Guid projectId, Guid subject, string title, TimeProvider time, CancellationToken portalStops)
    {
        ProjectId = projectId;
        Subject = subject;
        Title = title;
        _time = time;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(portalStops);
        _state = new OperationState("Waiting for its turn", 0, 0, time.GetUtcNow());
    }

    public Guid Id { get; } = Guid.CreateVersion7();
    public Guid ProjectId { get; }

    /// <summary>The upload or version it reads, which must stay until it has ended.</summary>
    public Guid Subject { get; }

    /// <summary>What it does, for people: "Import train.csv".</summary>
    public string Title { get; }
    public OperationState State => _state;

    /// <summary>Ends with the new version, or with why there is none.</summary>
    public Task<VersionKey> Completion { get; private set; } = Task.FromException<VersionKey>(new InvalidOperationException("Not begun."));

    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Why it failed, in a sentence; null while it runs and when it went well.</summary>
    public string? Error { get; private set; }
    public VersionKey? Result { get; private set; }
    public CancellationToken Stopped => _stop.Token;

    public void Stop() => _stop.Cancel();

    public void Report(WorkProgress value)
    {
        var since = value.Stage == _state.Stage ? _state.Since : _time.GetUtcNow();
        _state = new OperationState(value.Stage, value.Done, value.Total, since);
    }

    internal void Begin(Func<Task<VersionKey>> work) => Completion = Task.Run(work, CancellationToken.None);

    internal void Succeeded(VersionKey result)
    {
        Result = result;
        EndedAt = _time.GetUtcNow();
    }

    internal void Failed(string error)
    {
        Error = error;
        EndedAt = _time.GetUtcNow();
    }

    public void Dispose() => _stop.Dispose();
}
