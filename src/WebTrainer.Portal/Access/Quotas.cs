using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Portal.Components.Shared;

namespace WebTrainer.Portal.Access;

/// <summary>Refuses what would take more of the disk than a project or a person may have.</summary>
public sealed class Quotas(IOptions<QuotaOptions> options, FileStore store)
{
    /// <param name="more">Bytes that are about to come.</param>
    /// <exception cref="RuleViolationException">They don't fit; the sentence says what is full and who can help.</exception>
    public async Task CheckBytesAsync(ProjectWork work, long more, CancellationToken ct)
    {
        var (ofProject, ofPerson) = (options.Value.ProjectBytes, options.Value.PersonBytes);
        var uploaded = await work.Db.Uploads.Where(u => u.ProjectId == work.ProjectId).SumAsync(u => u.Length, ct);
        var versions = await work.Db.DatasetVersions.Where(v => v.ProjectId == work.ProjectId).Select(v => new { v.Sha256, v.Bytes }).ToListAsync(ct);
        var kept = versions.Sum(v => v.Bytes) + versions.Select(v => v.Sha256).Distinct().Sum(store.BytesBeside);
        if (uploaded + kept + more > ofProject)
            throw new RuleViolationException(
                $"This project has {Format.Bytes(uploaded + kept)} of files, dataset versions and their indexes and may have {Format.Bytes(ofProject)}. " +
                "Discard uploads that nothing was made of, or ask an administrator for more room.");
        var mine = await work.Db.Uploads.Where(u => u.CreatedBy == work.Caller.UserId).SumAsync(u => u.Length, ct);
        if (mine + more > ofPerson)
            throw new RuleViolationException(
                $"You have uploaded {Format.Bytes(mine)} and may have {Format.Bytes(ofPerson)}. Discard uploads that nothing was made of, or ask an administrator for more room.");
    }

    /// <summary>Work on datasets that one person may have under way or waiting.</summary>
    public int DataJobsOfPerson => options.Value.DataJobsOfPerson;
}
