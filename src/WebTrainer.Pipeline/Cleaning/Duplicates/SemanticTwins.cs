using System.Runtime.InteropServices;
using WebTrainer.Embedding;

namespace WebTrainer.Pipeline.Cleaning.Duplicates;

/// <summary>Finds texts whose vectors lie near that of one that is kept.</summary>
/// <remarks>
/// As <see cref="NearTwins"/>, a row is set aside for a kept row that it is like itself. Which kept rows to compare with is found by
/// signs of random projections (Charikar, STOC 2002), cut into bands: two vectors at the angle θ agree in a sign with the chance
/// 1 − θ/π. Vectors are projected from their common middle, because rows of one dataset all point one way.
/// </remarks>
/// <param name="vectors">All of one length, a multiple of 16; null for rows that aren't compared.</param>
/// <param name="classes">Only rows of one class are set aside for each other.</param>
internal sealed class SemanticTwins(sbyte[]?[] vectors, long[] ranks, ulong[] classes, double threshold)
{
    /// <summary>With 13 signs in 40 bands, 9 of 10 pairs at a cosine of 0.85 meet, and 99 of 100 at 0.9.</summary>
    private const int Bands = 40;
    private const int Signs = 13;

    private const int BlockRows = 512;
    private const int RowsForMiddle = 5_000;
    private const int Seed = 42;

    private readonly Dictionary<int, List<int>>[] _tables = [.. Enumerable.Range(0, Bands).Select(_ => new Dictionary<int, List<int>>())];
    private readonly float[] _norms = new float[vectors.Length];

    /// <summary>Rows that are kept though they are like a kept row of another class.</summary>
    public long Crossing { get; private set; }

    /// <param name="twins">Filled with the kept row's position plus one; 0 for rows that are kept themselves.</param>
    public void Find(int[] twins, CancellationToken cancellationToken)
    {
        var order = Enumerable.Range(0, vectors.Length).Where(i => vectors[i] is not null).ToArray();
        if (order.Length == 0)
        {
            return;
        }

        Array.Sort(order, (x, y) => (ranks[x], x).CompareTo((ranks[y], y)));
        foreach (var i in order)
        {
            _norms[i] = ByteVectors.InverseNorm(vectors[i]!);
        }

        var planes = Planes(vectors[order[0]]!.Length);
        var offsets = Offsets(planes, order);
        foreach (var block in order.Chunk(BlockRows))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var keys = new int[block.Length][];
            var found = new Nearest[block.Length];
            // Tables only change between blocks, so a block's rows are looked up side by side.
            Parallel.For(
                0,
                block.Length,
                i =>
                {
                    keys[i] = Keys(block[i], planes, offsets);
                    found[i] = InTables(block[i], keys[i]);
                }
            );
            Settle(block, keys, found, twins);
        }
    }

    /// <summary>Rows of a block are compared with those of it that are kept, and the kept ones put into the tables.</summary>
    private void Settle(int[] block, int[][] keys, Nearest[] found, int[] twins)
    {
        var fresh = new List<int>();
        for (var i = 0; i < block.Length; i++)
        {
            var (twin, likeness, crosses) = found[i];
            foreach (var other in fresh)
            {
                if (Likeness(block[i], block[other]) is var here && here < threshold)
                {
                    continue;
                }

                if (classes[block[i]] != classes[block[other]])
                {
                    crosses = true;
                }
                else if (here > likeness)
                {
                    (twin, likeness) = (block[other], here);
                }
            }

            if (likeness >= threshold)
            {
                twins[block[i]] = twin + 1;
                continue;
            }

            fresh.Add(i);
            if (crosses)
            {
                Crossing++;
            }
        }

        foreach (var i in fresh)
        {
            for (var band = 0; band < Bands; band++)
            {
                if (_tables[band].TryGetValue(keys[i][band], out var rows))
                {
                    rows.Add(block[i]);
                }
                else
                {
                    _tables[band][keys[i][band]] = [block[i]];
                }
            }
        }
    }

    private Nearest InTables(int row, int[] keys)
    {
        var (best, most, crosses) = (-1, double.MinValue, false);
        var seen = new HashSet<int>();
        for (var band = 0; band < Bands; band++)
        {
            if (!_tables[band].TryGetValue(keys[band], out var rows))
            {
                continue;
            }

            foreach (var other in rows)
            {
                if (!seen.Add(other) || Likeness(row, other) is var likeness && likeness < threshold)
                {
                    continue;
                }

                if (classes[other] != classes[row])
                {
                    crosses = true;
                }
                else if (likeness > most || (likeness == most && other < best))
                {
                    (best, most) = (other, likeness);
                }
            }
        }

        return new Nearest(best, most, crosses);
    }

    /// <summary>The most alike of the kept rows of a row's class, and whether one of another class is alike.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Nearest(int Twin, double Likeness, bool Crosses);

    private double Likeness(int x, int y) => (double)ByteVectors.Dot(vectors[x], vectors[y]) * _norms[x] * _norms[y];

    private int[] Keys(int row, sbyte[][] planes, float[] offsets)
    {
        var keys = new int[Bands];
        for (var band = 0; band < Bands; band++)
        {
            for (var sign = 0; sign < Signs; sign++)
            {
                var plane = (band * Signs) + sign;
                if (ByteVectors.Dot(vectors[row], planes[plane]) * _norms[row] > offsets[plane])
                {
                    keys[band] |= 1 << sign;
                }
            }
        }

        return keys;
    }

#pragma warning disable CA5394 // The planes are the same for everybody, so that a recipe gives the same rows again.
    private static sbyte[][] Planes(int dimensions)
    {
        var random = new Random(Seed);
        return [.. Enumerable.Range(0, Bands * Signs).Select(_ => Plane(random, dimensions))];
    }

    private static sbyte[] Plane(Random random, int dimensions)
    {
        var plane = new sbyte[dimensions];
        // The sum of four uniform numbers is near enough to a normal one.
        for (var i = 0; i < plane.Length; i++)
        {
            plane[i] = (sbyte)(Enumerable.Range(0, 4).Sum(_ => random.Next(-31, 32)));
        }

        return plane;
    }
#pragma warning restore CA5394

    /// <summary>Where each plane cuts: at the projection of the rows' middle.</summary>
    private float[] Offsets(sbyte[][] planes, int[] order)
    {
        var every = Math.Max(1, order.Length / RowsForMiddle);
        var sample = order.Where((_, i) => i % every == 0).ToArray();
        var offsets = new float[planes.Length];
        Parallel.For(
            0,
            planes.Length,
            plane => offsets[plane] = (float)sample.Average(row => (double)ByteVectors.Dot(vectors[row], planes[plane]) * _norms[row])
        );
        return offsets;
    }
}
