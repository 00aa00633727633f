using WebTrainer.Data.Files;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;
using static WebTrainer.Portal.Features.Datasets.VersionQueries;

namespace WebTrainer.Portal.Features.Datasets;

/// <param name="Ready">How far the index of words is, from 0 to 1; below 1 the rows were searched without it, in the order of the
/// file.</param>
/// <param name="Hits">Rows that hold the words, whatever the other filters; null where no index answered.</param>
public sealed record WordSearch(RowPage Page, double Ready, long? Hits);

/// <summary>Words found in the rows of a version.</summary>
public sealed class DatasetSearch(Authorizer authorizer, FileStore store, RowReader reader, WordIndexes words)
{
    /// <summary>The best hits, among which other filters choose and which can be sorted; beyond them nobody turns pages.</summary>
    public const int BestHits = 10_000;

    /// <summary>Rows that hold all words, the best first; <paramref name="query"/> may narrow and sort them further.</summary>
    public async Task<WordSearch> SearchAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        WordQuery looked,
        RowQuery query,
        CancellationToken cancellationToken
    )
    {
        string sha256;
        long rows;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            var version = await FindAsync(work, datasetId, number, cancellationToken);
            (sha256, rows) = (version.Sha256, version.Rows);
            await work.NoteReadAsync(RowsRead, version.Id, cancellationToken);
        }

        var path = store.PathOf(sha256);
        var ready = words.Ready(sha256, rows);
        if (ready < 1 || !looked.IsOfWords)
        {
            return new WordSearch(await reader.ReadPageAsync(path, query with { Words = looked }, cancellationToken), ready, null);
        }

        return IsNarrowed(query)
            ? await NarrowedAsync(path, sha256, looked, query, cancellationToken)
            : await BestAsync(path, sha256, looked, query, cancellationToken);
    }

    /// <summary>Ends when the index of a version is there, or could not be made.</summary>
    public async Task WhenIndexedAsync(Caller caller, Guid projectId, Guid datasetId, int number, CancellationToken cancellationToken)
    {
        string sha256;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            sha256 = (await FindAsync(work, datasetId, number, cancellationToken)).Sha256;
        }

        await words.WhenMadeAsync(sha256).WaitAsync(cancellationToken);
    }

    private static bool IsNarrowed(RowQuery query) =>
        query
            is not {
                Contains: null or "",
                Label: null,
                Split: null,
                PromptLength: null,
                ResponseLength: null,
                Trait: null,
                Positions: null,
                Sort: RowSort.Position
            };

    private async Task<WordSearch> BestAsync(
        string path,
        string sha256,
        WordQuery looked,
        RowQuery query,
        CancellationToken cancellationToken
    )
    {
        var hits = await words.FindAsync(
            sha256,
            looked,
            query.Offset,
            (int)Math.Clamp(BestHits - query.Offset, 0, Math.Min(query.Limit, RowQuery.MaxLimit - 1)),
            cancellationToken
        );
        // With room for one more the page is the last, and nobody counts its rows again.
        var page = await reader.ReadPageAsync(
            path,
            new RowQuery
            {
                Positions = hits.Positions,
                Sort = RowSort.Given,
                Limit = hits.Positions.Count + 1,
            },
            cancellationToken
        );
        return new WordSearch(page with { Total = Math.Min(hits.Total, BestHits) }, 1, hits.Total);
    }

    private async Task<WordSearch> NarrowedAsync(
        string path,
        string sha256,
        WordQuery looked,
        RowQuery query,
        CancellationToken cancellationToken
    )
    {
        var hits = await words.FindAsync(sha256, looked, 0, BestHits, cancellationToken);
        var also = query.Positions?.ToHashSet();
        var among = query with
        {
            Positions = also is null ? hits.Positions : [.. hits.Positions.Where(also.Contains)],
            Sort = query.Sort == RowSort.Position ? RowSort.Given : query.Sort,
        };
        return new WordSearch(await reader.ReadPageAsync(path, among, cancellationToken), 1, hits.Total);
    }
}
