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
/// confusionᵣ(t, given)</c>; M: <c>confusionᵣ(t, g) ∝ Σᵢ pᵢ(t)[r gave g to i]</c>, <c>prior = mean p</c>. It starts from each item's shares of votes.
/// </summary>
public static class DawidSkene
{
    private const double Smallest = 1e-10;

    /// <param name="ratings">Raters may leave gaps.</param>
    /// <param name="iterations">At most this many rounds.</param>
    /// <param name="tolerance">Ends when no posterior moves by more.</param>
    public static DawidSkeneResult Fit(Ratings ratings, int iterations = 200, double tolerance = 1e-9)
    {
        ArgumentNullException.ThrowIfNull(ratings);
        var posteriors = Enumerable.Range(0, ratings.Items).Select(item => Shares(ratings.CountsOf(item))).ToArray();
        var (priors, confusion) = Maximise(ratings, posteriors);
        for (var round = 0; round < iterations; round++)
        {
            var logs = Logs(confusion);
            var next = Enumerable.Range(0, ratings.Items).Select(item => Expect(ratings, item, priors, logs)).ToArray();
            var moved = Distance(next, posteriors);
            posteriors = next;
            (priors, confusion) = Maximise(ratings, posteriors);
            if (moved < tolerance) break;
        }

        return new(posteriors, priors, confusion);
    }

    private static double[] Expect(Ratings ratings, int item, double[] priors, double[][][] logs)
    {
        var sums = new double[priors.Length];
        for (var category = 0; category < sums.Length; category++) sums[category] = Math.Log(Math.Max(priors[category], Smallest));
        foreach (var vote in ratings.VotesOf(item))
        {
            for (var category = 0; category < sums.Length; category++) sums[category] += logs[vote.Rater][category][vote.Category];
        }

        var (highest, total) = (sums.Max(), 0.0);
        for (var category = 0; category < sums.Length; category++) total += sums[category] = Math.Exp(sums[category] - highest);
        for (var category = 0; category < sums.Length; category++) sums[category] /= total;
        return sums;
    }

    private static (double[] Priors, double[][][] Confusion) Maximise(Ratings ratings, double[][] posteriors)
    {
        var size = ratings.Categories;
        var priors = new double[size];
        var confusion = Enumerable.Range(0, ratings.Raters).Select(_ => Enumerable.Range(0, size).Select(_ => new double[size]).ToArray()).ToArray();
        for (var item = 0; item < ratings.Items; item++)
        {
            for (var category = 0; category < size; category++) priors[category] += posteriors[item][category];
            foreach (var vote in ratings.VotesOf(item))
            {
                for (var category = 0; category < size; category++) confusion[vote.Rater][category][vote.Category] += posteriors[item][category];
            }
        }

        // Nothing is impossible: a chance of exactly 0 could never be corrected by later evidence.
        return (Normalise(priors), [.. confusion.Select(table => table.Select(row => Normalise([.. row.Select(value => Math.Max(value, Smallest))])).ToArray())]);
    }

    private static double[][][] Logs(double[][][] confusion) => [.. confusion.Select(table => table.Select(row => row.Select(value => Math.Log(value)).ToArray()).ToArray())];

    private static double Distance(double[][] a, double[][] b)
    {
        double most = 0;
        for (var item = 0; item < a.Length; item++)
        {
            for (var category = 0; category < a[item].Length; category++) most = Math.Max(most, Math.Abs(a[item][category] - b[item][category]));
        }

        return most;
    }

    private static double[] Shares(int[] counts) =>
        counts.Sum() == 0 ? [.. counts.Select(_ => 1.0 / counts.Length)] : Normalise([.. counts.Select(count => (double)count)]);

    private static double[] Normalise(double[] values)
    {
        var sum = values.Sum();
        return sum == 0 ? values : [.. values.Select(value => value / sum)];
    }
}
