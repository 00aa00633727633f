using WebTrainer.Domain.Datasets;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Access;

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

    public DatasetOperation(DataJob job, TimeProvider time, CancellationToken portalStops)
    {
        Job = job;
        _time = time;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(portalStops);
        _state = new OperationState("Waiting for its turn", 0, 0, time.GetUtcNow());
    }

    /// <summary>What was asked, as it stood in the database when the work began.</summary>
    public DataJob Job { get; }
    public Guid Id => Job.Id;
    public Guid ProjectId => Job.ProjectId;

    /// <summary>The upload, version or source it reads, which must stay until it has ended.</summary>
    public Guid Subject => Job.Subject;

    /// <summary>What it does, for people: "Import train.csv".</summary>
    public string Title => Job.Title;

    /// <summary>On whose behalf it works; their rights are checked anew before anything is recorded.</summary>
    public Caller Caller => new(Job.CreatedBy, Job.CreatedByName);
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

    /// <summary>What it was asked for, as it is kept.</summary>
    public T Asked<T>() => RecipeJson.Read<T>(Job.Request)!;
}
