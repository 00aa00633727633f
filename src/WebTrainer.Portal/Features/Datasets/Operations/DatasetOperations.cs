using System.Collections.Concurrent;
using WebTrainer.Domain;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Datasets.Operations;

/// <summary>Runs long work on datasets, few at a time, apart from any page.</summary>
/// <remarks>Not kept over a restart: an import that was cut off leaves nothing behind and is begun again by its person.</remarks>
public sealed class DatasetOperations(TimeProvider time, IHostApplicationLifetime portal, ILogger<DatasetOperations> logger) : IDisposable
{
    private const int AtOnce = 2;
    private const int MaxOfProject = 20;
    private static readonly TimeSpan s_kept = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<Guid, DatasetOperation> _operations = new();
    private readonly SemaphoreSlim _places = new(AtOnce);

    public DatasetOperation Start(
        Guid projectId, Guid subject, string title, Func<IProgress<WorkProgress>, CancellationToken, Task<VersionKey>> work)
    {
        Forget();
        if (Of(projectId).Count(o => o.EndedAt is null) >= MaxOfProject)
            throw new RuleViolationException($"{MaxOfProject} operations wait in this project already. Wait until some are done.");
        var operation = new DatasetOperation(projectId, subject, title, time, portal.ApplicationStopping);
        _operations[operation.Id] = operation;
        operation.Begin(() => RunAsync(operation, work));
        return operation;
    }

    /// <summary>Those that run or wait, and those that ended within the last hour; the newest first.</summary>
    public IReadOnlyList<DatasetOperation> Of(Guid projectId) =>
        [.. _operations.Values.Where(o => o.ProjectId == projectId).OrderByDescending(o => o.Id)];

    /// <summary>Whether something reads this upload or version now, or waits to.</summary>
    public bool IsRead(Guid subject) => _operations.Values.Any(o => o.Subject == subject && o.EndedAt is null);

    public DatasetOperation? Find(Guid projectId, Guid id) =>
        _operations.TryGetValue(id, out var operation) && operation.ProjectId == projectId ? operation : null;

    /// <summary>Takes an ended operation off the list.</summary>
    public void Remove(DatasetOperation operation) => _operations.TryRemove(operation.Id, out _);

    public void Dispose() => _places.Dispose();

    private async Task<VersionKey> RunAsync(
        DatasetOperation operation, Func<IProgress<WorkProgress>, CancellationToken, Task<VersionKey>> work)
    {
        try
        {
            await _places.WaitAsync(operation.Stopped);
            try
            {
                var result = await work(operation, operation.Stopped);
                operation.Succeeded(result);
                return result;
            }
            finally
            {
                _places.Release();
            }
        }
        catch (Exception ex)
        {
            operation.Failed(Sentence(operation, ex));
            throw;
        }
    }

    private string Sentence(DatasetOperation operation, Exception exception)
    {
        if (exception is OperationCanceledException)
            return "It was stopped. Nothing was changed.";
        if (RefusalHandler.StatusOf(exception) is not null)
            return exception.Message;
        logger.LogError(exception, "{Operation} failed in project {Project}", operation.Id, operation.ProjectId);
        return exception is IOException
            ? "The server could not write its files; its disk may be full. Nothing was changed. Tell an administrator."
            : "Something went wrong on the server. Nothing was changed. It was noted in the server's log.";
    }

    private void Forget()
    {
        var oldest = time.GetUtcNow() - s_kept;
        foreach (var operation in _operations.Values.Where(o => o.EndedAt < oldest))
            Remove(operation);
    }
}
