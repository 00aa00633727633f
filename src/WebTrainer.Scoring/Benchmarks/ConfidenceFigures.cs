using WebTrainer.Protocol;
using WebTrainer.Scoring.Statistics;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>What there is to say of a model's confidence in its choices.</summary>
public static class ConfidenceFigures
{
    public const string Brier = "brier";

    /// <param name="confidences">Probability of each choice, 0 to 1.</param>
    /// <param name="right">Whether each choice was right.</param>
    public static CalibrationFigures Of(double[] confidences, bool[] right) => new(
        Figure.Mean(MultipleChoice.Confidence, confidences), ErrorOf(confidences, right),
        Figure.Mean(Brier, [.. confidences.Zip(right, (p, outcome) => Calibration.Brier([p], [outcome]))]), ReliabilityOf(confidences, right));

    /// <summary>Expected calibration error with its bootstrap interval.</summary>
    public static MetricFigure ErrorOf(double[] confidences, bool[] right) => Figure.OfRows(MultipleChoice.CalibrationError, confidences.Length,
        rows => Calibration.ExpectedError([.. rows.Select(row => confidences[row])], [.. rows.Select(row => right[row])]));

    public static IReadOnlyList<ReliabilityBin> ReliabilityOf(double[] confidences, bool[] right) =>
        [.. Calibration.Bins(confidences, right).Select(bin => new ReliabilityBin(bin.Probability, bin.Share, bin.Count))];
}
