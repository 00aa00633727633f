using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline.Cleaning.Leaks;
using WebTrainer.Pipeline.Fairness;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>How versions are found in the database, and shown.</summary>
internal static class VersionQueries
{
    /// <summary>The act of reading rows, in the audit log.</summary>
    public const string RowsRead = "dataset.rows-read";

    public static async Task<DatasetVersion> FindAsync(ProjectWork work, Guid datasetId, int number, CancellationToken cancellationToken) =>
        await work
            .Db.DatasetVersions.Include(v => v.Dataset)
            .SingleOrDefaultAsync(v => v.ProjectId == work.ProjectId && v.DatasetId == datasetId && v.Number == number, cancellationToken)
        ?? throw new NotFoundException("There is no such dataset version in this project.");

    public static async Task<VersionView> ViewAsync(ProjectWork work, DatasetVersion version, CancellationToken cancellationToken)
    {
        var names = await NamesAsync(work, [version.CreatedBy, version.PublishedBy ?? "", version.LeakReasonBy ?? ""], cancellationToken);
        var parents = await work
            .Db.DatasetVersions.AsNoTracking()
            .Include(v => v.Dataset)
            .Where(v => v.ProjectId == work.ProjectId && version.Parents.Contains(v.Id))
            .ToListAsync(cancellationToken);
        return new VersionView(
            version.Id,
            version.DatasetId,
            version.Dataset!.Name,
            version.Number,
            version.Kind,
            version.Rows,
            version.Bytes,
            version.Sha256,
            names(version.CreatedBy),
            version.CreatedAt,
            version.PublishedAt,
            version.PublishedBy is { } by ? names(by) : null,
            version.UploadId is { } upload ? await FileNameAsync(work, upload, cancellationToken) : null,
            [.. parents.Select(Ref)],
            RecipeJson.Element(version.Recipe),
            RecipeJson.Element(version.Report)
        )
        {
            Leaks = version.Leaks is { } leaks ? RecipeJson.Read<LeakReport>(leaks) : null,
            LeakReason = version.LeakReason,
            LeakReasonBy = version.LeakReasonBy is { } lead ? names(lead) : null,
            Bias = version.BiasReport is { } bias ? RecipeJson.Read<BiasReport>(bias) : null,
        };
    }

    public static Task<string?> FileNameAsync(ProjectWork work, Guid uploadId, CancellationToken cancellationToken) =>
        work
            .Db.Uploads.Where(u => u.Id == uploadId && u.ProjectId == work.ProjectId)
            .Select(u => (string?)u.FileName)
            .SingleOrDefaultAsync(cancellationToken);

    public static VersionRef Ref(DatasetVersion version) =>
        new(version.Id, version.DatasetId, version.Dataset!.Name, version.Number, version.Kind);

    public static async Task<Func<string, string>> NamesAsync(
        ProjectWork work,
        IEnumerable<string> userIds,
        CancellationToken cancellationToken
    )
    {
        var names = await work.PeopleNamesAsync(userIds, cancellationToken);
        return id => names.GetValueOrDefault(id, "somebody who left");
    }

    /// <summary>The version and all that it was made of, however far back.</summary>
    public static async Task<IReadOnlyList<DatasetVersion>> AncestorsAsync(
        ProjectWork work,
        DatasetVersion version,
        CancellationToken cancellationToken
    )
    {
        var all = await work
            .Db.DatasetVersions.AsNoTracking()
            .Include(v => v.Dataset)
            .Where(v => v.ProjectId == work.ProjectId)
            .ToDictionaryAsync(v => v.Id, cancellationToken);
        var way = new Dictionary<Guid, DatasetVersion>();
        var open = new Stack<Guid>([version.Id]);
        while (open.TryPop(out var id))
        {
            if (!all.TryGetValue(id, out var found) || !way.TryAdd(id, found))
            {
                continue;
            }
            // Sets that a cleaning was held against gave no row.
            var parents = found.Kind == VersionKind.Cleaned ? found.Parents.Take(1) : found.Parents;
            foreach (var parent in parents)
            {
                open.Push(parent);
            }
        }

        return [.. way.Values];
    }

    public static async Task<IReadOnlyList<Upload>> UploadsOfAsync(
        ProjectWork work,
        IReadOnlyList<DatasetVersion> versions,
        CancellationToken cancellationToken
    )
    {
        var ids = versions.Select(v => v.UploadId).OfType<Guid>().Distinct().ToList();
        return await work
            .Db.Uploads.AsNoTracking()
            .Where(u => u.ProjectId == work.ProjectId && ids.Contains(u.Id))
            .OrderBy(u => u.CreatedAt)
            .ToListAsync(cancellationToken);
    }

    /// <summary>The rows of a version, for somebody who reads them; that they do is noted.</summary>
    public static async Task<string> ReadAsync(
        ProjectWork work,
        DatasetVersion version,
        FileStore store,
        CancellationToken cancellationToken
    )
    {
        await work.NoteReadAsync(RowsRead, version.Id, cancellationToken);
        return store.PathOf(version.Sha256);
    }

    public static async Task<string> PathAsync(
        Authorizer authorizer,
        FileStore store,
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return store.PathOf((await FindAsync(work, datasetId, number, cancellationToken)).Sha256);
    }
}
