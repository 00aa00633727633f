using MathNet.Numerics.Statistics;
using WebTrainer.Labeling;
using WebTrainer.Statistics;

namespace WebTrainer.Scoring.Judging;

/// <summary>An answer with the points that a judge and experts gave it.</summary>
/// <param name="Score">Null where the reply was no verdict.</param>
/// <param name="Experts">Of each expert.</param>
/// <param name="Length">Characters of the answer.</param>
public sealed record JudgedScore(int? Score, IReadOnlyList<int> Experts, int Length);

/// <summary>A figure with its 95 % interval.</summary>
public sealed record Estimate(double Value, double Low, double High);

/// <summary>How a judge's points stand to those of experts for the same answers.</summary>
public sealed record ScoreCalibration
{
    private const int Seed = 1;

    /// <summary>Answers that the judge was asked about.</summary>
    public required int Answers { get; init; }

    /// <summary>Answers to which the reply was no verdict.</summary>
    public required int WithoutVerdict { get; init; }

    /// <summary>
    /// Rank correlation (Spearman) of the judge's points with the experts' mean; null where one of them is always the same.
    /// </summary>
    public required Estimate? Spearman { get; init; }

    /// <summary>
    /// Agreement beyond chance, disagreements weighed by their square, with the experts' rounded mean; null where it is undefined.
    /// </summary>
    public required double? WeightedKappa { get; init; }

    /// <summary>Answers to which the judge gave the experts' rounded mean.</summary>
    public required Share Same { get; init; }

    /// <summary>Answers on which the two are at most one point apart.</summary>
    public required Share WithinOne { get; init; }

    /// <summary>Judge less the experts' mean: above 0 the judge is milder. Null where nothing was scored.</summary>
    public required Estimate? Difference { get; init; }

    /// <summary>
    /// Points between the judge and one expert drawn from those of the answer, on average. What <see cref="BetweenExperts"/> is to be held
    /// against.
    /// </summary>
    public required double? WithOneExpert { get; init; }

    /// <summary>Points between two experts drawn from those of the answer, on average; null where no answer has two.</summary>
    public required double? BetweenExperts { get; init; }

    /// <summary>The experts' own agreement: Krippendorff's α for intervals; null where it is undefined.</summary>
    public required double? ExpertsAlpha { get; init; }

    /// <summary>
    /// Rank correlation of an answer's length with how much more the judge gives than experts: above 0 long answers gain. Null where it is
    /// undefined.
    /// </summary>
    public required Estimate? Length { get; init; }

    /// <param name="answers">Each with one expert's points at least.</param>
    public static ScoreCalibration Of(IReadOnlyList<JudgedScore> answers)
    {
        var scored = answers.Where(answer => answer.Score is not null).ToList();
        double[] judge = [.. scored.Select(answer => (double)answer.Score!.Value)];
        double[] means = [.. scored.Select(answer => answer.Experts.Average())];
        double[] rounded = [.. means.Select(mean => Math.Round(mean, MidpointRounding.AwayFromZero))];
        double[] gains = [.. judge.Zip(means, (a, b) => a - b)];
        return new ScoreCalibration
        {
            Answers = answers.Count,
            WithoutVerdict = answers.Count - scored.Count,
            Spearman = RankCorrelation(judge, means),
            WeightedKappa = QuadraticKappa(judge, rounded),
            Same = Share.Count(judge.Zip(rounded, (a, b) => a == b).Count(same => same), judge.Length),
            WithinOne = Share.Count(judge.Zip(rounded, (a, b) => Math.Abs(a - b) <= 1).Count(near => near), judge.Length),
            Difference = Mean(gains, ScoreOutcome.DifferenceRange),
            WithOneExpert =
                scored.Count == 0
                    ? null
                    : scored.Average(answer => answer.Experts.Average(points => Math.Abs(points - answer.Score!.Value))),
            BetweenExperts = Between(answers),
            ExpertsAlpha = KrippendorffAlpha.Compute(
                Ratings.OfPoints(
                    answers.Index().SelectMany(a => a.Item.Experts.Index().Select(e => (a.Index, e.Index, (double)e.Item))),
                    answers.Count,
                    answers.Select(a => a.Experts.Count).DefaultIfEmpty().Max()
                ),
                MeasurementLevel.Interval
            ),
            Length = RankCorrelation([.. scored.Select(answer => (double)answer.Length)], gains),
        };
    }

    /// <summary>
    /// Cohen's kappa with quadratic weights on the scale itself: <c>1 − mean (a − b)² / (var a + var b + (mean a − mean b)²)</c>, so that
    /// points nobody gave still count as distance.
    /// </summary>
    internal static double? QuadraticKappa(double[] a, double[] b)
    {
        if (a.Length == 0)
        {
            return null;
        }

        var chance = a.PopulationVariance() + b.PopulationVariance() + Math.Pow(a.Average() - b.Average(), 2);
        return chance == 0 ? null : 1 - (a.Zip(b, (x, y) => (x - y) * (x - y)).Average() / chance);
    }

    internal static Estimate? RankCorrelation(double[] a, double[] b)
    {
        if (a.Distinct().Count() < 2 || b.Distinct().Count() < 2)
        {
            return null;
        }

        var value = Correlation.Spearman(a, b);
        var interval = SpearmanInterval(value, a.Length);
        return new(value, interval.Low, interval.High);
    }

    /// <summary>
    /// Fisher's z with the deviation of ranks (Bonett and Wright, Psychometrika 65, 2000): <c>√((1 + r²/2) / (n - 3))</c>. Holds for few
    /// answers too.
    /// </summary>
    private static Interval SpearmanInterval(double correlation, int answers)
    {
        const double Z975 = 1.959963984540054;
        if (answers < 4)
        {
            return new(-1, 1);
        }
        // All ranks alike: with that few answers this says no more than that they are nearly so.
        var most = 1 - (1.0 / (2 * answers));
        var (z, half) = (
            Math.Atanh(Math.Clamp(correlation, -most, most)),
            Z975 * Math.Sqrt((1 + (correlation * correlation / 2)) / (answers - 3))
        );
        return new(Math.Min(correlation, Math.Tanh(z - half)), Math.Max(correlation, Math.Tanh(z + half)));
    }

    internal static Estimate? Mean(double[] values, Interval range) =>
        values.Length == 0 ? null
        : Bootstrap.MeanInterval(values, Seed, range: range) is var interval ? new(values.Average(), interval.Low, interval.High)
        : null;

    private static double? Between(IReadOnlyList<JudgedScore> answers)
    {
        var several = answers.Where(answer => answer.Experts.Count > 1).ToList();
        return several.Count == 0
            ? null
            : several.Average(answer =>
            {
                var total = (double)answer.Experts.Count;
                return answer.Experts.Sum(a => answer.Experts.Sum(b => Math.Abs(a - b))) / (total * (total - 1));
            });
    }
}
