using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Export;
using WebTrainer.Pipeline.Import.Conversion;
using WebTrainer.Pipeline.Queries;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Cleaning;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>The rows of versions: pages, single rows, figures, files for other programs.</summary>
public sealed partial class DatasetService
{
    public async Task<RowPage> RowsAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        RowQuery query,
        CancellationToken cancellationToken
    ) => await reader.ReadPageAsync(await PathAsync(caller, projectId, datasetId, number, cancellationToken), query, cancellationToken);

    /// <summary>Languages of the prompts, with where their rows stand.</summary>
    public async Task<LanguageProfile> LanguagesAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        var path = await PathAsync(caller, projectId, datasetId, number, cancellationToken);
        return await OnceAsync(
            path,
            () => OneAtATimeAsync(() => new LanguageShares(limits).MeasureAsync(path, cancellationToken), cancellationToken)
        );
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

    /// <summary>Work that takes seconds of the whole server, for a page: one piece after the other.</summary>
    private async Task<T> OneAtATimeAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken);
        try
        {
            return await work();
        }
        finally
        {
            _asking.Release();
        }
    }

    private readonly SemaphoreSlim _asking = new(1);

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
            await reader.FindAsync(store.PathOf(version.Sha256), rowId, cancellationToken)
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

    /// <summary>Labels and their rows, the most frequent first; with a null label for rows without one.</summary>
    public async Task<IReadOnlyList<LabelCount>> LabelsAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        var path = await PathAsync(caller, projectId, datasetId, number, cancellationToken);
        return await OnceAsync(path, () => reader.CountLabelsAsync(path, cancellationToken));
    }

    /// <summary>Figures of a version.</summary>
    public async Task<VersionProfile> ProfileAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        var path = await PathAsync(caller, projectId, datasetId, number, cancellationToken);
        return await OnceAsync(path, () => reader.ProfileAsync(path, cancellationToken));
    }

    /// <summary>Models of this server whose tokenizers can count.</summary>
    public async Task<IReadOnlyList<InstalledTokenizer>> TokenizersAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return tokenizers.List();
    }

    /// <summary>Models of this server that make vectors of texts.</summary>
    public async Task<IReadOnlyList<InstalledEncoder>> EncodersAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return encoders.List();
    }

    /// <summary>Lengths in tokens, as the tokenizer of a model on this server counts them.</summary>
    /// <param name="tokenizer">Name of the model.</param>
    public async Task<TokenProfile> TokensAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        string tokenizer,
        CancellationToken cancellationToken
    )
    {
        var path = await PathAsync(caller, projectId, datasetId, number, cancellationToken);
        if (!tokenizers.Folders().TryGetValue(tokenizer, out var folder))
        {
            throw new NotFoundException($"This server has no model '{tokenizer}' whose tokenizer could count.");
        }

        return await OnceAsync(
            $"{path} {folder}",
            () => OneAtATimeAsync(() => new TokenLengths(limits).MeasureAsync(path, folder, cancellationToken), cancellationToken)
        );
    }

    /// <summary>Notes the export in the audit log and gives what writes it.</summary>
    public async Task<DatasetExport> ExportAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        ExportFormat format,
        DataSplit? split,
        CancellationToken cancellationToken,
        bool provenance = false
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        if (format == ExportFormat.Parquet && !provenance)
        {
            throw new RuleViolationException("A version is a Parquet file already: take it as it is, or ask for provenance.");
        }

        var version = await FindAsync(work, datasetId, number, cancellationToken);
        var origins = provenance ? await OriginsAsync(work, version, cancellationToken) : null;
        work.Audit(
            "dataset.exported",
            version.Id,
            null,
            new
            {
                format,
                split,
                version.Rows,
                provenance,
            }
        );
        await work.SaveAsync(cancellationToken);
        return new DatasetExport(version, format, split, store.PathOf(version.Sha256), origins, new DatasetExporter(limits));
    }

    /// <summary>The files that a version's rows came from, and what was set aside on the way.</summary>
    private async Task<VersionOrigins> OriginsAsync(ProjectWork work, DatasetVersion version, CancellationToken cancellationToken)
    {
        var way = (await AncestorsAsync(work, version, cancellationToken)).ToDictionary(v => v.Id);
        var files = way
            .Values.Where(v => v.UploadId is not null)
            .OrderByDescending(v => v.CreatedAt)
            .Select(v => RecipeJson.Read<ImportRecipe>(v.Recipe)!)
            .Select(r => new OriginFile(r.FileName, r.SourceSha256))
            .Distinct();
        var aside = way
            .Values.Where(v => v.Kind == VersionKind.Cleaned)
            .OrderByDescending(v => v.CreatedAt)
            .Select(v => (Version: v, List: RecipeJson.Read<CleanSummary>(v.Report)!.SetAsideSha256))
            .Where(v => v.List is not null)
            .Select(v => new OriginAside(
                store.PathOf(v.List!),
                store.PathOf(way[v.Version.Parents[0]].Sha256),
                NameOf(v.Version),
                [.. RecipeJson.Read<CleanRecipe>(v.Version.Recipe)!.Steps.Select(StepWords.Name)]
            ));
        return new VersionOrigins(NameOf(version), [.. files], [.. aside]);

        static string NameOf(DatasetVersion v) => $"{v.Dataset!.Name} v{v.Number}";
    }

    /// <summary>Notes the export in the audit log and gives the version's file, with a name for people.</summary>
    public async Task<(string Path, string Name)> ParquetAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var version = await FindAsync(work, datasetId, number, cancellationToken);
        work.Audit("dataset.exported", version.Id, null, new { format = "parquet", version.Rows });
        await work.SaveAsync(cancellationToken);
        return (store.PathOf(version.Sha256), $"{version.Dataset!.Name} v{version.Number}.parquet");
    }

    // Versions never change: what was counted once is right for good.
    private async Task<T> OnceAsync<T>(string path, Func<Task<T>> count)
    {
        if (cache.TryGetValue((typeof(T), path), out T? known))
        {
            return known!;
        }

        return cache.Set((typeof(T), path), await count(), TimeSpan.FromHours(1));
    }

    private async Task<string> PathAsync(Caller caller, Guid projectId, Guid datasetId, int number, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return store.PathOf((await FindAsync(work, datasetId, number, cancellationToken)).Sha256);
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
            // Cleaning keeps the splits; a new split forgets those before it.
            if (current.Kind != VersionKind.Cleaned)
            {
                split = null;
            }

            current = parent;
        }

        return current;
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
}
