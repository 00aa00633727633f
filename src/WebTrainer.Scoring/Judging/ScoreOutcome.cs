using WebTrainer.Statistics;

namespace WebTrainer.Scoring.Judging;

/// <summary>One model's points by a judge.</summary>
/// <param name="Model">As the report calls it.</param>
/// <param name="Scored">Answers to which the reply was a verdict.</param>
/// <param name="Mean">Null where nothing was scored.</param>
/// <param name="NoVerdict">Answers to which the reply was no verdict.</param>
/// <param name="Counts">How many answers got each number of points, from the lowest.</param>
public sealed record ModelScore(string Model, int Scored, int NoVerdict, Estimate? Mean, IReadOnlyList<int> Counts);

/// <summary>Two models' points for the same requests.</summary>
/// <param name="First">As the report calls it.</param>
/// <param name="Second">As the report calls it.</param>
/// <param name="Rows">Requests on which both were scored.</param>
/// <param name="Difference">Second less first, with its 95 % interval; null where there are no such requests.</param>
/// <param name="PValue">Wilcoxon's signed-rank test, corrected for the number of comparisons (Holm).</param>
public sealed record ScoreDifference(string First, string Second, int Rows, Estimate? Difference, double PValue)
{
    private const double Level = 0.05;

    /// <summary>Test and interval agree that one is better.</summary>
    public bool IsSure => PValue < Level && Difference is { } difference && (difference.Low > 0 || difference.High < 0);
}

/// <summary>Several models on the same requests, by a judge's points.</summary>
public sealed record ScoreOutcome(IReadOnlyList<ModelScore> Models, IReadOnlyList<ScoreDifference> Differences)
{
    /// <summary>Points that a judge gives.</summary>
    public const int Lowest = 1,
        Highest = 5;

    internal static readonly Interval DifferenceRange = new(Lowest - Highest, Highest - Lowest);

    /// <param name="scores">Of each model, its points by request; null where the reply was no verdict. All equally long.</param>
    public static ScoreOutcome Of(IReadOnlyList<(string Model, IReadOnlyList<int?> Scores)> scores)
    {
        var differences = scores
            .Index()
            .SelectMany(first => scores.Skip(first.Index + 1).Select(second => Between(first.Item, second)))
            .ToList();
        var corrected = Holm.Correct([.. differences.Select(difference => difference.PValue)]);
        return new([.. scores.Select(ScoreOf)], [.. differences.Zip(corrected, (difference, p) => difference with { PValue = p })]);
    }

    private static ModelScore ScoreOf((string Model, IReadOnlyList<int?> Scores) model)
    {
        double[] given = [.. model.Scores.OfType<int>().Select(points => (double)points)];
        return new(
            model.Model,
            given.Length,
            model.Scores.Count - given.Length,
            ScoreCalibration.Mean(given, new(Lowest, Highest)),
            [.. Enumerable.Range(Lowest, Highest - Lowest + 1).Select(points => given.Count(value => value == points))]
        );
    }

    private static ScoreDifference Between(
        (string Model, IReadOnlyList<int?> Scores) first,
        (string Model, IReadOnlyList<int?> Scores) second
    )
    {
        double[] differences =
        [
            .. first
                .Scores.Zip(second.Scores)
                .Where(pair => pair is { First: not null, Second: not null })
                .Select(pair => (double)(pair.Second!.Value - pair.First!.Value)),
        ];
        return new(
            first.Model,
            second.Model,
            differences.Length,
            ScoreCalibration.Mean(differences, DifferenceRange),
            Wilcoxon.Test(differences).PValue
        );
    }
}
