using System.Collections.Concurrent;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Neighbours;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Datasets.Neighbours;

/// <summary>A row that is like another.</summary>
/// <param name="Likeness">0 to 1.</param>
public sealed record SimilarRow(string RowId, string Prompt, string? Label, DataSplit? Split, double Likeness);

/// <summary>A version's rows with what tells which lie near each other.</summary>
/// <param name="Rows">In the version's order; their answers are left out.</param>
public sealed record NearRows(IReadOnlyList<SimilarRow> Rows, NearestRows Nearest);

/// <summary>
/// Which rows of a version are like each other, by what they say. A version never changes, so what was made of the last ones is kept in
/// memory.
/// </summary>
public sealed class VersionNeighbours(Authorizer authorizer, FileStore store, ImportLimits limits)
{
    /// <summary>Versions that are kept; some tens of megabytes each.</summary>
    private const int MostKept = 3;
    private const int MostShown = 50;
    private readonly ConcurrentDictionary<string, Lazy<Task<NearRows>>> _kept = new(StringComparer.Ordinal);

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

        var near = await OfAsync(version, cancellationToken);
        var position = Position(near, rowId);
        return
        [
            .. near
                .Nearest.Of(position, Math.Clamp(count, 1, MostShown))
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

        // Who leaves stops waiting; the work goes on for those who come after.
        var made = _kept.GetOrAdd(version.Sha256, sha256 => new(() => Task.Run(() => MakeAsync(sha256))));
        try
        {
            return await made.Value.WaitAsync(cancellationToken);
        }
        catch (Exception) when (made.Value.IsFaulted)
        {
            _kept.TryRemove(version.Sha256, out _);
            throw;
        }
    }

    private async Task<NearRows> MakeAsync(string sha256)
    {
        foreach (var old in _kept.Keys.Where(key => key != sha256).Take(Math.Max(0, _kept.Count - MostKept)))
        {
            _kept.TryRemove(old, out _);
        }

        var rows = new List<SimilarRow>();
        await foreach (var row in new VersionReader(limits).ReadAsync(store.PathOf(sha256)))
        {
            rows.Add(new SimilarRow(row.Id, row.Prompt, row.Label, row.Split, 1));
        }

        return new NearRows(rows, new NearestRows(rows.ConvertAll(r => r.Prompt), CancellationToken.None));
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
