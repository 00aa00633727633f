using WebTrainer.Embedding;
using WebTrainer.Pipeline.Neighbours;

namespace WebTrainer.Pipeline.Vectors;

/// <summary>A row to judge by, and the row to learn from that is nearest to it.</summary>
/// <param name="Test">Its position in the version.</param>
/// <param name="Nearest">The position of the nearest one, with the cosine.</param>
public sealed record CoveredRow(int Test, Neighbour Nearest);

/// <summary>How near rows to judge by lie to those to learn from.</summary>
/// <param name="Tests">Rows to judge by.</param>
/// <param name="LookedAt">Of these, those looked at, spread evenly.</param>
/// <param name="Usual">The likeness that 95 of 100 rows to learn from have to another of them; what lies below is far.</param>
/// <param name="Far">Of those looked at, how many are less like any row to learn from; the farthest first.</param>
public sealed record CoverageReport(int Tests, int LookedAt, double Usual, IReadOnlyList<CoveredRow> Far);

/// <summary>Finds what a model is asked about although no row to learn from is near.</summary>
public static class Coverage
{
    /// <summary>Rows of either part that are looked at; each is compared with all rows to learn from.</summary>
    public const int MostLookedAt = 2_000;

    /// <summary>Of rows to learn from, the share that lies farther from the others than is usual.</summary>
    private const double FarShare = 0.05;

    /// <param name="train">Positions of rows to learn from.</param>
    /// <param name="test">Positions of rows to judge by.</param>
    public static CoverageReport Find(
        KeptVectors vectors,
        IReadOnlyList<int> train,
        IReadOnlyList<int> test,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(vectors);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        var among = Nearest(vectors, train, Spread(train), cancellationToken).Select(c => (double)c.Nearest.Likeness).Order().ToArray();
        var usual = among.Length == 0 ? 0 : among[(int)(among.Length * FarShare)];
        var looked = Spread(test);
        var far = train.Count == 0 ? [] : Nearest(vectors, train, looked, cancellationToken).Where(c => c.Nearest.Likeness < usual);
        return new CoverageReport(test.Count, looked.Length, usual, [.. far.OrderBy(c => c.Nearest.Likeness).ThenBy(c => c.Test)]);
    }

    private static int[] Spread(IReadOnlyList<int> rows)
    {
        var every = Math.Max(1, (rows.Count + MostLookedAt - 1) / MostLookedAt);
        return [.. rows.Where((_, i) => i % every == 0)];
    }

    private static CoveredRow[] Nearest(KeptVectors vectors, IReadOnlyList<int> among, int[] rows, CancellationToken cancellationToken)
    {
        var found = new CoveredRow[rows.Length];
        Parallel.For(
            0,
            rows.Length,
            new ParallelOptions { CancellationToken = cancellationToken },
            i =>
            {
                var (row, best, most) = (rows[i], -1, float.NegativeInfinity);
                var (own, norm) = (vectors.Of(row).ToArray(), vectors.InverseNorm(row));
                foreach (var other in among)
                {
                    var likeness = other == row ? most : ByteVectors.Dot(own, vectors.Of(other)) * norm * vectors.InverseNorm(other);
                    if (likeness > most)
                    {
                        (best, most) = (other, likeness);
                    }
                }

                found[i] = new CoveredRow(row, new Neighbour(best, best < 0 ? 0 : most));
            }
        );
        return found;
    }
}
