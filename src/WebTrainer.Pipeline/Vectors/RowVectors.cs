using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.VectorData;
using WebTrainer.Pipeline.Neighbours;

namespace WebTrainer.Pipeline.Vectors;

/// <summary>A row as stores of vectors have it.</summary>
/// <param name="Position">In the version, from 0.</param>
/// <param name="Vector">As kept; empty where it wasn't asked for.</param>
public sealed record RowVector(int Position, ReadOnlyMemory<sbyte> Vector);

/// <summary>
/// The vectors of a version as a collection of <c>Microsoft.Extensions.VectorData</c>, so that another store may take their place. Search
/// is exact; scores are cosines. A version never changes, and neither does what is kept of it: writing is refused.
/// </summary>
/// <param name="name">Of the collection.</param>
/// <param name="vectors">What is kept; null where nothing is.</param>
public sealed class RowVectors(string name, KeptVectors? vectors) : VectorStoreCollection<int, RowVector>
{
    private const string NoWriting = "The vectors of a version never change; those of a new version are made by its own job.";
    private static readonly VectorStoreCollectionMetadata s_store = new() { VectorStoreSystemName = "webtrainer.kept" };

    /// <inheritdoc />
    public override string Name => name;

    private KeptVectors Kept => vectors ?? throw new VectorStoreException($"No vectors are kept under '{name}'.");

    /// <inheritdoc />
    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) => Task.FromResult(vectors is not null);

    /// <summary>Nothing where the vectors are there.</summary>
    /// <exception cref="NotSupportedException">It doesn't exist: a job makes it.</exception>
    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default) =>
        vectors is null ? throw new NotSupportedException(NoWriting) : Task.CompletedTask;

    /// <summary>Refused: vectors are made and removed with their version.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default) =>
        throw new NotSupportedException(NoWriting);

    /// <inheritdoc />
    public override Task<RowVector?> GetAsync(
        int key,
        RecordRetrievalOptions? options = null,
        CancellationToken cancellationToken = default
    ) => Task.FromResult(key < 0 || key >= Kept.Rows ? null : Record(key, options?.IncludeVectors ?? false));

    /// <summary>Rows that a filter lets through, in the order of the version.</summary>
    /// <exception cref="NotSupportedException">A property is to be sorted by.</exception>
    public override async IAsyncEnumerable<RowVector> GetAsync(
        Expression<Func<RowVector, bool>> filter,
        int top,
        FilteredRecordRetrievalOptions<RowVector>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (options?.OrderBy is not null)
        {
            throw new NotSupportedException("Rows come in the order of the version.");
        }

        await Task.CompletedTask;
        var matches = filter.Compile();
        var (skip, given) = (options?.Skip ?? 0, 0);
        for (var row = 0; row < Kept.Rows && given < top; row++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (matches(Record(row, withVector: true)) && skip-- <= 0)
            {
                given++;
                yield return Record(row, options?.IncludeVectors ?? false);
            }
        }
    }

    /// <summary>The rows nearest to a vector, or to a text where the program's own embedder made the vectors; the nearest first.</summary>
    /// <param name="searchValue">
    /// <see cref="ReadOnlyMemory{T}"/> of <see cref="sbyte"/>, of as many numbers as are kept, or a <see cref="string"/>.
    /// </param>
    /// <exception cref="NotSupportedException">The value is something else.</exception>
    /// <exception cref="ArgumentException">The vector has another length.</exception>
    public override async IAsyncEnumerable<VectorSearchResult<RowVector>> SearchAsync<TInput>(
        TInput searchValue,
        int top,
        VectorSearchOptions<RowVector>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        var vector = VectorOf(searchValue);
        var matches = options?.Filter?.Compile();
        var least = options?.ScoreThreshold ?? double.NegativeInfinity;
        var skip = options?.Skip ?? 0;
        // With a filter any row may be among those asked for.
        var most = matches is null ? Math.Min(Kept.Rows, top + skip) : Kept.Rows;
        var near = await Task.Run(() => new NearestRows(Kept).To(vector.Span, most), cancellationToken);
        var found = near.Where(n => n.Likeness >= least)
            .Where(n => matches is null || matches(Record(n.Position, withVector: true)))
            .Skip(skip)
            .Take(top);
        foreach (var (position, likeness) in found)
        {
            yield return new VectorSearchResult<RowVector>(Record(position, options?.IncludeVectors ?? false), likeness);
        }
    }

    /// <summary>Refused: vectors are made and removed with their version.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override Task UpsertAsync(RowVector record, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException(NoWriting);

    /// <summary>Refused: vectors are made and removed with their version.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override Task UpsertAsync(IEnumerable<RowVector> records, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException(NoWriting);

    /// <summary>Refused: vectors are made and removed with their version.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override Task DeleteAsync(int key, CancellationToken cancellationToken = default) => throw new NotSupportedException(NoWriting);

    /// <inheritdoc />
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(VectorStoreCollectionMetadata) ? s_store
            : serviceType == typeof(KeptVectors) ? vectors
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    private RowVector Record(int row, bool withVector) => new(row, withVector ? Kept.Of(row).ToArray() : default(ReadOnlyMemory<sbyte>));

    private ReadOnlyMemory<sbyte> VectorOf<TInput>(TInput value)
    {
        switch (value)
        {
            case ReadOnlyMemory<sbyte> vector when vector.Length == Kept.Dimensions:
                return vector;
            case ReadOnlyMemory<sbyte> vector:
                throw new ArgumentException($"The vector has {vector.Length} numbers; those kept have {Kept.Dimensions}.", nameof(value));
            case string text when Kept.Source.Learned is { } embedder:
                var made = new sbyte[Kept.Dimensions];
                embedder.Embed(text, made);
                return made;
            case string:
                throw new NotSupportedException($"The vectors are those of '{Kept.Source.Encoder}', which must make that of the text.");
            default:
                throw new NotSupportedException(
                    $"Rows are looked for by a vector of 8-bit numbers or a text, not by {typeof(TInput).Name}."
                );
        }
    }
}
