using System.Globalization;

namespace WebTrainer.Portal.Components.Charts;

/// <summary>Lines of a value axis at round numbers.</summary>
public static class AxisScale
{
    public const int MostLines = 8;
    private const int WantedLines = 5;

    /// <summary>Distance between two lines: 1, 2 or 5 times a power of ten, so that about five cover the values.</summary>
    public static double DistanceOf(IEnumerable<double> values)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
        {
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        var range = high > low ? high - low : Math.Abs(high);
        if (!double.IsFinite(range) || range == 0)
        {
            return 1;
        }

        var rough = range / WantedLines;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return (rough / power) switch
        {
            < 1.5 => power,
            < 3.5 => 2 * power,
            < 7.5 => 5 * power,
            _ => 10 * power,
        };
    }

    public static string Write(double value) =>
        Math.Abs(value) switch
        {
            < 1e-12 => "0",
            < 1e-3 => value.ToString("0.#e+0", CultureInfo.CurrentCulture),
            < 1000 => value.ToString("0.####", CultureInfo.CurrentCulture),
            _ => value.ToString("N0", CultureInfo.CurrentCulture),
        };
}
