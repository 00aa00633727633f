using System.Globalization;
using WebTrainer.Portal.Features.Benchmarks;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Evaluations;

/// <summary>What comparing two models means, for somebody who decides by it.</summary>
/// <remarks>On a benchmark whose metric is better when lower, what is higher is worse.</remarks>
/// <param name="IsBetter">The second is surely better (true) or worse (false); null where the two can't be told apart.</param>
public sealed record Verdict(bool? IsBetter, string Sentence)
{
    private const string UsualVerb = "is right on";

    /// <param name="verb">What a model does that is counted.</param>
    /// <param name="unit">What was asked: rows, or questions.</param>
    /// <param name="higherIsBetter">Of the metric that is compared; null where neither is.</param>
    public static Verdict Of(
        Comparison comparison,
        long rows,
        bool? higherIsBetter = true,
        string unit = "rows",
        string verb = UsualVerb
    ) =>
        comparison.IsSure
            ? new(higherIsBetter is { } good ? comparison.Difference > 0 == good : null, Sure(comparison, rows, unit, verb))
            : new(null, Unsure(comparison, rows, unit, verb));

    private static string Sure(Comparison c, long rows, string unit, string verb) =>
        c.Measure switch
        {
            Comparison.ByRight =>
                $"{c.Second} {verb} {Count(Math.Abs(c.OnlySecond - c.OnlyFirst))} {(c.Difference > 0 ? "more" : "fewer")} of {Count(rows)} {unit} than {c.First} ({Points(c)}; {PValue(c)}).",
            Comparison.ByTokenF1 =>
                $"{c.Second} comes {(c.Difference > 0 ? "nearer to" : "less near to")} the right answers than {c.First}: token F1 {Points(c)}{(c.PValue is null ? "" : "; " + PValue(c))}.",
            _ =>
                $"{c.Second} has a {(c.Difference > 0 ? "higher" : "lower")} value of {BenchmarkWords.Metric(c.Measure).Title} than {c.First} ({Points(c)}; {PValue(c)}).",
        };

    private static string Unsure(Comparison c, long rows, string unit, string verb)
    {
        var start =
            $"{c.Second} and {c.First} cannot be told apart on {Count(rows)} {unit} ({(IsByRight(c) ? "" : Measure(c) + " ")}{Points(c)}{(c.PValue is null ? "" : "; " + PValue(c))})";
        return start
            + c switch
            {
                { RowsNeeded: { } needed } when needed > rows =>
                    $"; about {Count(RoundUp(needed))} {unit} would be needed to be sure of such a difference.",
                { RowsNeeded: null, Measure: Comparison.ByRight } => verb == UsualVerb
                    ? "; they are right equally often."
                    : "; there is no difference at all.",
                _ => ".",
            };
    }

    private static bool IsByRight(Comparison c) => c.Measure == Comparison.ByRight;

    private static string Measure(Comparison c) => c.Measure == Comparison.ByTokenF1 ? "token F1" : BenchmarkWords.Metric(c.Measure).Title;

    /// <summary>Differences of shares in points; others in their own unit.</summary>
    private static string Points(Comparison c) =>
        !IsByRight(c) && c.Measure != Comparison.ByTokenF1 && !BenchmarkWords.Metric(c.Measure).IsShare
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{c.Difference:+0.000;−0.000;0.000}, between {c.Low:+0.000;−0.000;0.000} and {c.High:+0.000;−0.000;0.000}"
            )
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{100 * c.Difference:+0.0;−0.0;0.0} points, between {100 * c.Low:+0.0;−0.0;0.0} and {100 * c.High:+0.0;−0.0;0.0}"
            );

    private static string PValue(Comparison c) =>
        c.PValue < 0.001 ? "p < 0.001" : string.Create(CultureInfo.InvariantCulture, $"p = {c.PValue:0.000}");

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Two leading digits: more would claim what such an estimate does not know.</summary>
    private static long RoundUp(long rows)
    {
        var unit = (long)Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(rows)) - 1));
        return (rows + unit - 1) / unit * unit;
    }
}
