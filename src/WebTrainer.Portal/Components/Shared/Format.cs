using System.Globalization;

namespace WebTrainer.Portal.Components.Shared;

/// <summary>Numbers as people read them, each with its unit.</summary>
public static class Format
{
    private static readonly string[] s_byteUnits = ["B", "kB", "MB", "GB", "TB"];

    public static string Count(long value) => value.ToString("N0", CultureInfo.CurrentCulture);

    /// <param name="noun">In the singular: <c>1 row</c>, <c>12 rows</c>.</param>
    public static string Count(long value, string noun) => $"{Count(value)} {noun}{(value == 1 ? "" : "s")}";

    public static string Percent(double share, int decimals = 1) =>
        (share * 100).ToString("F" + decimals, CultureInfo.CurrentCulture) + " %";

    /// <summary>The ends of an interval of shares: <c>3.4 – 13.7 %</c>.</summary>
    public static string Interval(double low, double high) =>
        (low * 100).ToString("F1", CultureInfo.CurrentCulture) + " – " + Percent(high);

    public static string Number(double? value, int decimals = 3) =>
        value is { } number && double.IsFinite(number) ? number.ToString("F" + decimals, CultureInfo.CurrentCulture) : "–";

    /// <param name="bytes">Decimal units, as disks are sold.</param>
    public static string Bytes(long bytes)
    {
        double value = bytes;
        var unit = 0;
        while (value >= 1000 && unit < s_byteUnits.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return value.ToString(unit == 0 ? "N0" : "N1", CultureInfo.CurrentCulture) + " " + s_byteUnits[unit];
    }

    public static string Duration(double? seconds) =>
        seconds switch
        {
            null => "–",
            < 60 => string.Create(CultureInfo.CurrentCulture, $"{seconds:0} s"),
            < 3600 => string.Create(CultureInfo.CurrentCulture, $"{Math.Floor(seconds.Value / 60):0} min {seconds.Value % 60:00} s"),
            _ => string.Create(CultureInfo.CurrentCulture, $"{Math.Floor(seconds.Value / 3600):0} h {seconds.Value % 3600 / 60:00} min"),
        };
}
