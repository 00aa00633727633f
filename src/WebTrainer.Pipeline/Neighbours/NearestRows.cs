using System.Runtime.InteropServices;
using WebTrainer.Embedding;

namespace WebTrainer.Pipeline.Neighbours;

/// <summary>A row that is like another.</summary>
/// <param name="Position">In the version, from 0.</param>
/// <param name="Likeness">Cosine of both vectors, −1 to 1.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Neighbour(int Position, float Likeness);

/// <summary>
/// The rows most like each row, by their prompts' vectors. Exact: each row is compared with all, which takes seconds for ten thousand rows
/// and is why <see cref="MostRows"/> are looked at.
/// </summary>
public sealed class NearestRows
{
    /// <summary>Rows that are compared with each other at most.</summary>
    public const int MostRows = 30_000;

    private readonly TextEmbedder _embedder = new();
    private readonly sbyte[][] _vectors;
    private readonly float[] _norms;

    /// <param name="prompts">In the version's order.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are more than <see cref="MostRows"/>.</exception>
    public NearestRows(IReadOnlyList<string> prompts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prompts.Count, MostRows, nameof(prompts));
        var options = new ParallelOptions { CancellationToken = cancellationToken };
        Parallel.ForEach(prompts, options, _embedder.Learn);
        _vectors = new sbyte[prompts.Count][];
        _norms = new float[prompts.Count];
        Parallel.For(
            0,
            prompts.Count,
            options,
            i =>
            {
                _embedder.Embed(prompts[i], _vectors[i] = new sbyte[TextEmbedder.Dimensions]);
                _norms[i] = ByteVectors.InverseNorm(_vectors[i]);
            }
        );
    }

    /// <summary>Rows that are looked at.</summary>
    public int Count => _vectors.Length;

    /// <summary>Of each row the nearest others, the nearest first.</summary>
    public Neighbour[][] All(int count, CancellationToken cancellationToken)
    {
        var all = new Neighbour[Count][];
        Parallel.For(0, Count, new ParallelOptions { CancellationToken = cancellationToken }, row => all[row] = Of(row, count));
        return all;
    }

    /// <summary>The rows most like one, without itself; the nearest first, of equally near ones the first in the version.</summary>
    public Neighbour[] Of(int row, int count) => Nearest(_vectors[row], _norms[row], count, without: row);

    /// <summary>The rows most like a text that is none of them; in the same order.</summary>
    public Neighbour[] To(string prompt, int count)
    {
        var vector = new sbyte[TextEmbedder.Dimensions];
        _embedder.Embed(prompt, vector);
        return Nearest(vector, ByteVectors.InverseNorm(vector), count, without: -1);
    }

    private Neighbour[] Nearest(sbyte[] vector, float inverseNorm, int count, int without)
    {
        var nearest = new List<Neighbour>(count + 1);
        var least = float.NegativeInfinity;
        for (var other = 0; other < Count; other++)
        {
            if (other == without)
            {
                continue;
            }

            var likeness = ByteVectors.Dot(vector, _vectors[other]) * inverseNorm * _norms[other];
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
