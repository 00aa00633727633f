using System.Collections.Concurrent;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Neighbours;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Pipeline.Vectors;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Vectors;

namespace WebTrainer.Portal.Features.Datasets.Neighbours;

/// <summary>A row that is like another.</summary>
/// <param name="Likeness">0 to 1.</param>
public sealed record SimilarRow(string RowId, string Prompt, string? Label, DataSplit? Split, double Likeness);

/// <summary>A version's rows with what tells which lie near each other.</summary>
/// <param name="Rows">In the version's order; their answers are left out.</param>
public sealed record NearRows(IReadOnlyList<SimilarRow> Rows, NearestRows Nearest);

/// <summary>
/// Which rows of a version are like each other, by what they say: by the vectors that are kept beside it, else by some made now. A version
/// never changes, so what was made of the last ones stays in memory.
/// </summary>
public sealed class VersionNeighbours(Authorizer authorizer, FileStore store, RowReader reader, VectorShelf shelf, ImportLimits limits)
{
    /// <summary>Versions that are kept; some tens of megabytes each.</summary>
    private const int MostKept = 3;
    private const int MostShown = 50;
    private readonly ConcurrentDictionary<string, Lazy<Task<NearRows>>> _made = new(StringComparer.Ordinal);

    /// <summary>The rows most like one of a version, the nearest first.</summary>
    /// <exception cref="RuleViolationException">The version has too many rows.</exception>
    public async Task<IReadOnlyList<SimilarRow>> LikeAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        string rowId,
        int count,
        CancellationToken cancellationToken
    )
    {
        DatasetVersion version;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            version = await VersionQueries.FindAsync(work, datasetId, number, cancellationToken);
            await work.NoteReadAsync(VersionQueries.RowsRead, version.Id, cancellationToken);
        }

        count = Math.Clamp(count, 1, MostShown);
        if (await shelf.ReadAsync(version.Sha256, encoder: null, cancellationToken) is { } kept)
        {
            return await LikeByKeptAsync(kept, store.PathOf(version.Sha256), rowId, count, cancellationToken);
        }

        var near = await OfAsync(version, cancellationToken);
        var position = Position(near, rowId);
        return
        [
            .. near
                .Nearest.Of(position, count)
                .Where(n => n.Likeness > 0)
                .Select(n => near.Rows[n.Position] with { Likeness = n.Likeness }),
        ];
    }

    /// <summary>For services that have authorised the caller.</summary>
    /// <exception cref="RuleViolationException">The version has too many rows.</exception>
    internal async Task<NearRows> OfAsync(DatasetVersion version, CancellationToken cancellationToken)
    {
        if (version.Rows > NearestRows.MostRows)
        {
            throw new RuleViolationException(
                $"Rows are compared with each other in versions of at most {NearestRows.MostRows:N0} rows; this one has {version.Rows:N0}. Clean or split it to a smaller one first."
            );
        }

        var kept = await shelf.ReadAsync(version.Sha256, encoder: null, cancellationToken);
        var key = $"{version.Sha256} {kept?.Source.Encoder} {kept?.Source.Weights}";
        // Who leaves stops waiting; the work goes on for those who come after.
        var made = _made.GetOrAdd(key, _ => new(() => Task.Run(() => MakeAsync(key, version.Sha256, kept))));
        try
        {
            return await made.Value.WaitAsync(cancellationToken);
        }
        catch (Exception) when (made.Value.IsFaulted)
        {
            _made.TryRemove(key, out _);
            throw;
        }
    }

    /// <summary>Only the rows that are near are read.</summary>
    private async Task<IReadOnlyList<SimilarRow>> LikeByKeptAsync(
        KeptVectors kept,
        string path,
        string rowId,
        int count,
        CancellationToken cancellationToken
    )
    {
        var position =
            await reader.PositionAsync(path, rowId, cancellationToken)
            ?? throw new NotFoundException("There is no such row in this version.");
        var near = await Task.Run(() => new NearestRows(kept).Of((int)position, count), cancellationToken);
        near = Array.FindAll(near, n => n.Likeness > 0);
        var page = await reader.ReadPageAsync(
            path,
            new RowQuery
            {
                Positions = [.. near.Select(n => (long)n.Position)],
                Sort = RowSort.Given,
                Limit = near.Length + 1,
            },
            cancellationToken
        );
        return [.. page.Rows.Zip(near, (row, n) => new SimilarRow(row.Id, row.Prompt, row.Label, row.Split, n.Likeness))];
    }

    private async Task<NearRows> MakeAsync(string key, string sha256, KeptVectors? kept)
    {
        foreach (var old in _made.Keys.Where(k => k != key).Take(Math.Max(0, _made.Count - MostKept)))
        {
            _made.TryRemove(old, out _);
        }

        var rows = new List<SimilarRow>();
        await foreach (var row in new VersionReader(limits).ReadAsync(store.PathOf(sha256)))
        {
            rows.Add(new SimilarRow(row.Id, row.Prompt, row.Label, row.Split, 1));
        }

        return new NearRows(
            rows,
            kept is null ? new NearestRows(rows.ConvertAll(r => r.Prompt), CancellationToken.None) : new NearestRows(kept)
        );
    }

    private static int Position(NearRows near, string rowId)
    {
        for (var i = 0; i < near.Rows.Count; i++)
        {
            if (near.Rows[i].RowId == rowId)
            {
                return i;
            }
        }

        throw new NotFoundException("There is no such row in this version.");
    }
}
