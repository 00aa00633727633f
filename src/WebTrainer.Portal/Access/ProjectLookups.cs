using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Datasets;

namespace WebTrainer.Portal.Access;

/// <summary>What pages call a version of a dataset.</summary>
public sealed record VersionName(Guid Id, Guid DatasetId, string Name, int Number);

/// <summary>What many use cases look up in a project first.</summary>
public static class ProjectLookups
{
    /// <summary>A version with its dataset, to be changed or read.</summary>
    /// <exception cref="NotFoundException">Not in this project.</exception>
    public static async Task<DatasetVersion> VersionAsync(this ProjectWork work, Guid versionId, CancellationToken cancellationToken) =>
        await work
            .Db.DatasetVersions.Include(v => v.Dataset)
            .SingleOrDefaultAsync(v => v.Id == versionId && v.ProjectId == work.ProjectId, cancellationToken)
        ?? throw new NotFoundException("There is no such dataset version in this project.");

    public static Task<Dictionary<Guid, VersionName>> VersionNamesAsync(
        this ProjectWork work,
        IEnumerable<Guid> versionIds,
        CancellationToken cancellationToken
    )
    {
        var ids = versionIds.Distinct().ToList();
        return work
            .Db.DatasetVersions.AsNoTracking()
            .Where(v => ids.Contains(v.Id))
            .Select(v => new VersionName(v.Id, v.DatasetId, v.Dataset!.Name, v.Number))
            .ToDictionaryAsync(v => v.Id, cancellationToken);
    }

    /// <returns>By id, the names that people are shown by; those who left are missing.</returns>
    public static Task<Dictionary<string, string>> PeopleNamesAsync(
        this ProjectWork work,
        IEnumerable<string> userIds,
        CancellationToken cancellationToken
    )
    {
        var ids = userIds.Distinct().ToList();
        return work.Db.Users.Where(u => ids.Contains(u.Id)).ToDictionaryAsync(u => u.Id, u => u.DisplayName, cancellationToken);
    }
}
