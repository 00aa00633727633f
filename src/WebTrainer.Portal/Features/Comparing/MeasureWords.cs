using System.Globalization;
using WebTrainer.Portal.Components.Shared;

namespace WebTrainer.Portal.Features.Comparing;

/// <summary>How comparisons of rows are spoken of.</summary>
public static class MeasureWords
{
    public static string Name(ExampleMeasure measure) =>
        measure switch
        {
            ExampleMeasure.Right => "right answers",
            ExampleMeasure.TokenF1 => "token F1",
            _ => "loss of the right answer",
        };

    public static string Name(PairShow show) =>
        show switch
        {
            PairShow.All => "all rows",
            PairShow.Wins => "wins: the second is better",
            PairShow.Losses => "losses: the first is better",
            _ => "neither is right",
        };

    public static string Name(PairOrder order) =>
        order switch
        {
            PairOrder.WorstFirst => "worst regressions first",
            PairOrder.BestFirst => "best gains first",
            _ => "as in the test split",
        };

    /// <summary>A difference in the measure's unit: points of a hundred, or nats.</summary>
    public static string Write(ExampleMeasure measure, double gain) =>
        measure == ExampleMeasure.Loss
            ? gain.ToString("+0.000;−0.000;0.000", CultureInfo.InvariantCulture) + " nats"
            : (100 * gain).ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture) + " points";

    public static string PValue(double p) => p < 0.001 ? "< 0.001" : p.ToString("0.000", CultureInfo.InvariantCulture);

    public static string Verdict(PairTest test) =>
        test.Corrected >= 0.05 ? "can't be told apart"
        : test.Difference > 0 ? "the second is better"
        : "the first is better";

    public static string Answer(ExampleMeasure measure, Protocol.ExampleAnswer answer) =>
        measure switch
        {
            ExampleMeasure.Right => (answer.Right ? "right" : "wrong")
                + (answer.Confidence is { } sure ? $", {Format.Percent(sure, 0)} sure" : ""),
            ExampleMeasure.TokenF1 => Format.Percent(answer.TokenF1, 0),
            _ => Format.Number(answer.Loss),
        };
}
