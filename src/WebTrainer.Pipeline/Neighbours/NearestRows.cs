using System.Runtime.InteropServices;
using WebTrainer.Embedding;
using WebTrainer.Pipeline.Vectors;

namespace WebTrainer.Pipeline.Neighbours;

/// <summary>A row that is like another.</summary>
/// <param name="Position">In the version, from 0.</param>
/// <param name="Likeness">Cosine of both vectors, −1 to 1.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Neighbour(int Position, float Likeness);

/// <summary>The rows most like a row or a text, by their prompts' vectors. Exact: all rows are compared.</summary>
/// <param name="vectors">Of all rows.</param>
public sealed class NearestRows(KeptVectors vectors)
{
    /// <summary>Rows that are all compared with each other at most: that takes seconds for ten thousand.</summary>
    public const int MostRows = 30_000;

    /// <summary>By vectors made now and kept nowhere.</summary>
    /// <param name="prompts">In the version's order.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are more than <see cref="MostRows"/>.</exception>
    public NearestRows(IReadOnlyList<string> prompts, CancellationToken cancellationToken)
        : this(Embed(prompts, cancellationToken)) { }

    /// <summary>Rows that are looked at.</summary>
    public int Count => vectors.Rows;

    /// <summary>What all rows are compared by.</summary>
    public KeptVectors Vectors => vectors;

    /// <summary>Of each row the nearest others, the nearest first.</summary>
    public Neighbour[][] All(int count, CancellationToken cancellationToken)
    {
        var all = new Neighbour[Count][];
        Parallel.For(0, Count, new ParallelOptions { CancellationToken = cancellationToken }, row => all[row] = Of(row, count));
        return all;
    }

    /// <summary>The rows most like one, without itself; the nearest first, of equally near ones the first in the version.</summary>
    public Neighbour[] Of(int row, int count) => Nearest(vectors.Of(row), vectors.InverseNorm(row), count, without: row);

    /// <summary>The rows most like a text that is none of them; in the same order.</summary>
    /// <exception cref="InvalidOperationException">The vectors are those of a model, not of the program's embedder.</exception>
    public Neighbour[] To(string prompt, int count)
    {
        var embedder =
            vectors.Source.Learned ?? throw new InvalidOperationException("Only the program's own embedder makes a vector here.");
        Span<sbyte> vector = stackalloc sbyte[TextEmbedder.Dimensions];
        embedder.Embed(prompt, vector);
        return To(vector, count);
    }

    /// <summary>The rows most like a vector of the same encoder; in the same order.</summary>
    /// <param name="vector"><see cref="KeptVectors.Dimensions"/> numbers.</param>
    public Neighbour[] To(ReadOnlySpan<sbyte> vector, int count) => Nearest(vector, ByteVectors.InverseNorm(vector), count, without: -1);

    private static KeptVectors Embed(IReadOnlyList<string> prompts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prompts.Count, MostRows, nameof(prompts));
        var embedder = new TextEmbedder();
        var options = new ParallelOptions { CancellationToken = cancellationToken };
        Parallel.ForEach(prompts, options, embedder.Learn);
        var values = new sbyte[prompts.Count * TextEmbedder.Dimensions];
        Parallel.For(
            0,
            prompts.Count,
            options,
            i => embedder.Embed(prompts[i], values.AsSpan(i * TextEmbedder.Dimensions, TextEmbedder.Dimensions))
        );
        return new KeptVectors(
            new VectorSource(VectorSource.BuiltIn, "", embedder),
            TextEmbedder.Dimensions,
            new UInt128[prompts.Count],
            values,
            [.. Enumerable.Range(0, prompts.Count)]
        );
    }

    private Neighbour[] Nearest(ReadOnlySpan<sbyte> vector, float inverseNorm, int count, int without)
    {
        var nearest = new List<Neighbour>(count + 1);
        var least = float.NegativeInfinity;
        for (var other = 0; other < Count; other++)
        {
            if (other == without)
            {
                continue;
            }

            var norm = vectors.InverseNorm(other);
            var likeness = norm == 0 ? 0 : ByteVectors.Dot(vector, vectors.Of(other)) * inverseNorm * norm;
            if (nearest.Count == count && likeness <= least)
            {
                continue;
            }

            var place = nearest.FindIndex(n => n.Likeness < likeness);
            nearest.Insert(place < 0 ? nearest.Count : place, new Neighbour(other, likeness));
            if (nearest.Count > count)
            {
                nearest.RemoveAt(count);
            }

            least = nearest.Count == count ? nearest[^1].Likeness : least;
        }

        return [.. nearest];
    }
}
