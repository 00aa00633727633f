namespace WebTrainer.Labeling;

/// <summary>What most likely is true of each item, and how reliable each rater is.</summary>
/// <param name="Posteriors">Of each item, the probability of each category; rows sum to 1. Without a rating: the priors.</param>
/// <param name="Priors">How frequent each category is.</param>
/// <param name="Confusion">Of each rater, by true category, the probability of each category given: <c>[rater][true][given]</c>.</param>
public sealed record DawidSkeneResult(double[][] Posteriors, double[] Priors, double[][][] Confusion)
{
    /// <summary>Chance that this rater gives the true category, over the frequencies of the categories.</summary>
    public double Reliability(int rater) => Priors.Select((prior, category) => prior * Confusion[rater][category][category]).Sum();
}

/// <summary>
/// Truth and raters' reliability by expectation-maximisation (Dawid and Skene, Applied Statistics 28(1), 1979). E: <c>p(t) ∝ prior(t) · Πᵣ
/// confusionᵣ(t, given)</c>; M: <c>confusionᵣ(t, g) ∝ Σᵢ pᵢ(t)[r gave g to i]</c>, <c>prior = mean p</c>. It starts from each item's shares
/// of votes.
/// </summary>
public static class DawidSkene
{
    private const double Smallest = 1e-10;

    /// <summary>Below it a product of probabilities is scaled up, so that hundreds of raters of one item don't take it to zero.</summary>
    private const double Tiny = 1e-150;

    /// <summary>Fewer items are not worth a second thread.</summary>
    private const int ItemsOfPart = 4_096;

    /// <param name="ratings">Raters may leave gaps.</param>
    /// <param name="iterations">At most this many rounds.</param>
    /// <param name="tolerance">Ends when no posterior moves by more.</param>
    public static DawidSkeneResult Fit(Ratings ratings, int iterations = 200, double tolerance = 1e-9)
    {
        ArgumentNullException.ThrowIfNull(ratings);
        var size = ratings.Categories;
        var posteriors = new double[ratings.Items * size]; // [item, category]
        for (var item = 0; item < ratings.Items; item++)
        {
            Shares(ratings.CountsOf(item)).CopyTo(posteriors.AsSpan(item * size));
        }

        var (priors, confusion) = Maximise(ratings, posteriors);
        for (var round = 0; round < iterations; round++)
        {
            var moved = Expect(ratings, posteriors, priors, confusion);
            (priors, confusion) = Maximise(ratings, posteriors);
            if (moved < tolerance)
            {
                break;
            }
        }

        return new(
            [.. Enumerable.Range(0, ratings.Items).Select(item => posteriors.AsSpan(item * size, size).ToArray())],
            priors,
            [
                .. Enumerable
                    .Range(0, ratings.Raters)
                    .Select(rater =>
                        Enumerable
                            .Range(0, size)
                            .Select(truth =>
                                Enumerable.Range(0, size).Select(given => confusion[Place(rater, given, size) + truth]).ToArray()
                            )
                            .ToArray()
                    ),
            ]
        );
    }

    /// <summary>
    /// What is most likely true of each item by what the raters did on all <em>other</em> items. The posteriors of <see cref="Fit"/> are
    /// surer than they may be while there are few items: an item's own votes are in the confusion that then judges them, and a chance seen
    /// three times of three counts as certain. Here each item's votes are taken out of the counts before it is judged, and each count
    /// begins at one (Laplace's rule of succession).
    /// </summary>
    /// <param name="ratings">Raters may leave gaps.</param>
    /// <param name="iterations">At most this many rounds.</param>
    /// <param name="tolerance">Ends when no posterior moves by more.</param>
    /// <returns>Of each item, the probability of each category; rows sum to 1.</returns>
    public static double[][] HeldOutPosteriors(Ratings ratings, int iterations = 200, double tolerance = 1e-9)
    {
        ArgumentNullException.ThrowIfNull(ratings);
        var size = ratings.Categories;
        var fitted = Fit(ratings, iterations, tolerance).Posteriors;
        var totals = new double[size];
        var counts = new double[ratings.Raters * size * size]; // [rater, given, true]
        var given = new double[ratings.Raters * size]; // [rater, true]
        for (var item = 0; item < ratings.Items; item++)
        {
            for (var truth = 0; truth < size; truth++)
            {
                totals[truth] += fitted[item][truth];
            }

            foreach (var vote in ratings.VotesOf(item))
            {
                for (var truth = 0; truth < size; truth++)
                {
                    counts[Place(vote.Rater, vote.Category, size) + truth] += fitted[item][truth];
                    given[(vote.Rater * size) + truth] += fitted[item][truth];
                }
            }
        }

        return
        [
            .. Enumerable
                .Range(0, ratings.Items)
                .Select(item =>
                {
                    var own = fitted[item];
                    var chances = new double[size];
                    for (var truth = 0; truth < size; truth++)
                    {
                        chances[truth] = totals[truth] - own[truth] + 1;
                    }
                    foreach (var vote in ratings.VotesOf(item))
                    {
                        for (var truth = 0; truth < size; truth++)
                        {
                            chances[truth] *=
                                (counts[Place(vote.Rater, vote.Category, size) + truth] - own[truth] + 1)
                                / (given[(vote.Rater * size) + truth] - own[truth] + size);
                        }
                        Normalise(chances);
                    }

                    Normalise(chances);
                    return chances;
                }),
        ];
    }

    /// <summary>Of what a rater gave, the chances by what is true lie side by side: one vote reads them all.</summary>
    private static int Place(int rater, int given, int size) => ((rater * size) + given) * size;

    /// <summary>Writes the new posteriors over the old ones.</summary>
    /// <returns>The most that one of them moved.</returns>
    private static double Expect(Ratings ratings, double[] posteriors, double[] priors, double[] confusion)
    {
        var parts = Math.Max(1, ratings.Items / ItemsOfPart);
        var moved = new double[parts];
        Parallel.For(
            0,
            parts,
            part =>
            {
                Span<double> next = new double[priors.Length];
                for (var item = (int)((long)ratings.Items * part / parts); item < (int)((long)ratings.Items * (part + 1) / parts); item++)
                {
                    Expect(ratings.VotesOf(item), priors, confusion, next);
                    var old = posteriors.AsSpan(item * next.Length, next.Length);
                    for (var category = 0; category < next.Length; category++)
                    {
                        moved[part] = Math.Max(moved[part], Math.Abs(next[category] - old[category]));
                    }

                    next.CopyTo(old);
                }
            }
        );
        return moved.Max();
    }

    private static void Expect(ReadOnlySpan<Vote> votes, double[] priors, double[] confusion, Span<double> next)
    {
        for (var category = 0; category < next.Length; category++)
        {
            next[category] = Math.Max(priors[category], Smallest);
        }

        foreach (var vote in votes)
        {
            var chances = confusion.AsSpan(Place(vote.Rater, vote.Category, next.Length), next.Length);
            double highest = 0;
            for (var category = 0; category < next.Length; category++)
            {
                highest = Math.Max(highest, next[category] *= chances[category]);
            }

            if (highest < Tiny)
            {
                Normalise(next);
            }
        }

        Normalise(next);
    }

    private static (double[] Priors, double[] Confusion) Maximise(Ratings ratings, double[] posteriors)
    {
        var size = ratings.Categories;
        var priors = new double[size];
        var confusion = new double[ratings.Raters * size * size];
        for (var item = 0; item < ratings.Items; item++)
        {
            var posterior = posteriors.AsSpan(item * size, size);
            for (var category = 0; category < size; category++)
            {
                priors[category] += posterior[category];
            }

            foreach (var vote in ratings.VotesOf(item))
            {
                var sums = confusion.AsSpan(Place(vote.Rater, vote.Category, size), size);
                for (var category = 0; category < size; category++)
                {
                    sums[category] += posterior[category];
                }
            }
        }

        Normalise(priors);
        for (var rater = 0; rater < ratings.Raters; rater++)
        {
            for (var truth = 0; truth < size; truth++)
            {
                NormaliseRow(confusion, rater, truth, size);
            }
        }

        return (priors, confusion);
    }

    private static void NormaliseRow(double[] confusion, int rater, int truth, int size)
    {
        double sum = 0;
        for (var given = 0; given < size; given++)
        {
            // Nothing is impossible: a chance of exactly 0 could never be corrected by later evidence.
            ref var chance = ref confusion[Place(rater, given, size) + truth];
            sum += chance = Math.Max(chance, Smallest);
        }

        for (var given = 0; given < size; given++)
        {
            confusion[Place(rater, given, size) + truth] /= sum;
        }
    }

    private static double[] Shares(int[] counts)
    {
        double[] shares = counts.Sum() == 0 ? [.. counts.Select(_ => 1.0)] : [.. counts.Select(count => (double)count)];
        Normalise(shares);
        return shares;
    }

    private static void Normalise(Span<double> values)
    {
        double sum = 0;
        foreach (var value in values)
        {
            sum += value;
        }

        if (sum == 0)
        {
            return;
        }

        foreach (ref var value in values)
        {
            value /= sum;
        }
    }
}
