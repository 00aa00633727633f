namespace WebTrainer.Statistics;

/// <summary>Do probabilities mean what they say?</summary>
public static class Calibration
{
    /// <summary>Mean squared distance of probability and outcome (Brier, Monthly Weather Review 78, 1950): 0 is best.</summary>
    public static double Brier(IReadOnlyList<double> probabilities, IReadOnlyList<bool> outcomes) =>
        probabilities.Zip(outcomes, (p, outcome) => (p - (outcome ? 1 : 0)) * (p - (outcome ? 1 : 0))).Average();

    /// <summary>
    /// Expected calibration error (Naeini et al., AAAI 2015): <c>Σ share of bin · |mean probability - share of outcomes|</c> over bins of
    /// equal width, each open on its left side.
    /// </summary>
    public static double ExpectedError(IReadOnlyList<double> probabilities, IReadOnlyList<bool> outcomes, int bins = 10) =>
        Bins(probabilities, outcomes, bins).Sum(bin => bin.Count * Math.Abs(bin.Probability - bin.Share)) / probabilities.Count;

    /// <summary>
    /// Mean probability and share of outcomes of each bin that is not empty, from the lowest: what a reliability diagram draws.
    /// </summary>
    public static IReadOnlyList<(double Probability, double Share, int Count)> Bins(
        IReadOnlyList<double> probabilities,
        IReadOnlyList<bool> outcomes,
        int bins = 10
    )
    {
        var (sums, hits, counts) = (new double[bins], new int[bins], new int[bins]);
        for (var i = 0; i < probabilities.Count; i++)
        {
            var bin = Math.Clamp((int)Math.Ceiling(probabilities[i] * bins) - 1, 0, bins - 1);
            sums[bin] += probabilities[i];
            hits[bin] += outcomes[i] ? 1 : 0;
            counts[bin]++;
        }

        return
        [
            .. Enumerable
                .Range(0, bins)
                .Where(bin => counts[bin] > 0)
                .Select(bin => (sums[bin] / counts[bin], (double)hits[bin] / counts[bin], counts[bin])),
        ];
    }
}
