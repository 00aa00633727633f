using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Pipeline.Vectors;
using WebTrainer.Pipeline.Vectors.Maps;
using WebTrainer.Portal.Access;
using static WebTrainer.Portal.Features.Datasets.VersionQueries;

namespace WebTrainer.Portal.Features.Datasets.Vectors;

/// <summary>A row to judge by that is far from all rows to learn from.</summary>
/// <param name="Nearest">The prompt of the one that is nearest all the same.</param>
/// <param name="Likeness">Cosine of both.</param>
public sealed record FarRow(string Prompt, string Nearest, double Likeness);

/// <inheritdoc cref="CoverageReport"/>
/// <param name="Far">How many of those looked at are far.</param>
/// <param name="First">The farthest ones.</param>
public sealed record CoverageView(int Tests, int LookedAt, double Usual, int Far, IReadOnlyList<FarRow> First);

/// <summary>Maps of versions, which lie beside them: for pages, and to choose rows by.</summary>
public sealed class VersionMaps(Authorizer authorizer, FileStore store, VectorShelf shelf, RowReader reader)
{
    private const int MostFarShown = 50;

    /// <summary>Columns and clusters of a version's map; null where it has none.</summary>
    public async Task<MapHead?> HeadAsync(Caller caller, Guid projectId, Guid datasetId, int number, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var version = await FindAsync(work, datasetId, number, cancellationToken);
        await work.NoteReadAsync(RowsRead, version.Id, cancellationToken); // names of clusters are words of rows
        return VersionMap.ReadHead(shelf.MapOf(version.Sha256));
    }

    /// <summary>Path of the file, for who draws it.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public async Task<string> FileAsync(Caller caller, Guid projectId, Guid datasetId, int number, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var version = await FindAsync(work, datasetId, number, cancellationToken);
        await work.NoteReadAsync(RowsRead, version.Id, cancellationToken);
        var path = shelf.MapOf(version.Sha256);
        return File.Exists(path) ? path : throw new NotFoundException("This version has no map yet; making vectors makes it.");
    }

    /// <summary>Positions of the rows in a part of the map.</summary>
    /// <exception cref="NotFoundException">There is no map.</exception>
    public async Task<IReadOnlyList<long>> InAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        MapArea area,
        CancellationToken cancellationToken
    )
    {
        var path = await FileAsync(caller, projectId, datasetId, number, cancellationToken);
        var map = await Task.Run(() => VersionMap.Read(path), cancellationToken);
        return map?.In(area) ?? throw new NotFoundException("This version's map was made by an earlier program. Make its vectors again.");
    }

    /// <summary>Rows to judge by of which no row to learn from is near, the farthest first.</summary>
    /// <exception cref="RuleViolationException">The version is not split, or has no map.</exception>
    public async Task<CoverageView> CoverageAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        string sha256;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            var version = await FindAsync(work, datasetId, number, cancellationToken);
            await work.NoteReadAsync(RowsRead, version.Id, cancellationToken);
            sha256 = version.Sha256;
        }

        var map = await Task.Run(() => VersionMap.Read(shelf.MapOf(sha256)), cancellationToken);
        var column = map?.Head.Columns.Index().FirstOrDefault(c => c.Item.Name == MapColumn.Split) ?? default;
        if (map is null || column.Item is null || await shelf.ReadAsync(sha256, encoder: null, cancellationToken) is not { } vectors)
        {
            throw new RuleViolationException(
                "Split this version and make its vectors first; then it is told which test rows no training row is near."
            );
        }

        var report = await Task.Run(
            () => Coverage.Find(vectors, Rows(DataSplit.Train), Rows(DataSplit.Test), cancellationToken),
            cancellationToken
        );
        var shown = report.Far.Take(MostFarShown).ToList();
        var tests = await PromptsAsync(sha256, [.. shown.Select(f => (long)f.Test)], cancellationToken);
        var nearest = await PromptsAsync(sha256, [.. shown.Select(f => (long)f.Nearest.Position)], cancellationToken);
        return new CoverageView(
            report.Tests,
            report.LookedAt,
            report.Usual,
            report.Far.Count,
            [.. shown.Select((f, i) => new FarRow(tests[i], nearest[i], f.Nearest.Likeness))]
        );

        List<int> Rows(DataSplit split)
        {
            var value = column.Item.Values.ToList().IndexOf(split.ToName());
            var values = map.Values[column.Index];
            return [.. Enumerable.Range(0, values.Length).Where(row => values[row] == value)];
        }
    }

    /// <returns>In the order of the positions, which may name a row more than once.</returns>
    private async Task<IReadOnlyList<string>> PromptsAsync(
        string sha256,
        IReadOnlyList<long> positions,
        CancellationToken cancellationToken
    )
    {
        long[] distinct = [.. positions.Distinct()];
        var page = await reader.ReadPageAsync(
            store.PathOf(sha256),
            new RowQuery
            {
                Positions = distinct,
                Sort = RowSort.Given,
                Limit = distinct.Length + 1,
            },
            cancellationToken
        );
        var prompts = distinct.Zip(page.Rows).ToDictionary(p => p.First, p => p.Second.Prompt);
        return [.. positions.Select(p => prompts[p])];
    }
}
