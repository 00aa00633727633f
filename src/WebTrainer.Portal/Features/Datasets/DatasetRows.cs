using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Import.Conversion;
using WebTrainer.Pipeline.Making;
using WebTrainer.Pipeline.Queries;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;
using static WebTrainer.Portal.Features.Datasets.VersionQueries;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>The rows of a version: paged, searched, asked in SQL, compared.</summary>
public sealed class DatasetRows(Authorizer authorizer, FileStore store, RowReader reader, SqlBox sql, VersionFigures figures)
{
    public async Task<RowPage> RowsAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        RowQuery query,
        CancellationToken cancellationToken
    )
    {
        string path;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            path = await ReadAsync(work, await FindAsync(work, datasetId, number, cancellationToken), store, cancellationToken);
        }

        return await reader.ReadPageAsync(path, query, cancellationToken);
    }

    /// <summary>Rows of a query's answer that are given.</summary>
    public int MaxSqlRows => sql.MaxRows;

    /// <summary>Asks a version in SQL. For those who manage data: a query may take seconds of the server.</summary>
    public async Task<SqlResult> SqlAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        string query,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(query);
        string path;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken))
        {
            var version = await FindAsync(work, datasetId, number, cancellationToken);
            path = store.PathOf(version.Sha256);
            // Its text may hold what stands in the rows: the log knows it by its hash.
            work.Audit(
                "version.queried",
                version.Id,
                null,
                new
                {
                    Version = number,
                    Characters = query.Length,
                    QuerySha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(query))),
                }
            );
            await work.SaveAsync(cancellationToken);
        }

        return await sql.QueryAsync(caller.UserId, path, query, cancellationToken);
    }

    public async Task<RowView> RowAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        string rowId,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var version = await FindAsync(work, datasetId, number, cancellationToken);
        var row =
            await reader.FindAsync(await ReadAsync(work, version, store, cancellationToken), rowId, cancellationToken)
            ?? throw new NotFoundException("There is no such row in this version.");
        var origin = row.Line == 0 ? null : await OriginAsync(work, version, row, cancellationToken);
        return origin is null
            ? new RowView(row, null)
            : new RowView(
                row,
                await FileNameAsync(work, origin.UploadId!.Value, cancellationToken),
                await PlaceAsync(work, origin, row.Line, cancellationToken)
            );
    }

    /// <summary>Where a row stands in the document it was cut from; null where it came from a file of rows.</summary>
    private async Task<DocumentChunk?> PlaceAsync(ProjectWork work, DatasetVersion imported, long line, CancellationToken cancellationToken)
    {
        var read = RecipeJson.Read<ImportRecipe>(imported.Recipe)!.SourceSha256;
        var uploaded = await work
            .Db.Uploads.Where(u => u.Id == imported.UploadId)
            .Select(u => u.Sha256)
            .SingleOrDefaultAsync(cancellationToken);
        return read == uploaded ? null : await ChunkReader.FindAsync(store.PathOf(read), line, cancellationToken);
    }

    /// <summary>Follows a row back to the version that was made of the file that somebody uploaded.</summary>
    private static async Task<DatasetVersion?> OriginAsync(
        ProjectWork work,
        DatasetVersion version,
        CanonicalRow row,
        CancellationToken cancellationToken
    )
    {
        if (MadeRows.IsMade(row))
        {
            return null; // its columns say what it was made of
        }

        if (version.Kind == VersionKind.Joined)
        {
            return await OriginOfJoinedAsync(work, version, row, cancellationToken);
        }

        var split = row.Split;
        var current = version;
        // A sync adds its rows to those of earlier ones, which came from other files.
        while (current.UploadId is null || current.Parents.Count > 0 && !IsOf(current, row))
        {
            var parentId = ParentOf(current, split);
            if (parentId is null)
            {
                return null;
            }

            var parent = await work
                .Db.DatasetVersions.AsNoTracking()
                .SingleOrDefaultAsync(v => v.ProjectId == work.ProjectId && v.Id == parentId, cancellationToken);
            if (parent is null)
            {
                return null;
            }
            // Cleaning, joining and making keep the splits; a new split forgets those before it.
            if (current.Kind is not (VersionKind.Cleaned or VersionKind.Joined or VersionKind.Made))
            {
                split = null;
            }

            if (parent.Kind == VersionKind.Joined)
            {
                return await OriginOfJoinedAsync(work, parent, row, cancellationToken);
            }

            current = parent;
        }

        return current;
    }

    // A row of two versions came from the one whose file gives it its id.
    private static async Task<DatasetVersion?> OriginOfJoinedAsync(
        ProjectWork work,
        DatasetVersion joined,
        CanonicalRow row,
        CancellationToken cancellationToken
    )
    {
        foreach (var id in joined.Parents)
        {
            var parent = await work
                .Db.DatasetVersions.AsNoTracking()
                .SingleOrDefaultAsync(v => v.ProjectId == work.ProjectId && v.Id == id, cancellationToken);
            if (parent is not null && await OriginAsync(work, parent, row, cancellationToken) is { } origin && IsOf(origin, row))
            {
                return origin;
            }
        }

        return null;
    }

    private static bool IsOf(DatasetVersion imported, CanonicalRow row) =>
        row.IsFrom(RecipeJson.Read<ImportRecipe>(imported.Recipe)!.SourceSha256);

    private static Guid? ParentOf(DatasetVersion version, DataSplit? split)
    {
        if (
            version.Kind == VersionKind.Split
            && split == DataSplit.Test
            && RecipeJson.Read<SplitRecipe>(version.Recipe)?.TestVersionId is { } test
        )
        {
            return test;
        }

        return version.Parents.Count > 0 ? version.Parents[0] : null;
    }

    /// <summary>What changed from another version to this one.</summary>
    /// <param name="otherId">The earlier version, of any dataset of the project.</param>
    public async Task<VersionDifference> CompareAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        Guid otherId,
        RowChange change,
        long offset,
        int limit,
        CancellationToken cancellationToken
    )
    {
        string before,
            after;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            after = await ReadAsync(work, await FindAsync(work, datasetId, number, cancellationToken), store, cancellationToken);
            before = store.PathOf(
                await work
                    .Db.DatasetVersions.Where(v => v.ProjectId == projectId && v.Id == otherId)
                    .Select(v => v.Sha256)
                    .SingleOrDefaultAsync(cancellationToken)
                    ?? throw new NotFoundException("The version to compare with is not in this project.")
            );
        }

        return await reader.CompareAsync(
            before,
            after,
            change,
            Math.Max(0, offset),
            Math.Clamp(limit, 0, RowQuery.MaxLimit),
            cancellationToken
        );
    }

    /// <summary>How many rows two versions of the project differ in; no row of them is given.</summary>
    /// <exception cref="NotFoundException">One of them is not in this project.</exception>
    public async Task<VersionDifference> CountDifferencesAsync(
        Caller caller,
        Guid projectId,
        Guid beforeId,
        Guid afterId,
        CancellationToken cancellationToken
    )
    {
        string before,
            after;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            before = store.PathOf((await work.VersionAsync(beforeId, cancellationToken)).Sha256);
            after = store.PathOf((await work.VersionAsync(afterId, cancellationToken)).Sha256);
        }

        return await figures.OnceAsync(
            $"{before} {after}",
            () => reader.CompareAsync(before, after, RowChange.Added, offset: 0, limit: 0, cancellationToken)
        );
    }
}
