using WebTrainer.Protocol;
using WebTrainer.Statistics;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>What there is to say of a model's confidence in its choices.</summary>
public static class ConfidenceFigures
{
    /// <summary>Metric: mean squared distance of confidence and outcome, 0 to 1, lower is better (Brier 1950).</summary>
    public const string Brier = "brier";

    /// <param name="confidences">Probability of each choice, 0 to 1.</param>
    /// <param name="right">Whether each choice was right.</param>
    public static CalibrationFigures Of(double[] confidences, bool[] right)
    {
        var (plain, debiased) = ErrorsOf(confidences, right);
        var brier = Figure.Mean(Brier, [.. confidences.Zip(right, (p, outcome) => Calibration.Brier([p], [outcome]))]);
        return new(Figure.Mean(MultipleChoice.Confidence, confidences), plain, brier, ReliabilityOf(confidences, right))
        {
            DebiasedError = debiased,
        };
    }

    /// <summary>
    /// Expected calibration error as it is usually computed, and without what chance adds to it. The interval is that of the true error for
    /// both, so that the first may lie above it.
    /// </summary>
    public static (MetricFigure Plain, MetricFigure Debiased) ErrorsOf(double[] confidences, bool[] right)
    {
        var (value, interval) = CalibrationInterval.Of(confidences, right);
        MetricFigure Make(string name, double figure) => new(name, figure, interval.Low, interval.High, confidences.Length);
        return (
            Make(MultipleChoice.CalibrationError, Calibration.ExpectedError(confidences, right)),
            Make(MultipleChoice.DebiasedCalibrationError, value)
        );
    }

    /// <summary>Of ten bins of equal width, those that hold answers, from the lowest confidence on.</summary>
    /// <param name="confidences">Probability of each choice, 0 to 1.</param>
    /// <param name="right">Whether each choice was right.</param>
    public static IReadOnlyList<ReliabilityBin> ReliabilityOf(double[] confidences, bool[] right) =>
        [.. Calibration.Bins(confidences, right).Select(bin => new ReliabilityBin(bin.Probability, bin.Share, bin.Count))];
}
