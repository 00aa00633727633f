using System.Globalization;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Evaluations;

/// <summary>What comparing two models means, for somebody who decides by it.</summary>
/// <param name="IsBetter">The second is surely better (true) or worse (false); null where the two can't be told apart.</param>
public sealed record Verdict(bool? IsBetter, string Sentence)
{
    public static Verdict Of(Comparison comparison, long rows) => comparison.IsSure
        ? new(comparison.Difference > 0, Sure(comparison, rows))
        : new(null, Unsure(comparison, rows));

    private static string Sure(Comparison c, long rows) => IsByRight(c)
        ? $"{c.Second} is right on {Count(Math.Abs(c.OnlySecond - c.OnlyFirst))} {(c.Difference > 0 ? "more" : "fewer")} of {Count(rows)} rows than {c.First} ({Points(c)}; {PValue(c)})."
        : $"{c.Second} comes {(c.Difference > 0 ? "nearer to" : "less near to")} the right answers than {c.First}: token F1 {Points(c)}.";

    private static string Unsure(Comparison c, long rows)
    {
        var start = $"{c.Second} and {c.First} cannot be told apart on {Count(rows)} rows ({(IsByRight(c) ? "" : "token F1 ")}{Points(c)}{(c.PValue is null ? "" : "; " + PValue(c))})";
        return start + c switch
        {
            { RowsNeeded: { } needed } when needed > rows => $"; about {Count(RoundUp(needed))} rows would be needed to be sure of such a difference.",
            { RowsNeeded: null, Measure: Comparison.ByRight } => "; they are right equally often.",
            _ => ".",
        };
    }

    private static bool IsByRight(Comparison c) => c.Measure == Comparison.ByRight;

    private static string Points(Comparison c) =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * c.Difference:+0.0;−0.0;0.0} points, between {100 * c.Low:+0.0;−0.0;0.0} and {100 * c.High:+0.0;−0.0;0.0}");

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
