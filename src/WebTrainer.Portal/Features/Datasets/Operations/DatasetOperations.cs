using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Uploads;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Datasets.Operations;

/// <summary>Runs long work on datasets, few at a time, apart from any page.</summary>
/// <remarks>
/// Each piece of work is a row in the database before it begins. What the portal's end cut off begins anew at its next start;
/// nothing half-made is left of it, because versions are recorded together with the end of their job.
/// </remarks>
public sealed class DatasetOperations(
    IDbContextFactory<AppDb> databases,
    IServiceProvider services,
    Quotas quotas,
    DiskReserve reserve,
    TimeProvider time,
    IHostApplicationLifetime portal,
    ILogger<DatasetOperations> logger
) : IUploadReader, IDisposable
{
    private const int AtOnce = 2;
    private const int MaxOfProject = 20;
    private static readonly TimeSpan s_kept = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<Guid, DatasetOperation> _operations = new();
    private readonly SemaphoreSlim _places = new(AtOnce);

    // One at a time of each person, so that the other place is never taken by the same one while somebody else waits.
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);

    /// <summary>Writes down what is asked for in the use case's transaction, and begins it.</summary>
    /// <param name="request">Kept as JSON, from which the work is done, now or after a restart.</param>
    public async Task<DatasetOperation> StartAsync(
        ProjectWork work,
        DataJobKind kind,
        Guid subject,
        string title,
        object request,
        CancellationToken cancellationToken
    )
    {
        Forget();
        var asked = RecipeJson.Write(request);
        if (
            Of(work.ProjectId)
                .FirstOrDefault(o =>
                    o.EndedAt is null
                    && o.Job.Kind == kind
                    && o.Job.Subject == subject
                    && o.Job.Request == asked
                    && o.Job.CreatedBy == work.Caller.UserId
                ) is
            { } same
        )
        {
            return same; // asked for twice, it is done once
        }

        if (Of(work.ProjectId).Count(o => o.EndedAt is null) >= MaxOfProject)
        {
            throw new RuleViolationException($"{MaxOfProject} operations wait in this project already. Wait until some are done.");
        }

        if (_operations.Values.Count(o => o.EndedAt is null && o.Job.CreatedBy == work.Caller.UserId) >= quotas.DataJobsOfPerson)
        {
            throw new RuleViolationException(
                $"{quotas.DataJobsOfPerson} operations of yours are under way or wait already. Wait until some are done."
            );
        }

        reserve.CheckRoom();
        await quotas.CheckAsync(work, cancellationToken);
        var job = new DataJob(work.ProjectId, kind, subject, title, asked, work.Caller.UserId, work.Caller.Name, work.Now);
        work.Db.DataJobs.Add(job);
        await work.SaveAsync(cancellationToken);
        return Begin(job);
    }

    /// <summary>Begins again what was not done when the portal last ended.</summary>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var open = await db
            .DataJobs.AsNoTracking()
            .Where(j => j.State == DataJobState.Open)
            .OrderBy(j => j.CreatedAt)
            .ToListAsync(cancellationToken);
        foreach (var job in open.Where(j => !_operations.ContainsKey(j.Id)))
        {
            Begin(job);
        }

        if (open.Count > 0)
        {
            logger.LogInformation("Began {Jobs} pieces of work on datasets again that the last end of the portal cut off", open.Count);
        }
    }

    /// <summary>Those that run or wait, and those that ended within the last hour; the newest first.</summary>
    public IReadOnlyList<DatasetOperation> Of(Guid projectId) =>
        [.. _operations.Values.Where(o => o.ProjectId == projectId).OrderByDescending(o => o.Id)];

    /// <summary>Whether something reads this upload or version now, or waits to.</summary>
    public bool IsRead(Guid uploadId) => _operations.Values.Any(o => o.Subject == uploadId && o.EndedAt is null);

    public DatasetOperation? Find(Guid projectId, Guid id) =>
        _operations.TryGetValue(id, out var operation) && operation.ProjectId == projectId ? operation : null;

    /// <summary>Takes an ended operation off the list.</summary>
    public void Remove(DatasetOperation operation) => _operations.TryRemove(operation.Id, out _);

    public void Dispose()
    {
        _places.Dispose();
        foreach (var turn in _turns.Values)
        {
            turn.Dispose();
        }
    }

    private DatasetOperation Begin(DataJob job)
    {
        var operation = new DatasetOperation(job, time, portal.ApplicationStopping);
        _operations[operation.Id] = operation;
        operation.Begin(() => RunAsync(operation));
        return operation;
    }

    private async Task<VersionKey> RunAsync(DatasetOperation operation)
    {
        try
        {
            var turn = _turns.GetOrAdd(operation.Job.CreatedBy, _ => new SemaphoreSlim(1));
            await turn.WaitAsync(operation.Stopped);
            var placed = false;
            try
            {
                await _places.WaitAsync(operation.Stopped);
                placed = true;
                await CountAttemptAsync(operation);
                var work = services.GetServices<IDatasetWork>().First(w => w.Kinds.Contains(operation.Job.Kind));
                var result = await work.DoAsync(operation, operation.Stopped);
                operation.Succeeded(result);
                return result;
            }
            finally
            {
                if (placed)
                {
                    _places.Release();
                }

                turn.Release();
            }
        }
        catch (Exception ex)
        {
            await FailAsync(operation, ex);
            throw;
        }
    }

    private async Task CountAttemptAsync(DatasetOperation operation)
    {
        await using var db = await databases.CreateDbContextAsync(operation.Stopped);
        var job = await db.DataJobs.SingleAsync(j => j.Id == operation.Id, operation.Stopped);
        var mayBegin = job.Begin();
        await db.SaveChangesAsync(operation.Stopped);
        if (!mayBegin)
        {
            throw new RuleViolationException(
                $"The server ended {DataJob.MaxAttempts} times while this was done; it is not tried again. Nothing was changed. Tell an administrator."
            );
        }
    }

    private async Task FailAsync(DatasetOperation operation, Exception exception)
    {
        var stopped = exception is OperationCanceledException;
        operation.Failed(Sentence(operation, exception));
        if (stopped && portal.ApplicationStopping.IsCancellationRequested)
        {
            return; // stays open: the next start begins it again
        }

        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        if (await db.DataJobs.SingleOrDefaultAsync(j => j.Id == operation.Id) is not { State: DataJobState.Open } job)
        {
            return;
        }

        job.Fail(operation.Error!, stopped, time.GetUtcNow());
        await db.SaveChangesAsync();
    }

    private string Sentence(DatasetOperation operation, Exception exception)
    {
        if (exception is OperationCanceledException)
        {
            return "It was stopped. Nothing was changed.";
        }

        if (RefusalHandler.StatusOf(exception) is not null)
        {
            return RefusalHandler.SentenceOf(exception);
        }

        logger.LogError(exception, "{Operation} failed in project {Project}", operation.Id, operation.ProjectId);
        return exception is IOException
            ? "The server could not write its files; its disk may be full. Nothing was changed. Tell an administrator."
            : "Something went wrong on the server. Nothing was changed. It was noted in the server's log.";
    }

    private void Forget()
    {
        var oldest = time.GetUtcNow() - s_kept;
        foreach (var operation in _operations.Values.Where(o => o.EndedAt < oldest))
        {
            Remove(operation);
        }
    }
}
