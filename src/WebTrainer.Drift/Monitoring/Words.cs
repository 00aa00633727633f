using System.Globalization;

namespace WebTrainer.Drift;

/// <summary>Figures as they stand in sentences.</summary>
internal static class Words
{
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#} %");

    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    public static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
