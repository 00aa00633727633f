using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Portal.Components.Shared;

namespace WebTrainer.Portal.Access;

/// <summary>Refuses what would take more of the disk than a project or a person may have.</summary>
public sealed class Quotas(IOptions<QuotaOptions> options, FileStore store, AddedModels models) : IDisposable
{
    /// <summary>
    /// Room for what is on its way and not written down yet: two that come at once must not both find the same place free.
    /// </summary>
    private readonly HashSet<QuotaRoom> _reserved = [];
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Work on datasets that one person may have under way or waiting.</summary>
    public int DataJobsOfPerson => options.Value.DataJobsOfPerson;

    /// <summary>Keeps room for bytes that are about to come, until they are written down or given up.</summary>
    /// <exception cref="RuleViolationException">They don't fit; the sentence says what is full and who can help.</exception>
    public async Task<QuotaRoom> ReserveAsync(ProjectWork work, long bytes, CancellationToken cancellationToken)
    {
        var room = new QuotaRoom(this, work);
        await room.ExtendAsync(bytes, cancellationToken);
        return room;
    }

    /// <exception cref="RuleViolationException">The project or the person has more than they may.</exception>
    public async Task CheckAsync(ProjectWork work, CancellationToken cancellationToken)
    {
        using var _ = await ReserveAsync(work, 0, cancellationToken);
    }

    public void Dispose() => _turn.Dispose();

    internal async Task AddAsync(QuotaRoom room, ProjectWork work, long more, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await CheckBytesAsync(work, more, cancellationToken);
            lock (_reserved)
            {
                room.Bytes += more;
                _reserved.Add(room);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    internal void Release(QuotaRoom room)
    {
        lock (_reserved)
        {
            _reserved.Remove(room);
        }
    }

    private async Task CheckBytesAsync(ProjectWork work, long more, CancellationToken cancellationToken)
    {
        var (ofProject, ofPerson) = (options.Value.ProjectBytes, options.Value.PersonBytes);
        // Looked at before what is written down: what is written meanwhile then counts twice for a moment, and never not at all.
        var (underWayOfProject, underWayOfPerson) = (
            Reserved(room => room.ProjectId == work.ProjectId),
            Reserved(room => room.UserId == work.Caller.UserId)
        );
        var uploaded = await work.Db.Uploads.Where(u => u.ProjectId == work.ProjectId).SumAsync(u => u.Length, cancellationToken);
        var versions = await work
            .Db.DatasetVersions.Where(v => v.ProjectId == work.ProjectId)
            .Select(v => new { v.Sha256, v.Bytes })
            .ToListAsync(cancellationToken);
        var added = models.List();
        var kept =
            versions.Sum(v => v.Bytes)
            + versions.Select(v => v.Sha256).Distinct().Sum(store.BytesBeside)
            + added.Where(m => m.ProjectId == work.ProjectId).Sum(m => m.Bytes);
        var used = uploaded + kept + underWayOfProject;
        if (used + more > ofProject)
        {
            throw new RuleViolationException(
                $"This project has {Format.Bytes(used)} of files, dataset versions, their indexes and added models, those under way included, and may have {Format.Bytes(ofProject)}. "
                    + "Discard uploads that nothing was made of, or ask an administrator for more room."
            );
        }

        var mine =
            await work.Db.Uploads.Where(u => u.CreatedBy == work.Caller.UserId).SumAsync(u => u.Length, cancellationToken)
            + added.Where(m => m.UserId == work.Caller.UserId).Sum(m => m.Bytes)
            + underWayOfPerson;
        if (mine + more > ofPerson)
        {
            throw new RuleViolationException(
                $"You have uploaded {Format.Bytes(mine)} and may have {Format.Bytes(ofPerson)}. Discard uploads that nothing was made of, or ask an administrator for more room."
            );
        }
    }

    private long Reserved(Func<QuotaRoom, bool> whose)
    {
        lock (_reserved)
        {
            return _reserved.Where(whose).Sum(room => room.Bytes);
        }
    }
}

/// <summary>Room that is kept for somebody until disposed.</summary>
public sealed class QuotaRoom(Quotas quotas, ProjectWork work) : IDisposable
{
    public Guid ProjectId { get; } = work.ProjectId;

    public string UserId { get; } = work.Caller.UserId;

    public long Bytes { get; internal set; }

    /// <exception cref="RuleViolationException">There is no more.</exception>
    public Task ExtendAsync(long more, CancellationToken cancellationToken) => quotas.AddAsync(this, work, more, cancellationToken);

    public void Dispose() => quotas.Release(this);
}
