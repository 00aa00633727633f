namespace WebTrainer.Scoring.Statistics;

/// <summary>Do probabilities mean what they say?</summary>
public static class Calibration
{
    /// <summary>Mean squared distance of probability and outcome (Brier, Monthly Weather Review 78, 1950): 0 is best.</summary>
    public static double Brier(IReadOnlyList<double> probabilities, IReadOnlyList<bool> outcomes) =>
        probabilities.Zip(outcomes, (p, outcome) => (p - (outcome ? 1 : 0)) * (p - (outcome ? 1 : 0))).Average();

    /// <summary>
    /// Expected calibration error (Naeini et al., AAAI 2015): <c>Σ share of bin · |mean probability - share of outcomes|</c> over bins of equal
    /// width, each open on its left side.
    /// </summary>
    public static double ExpectedError(IReadOnlyList<double> probabilities, IReadOnlyList<bool> outcomes, int bins = 10) =>
        probabilities.Zip(outcomes)
            .GroupBy(pair => Math.Clamp((int)Math.Ceiling(pair.First * bins) - 1, 0, bins - 1))
            .Sum(bin => Math.Abs(bin.Sum(pair => pair.First) - bin.Count(pair => pair.Second))) / probabilities.Count;
}
