using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Pipeline.Vectors;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Vectors;
using static WebTrainer.Portal.Features.Datasets.VersionQueries;

namespace WebTrainer.Portal.Features.Datasets;

/// <param name="Ready">How far the index of words is, from 0 to 1; below 1 the rows were searched without it, in the order of the
/// file.</param>
/// <param name="Hits">Rows that hold the words, whatever the other filters; null where no index answered.</param>
public sealed record WordSearch(RowPage Page, double Ready, long? Hits);

/// <summary>Words found in the rows of a version.</summary>
public sealed class DatasetSearch(Authorizer authorizer, FileStore store, RowReader reader, WordIndexes index, MeaningSearch meaning)
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
        var ready = index.Ready(sha256, rows);
        if (ready < 1 || !looked.IsOfWords)
        {
            return new WordSearch(await reader.ReadPageAsync(path, query with { Words = looked }, cancellationToken), ready, null);
        }

        return IsNarrowed(query)
            ? await NarrowedAsync(path, sha256, looked, query, cancellationToken)
            : await BestAsync(path, sha256, looked, query, cancellationToken);
    }

    /// <summary>
    /// Rows whose prompts mean what a text means, the nearest first; <paramref name="query"/> may narrow and sort them further.
    /// </summary>
    /// <param name="words">Rows that hold these words come into the same order, by reciprocal ranks; null for meaning alone.</param>
    /// <exception cref="RuleViolationException">The version has no vectors.</exception>
    public async Task<WordSearch> MeantAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        string text,
        WordQuery? words,
        RowQuery query,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(query);
        string sha256;
        long rows;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            var version = await FindAsync(work, datasetId, number, cancellationToken);
            (sha256, rows) = (version.Sha256, version.Rows);
            await work.NoteReadAsync(RowsRead, version.Id, cancellationToken);
        }

        var found =
            await meaning.FindAsync(sha256, text, cancellationToken)
            ?? throw new RuleViolationException("No vectors are kept of this version yet; whoever manages data makes them on Map.");
        var ready = words is null ? 1 : index.Ready(sha256, rows);
        if (words is { IsOfWords: true } && ready == 1)
        {
            var hits = await index.FindAsync(sha256, words, 0, MeaningSearch.MostFound, cancellationToken);
            found = RankFusion.Fuse(hits.Positions, found);
        }

        var also = query.Positions?.ToHashSet();
        var among = query with
        {
            Positions = also is null ? found : [.. found.Where(also.Contains)],
            Sort = query.Sort == RowSort.Position ? RowSort.Given : query.Sort,
        };
        return new WordSearch(await reader.ReadPageAsync(store.PathOf(sha256), among, cancellationToken), ready, found.Count);
    }

    /// <summary>Ends when the index of a version is there, or could not be made.</summary>
    public async Task WhenIndexedAsync(Caller caller, Guid projectId, Guid datasetId, int number, CancellationToken cancellationToken)
    {
        string sha256;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            sha256 = (await FindAsync(work, datasetId, number, cancellationToken)).Sha256;
        }

        await index.WhenMadeAsync(sha256).WaitAsync(cancellationToken);
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
        var hits = await index.FindAsync(
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
        var hits = await index.FindAsync(sha256, looked, 0, BestHits, cancellationToken);
        var also = query.Positions?.ToHashSet();
        var among = query with
        {
            Positions = also is null ? hits.Positions : [.. hits.Positions.Where(also.Contains)],
            Sort = query.Sort == RowSort.Position ? RowSort.Given : query.Sort,
        };
        return new WordSearch(await reader.ReadPageAsync(path, among, cancellationToken), 1, hits.Total);
    }
}
