using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>
/// Which numbers of a workbook are days and times, and what they are in words of any program: the workbook has them as numbers with a look.
/// </summary>
/// <param name="styles">What each style of cells makes of a number.</param>
/// <param name="from1904">Whether days are counted as the first Macintosh did.</param>
internal sealed partial class SheetDates(IReadOnlyList<SheetDates.Kind> styles, bool from1904)
{
    private static readonly SearchValues<char> s_timeSigns = SearchValues.Create("dDmMyYhHsS");

    private const double LastDay = 2_958_466,
        DaysTo1904 = 1_462,
        FalseLeapDay = 60;

    /// <summary>What a number stands for.</summary>
    internal enum Kind
    {
        Number,
        Time,

        /// <summary>Hours that may be more than a day has.</summary>
        Duration,
    }

    /// <summary>Reads the styles of a workbook.</summary>
    public static SheetDates Read(XmlReader xml, bool from1904)
    {
        var (formats, kinds, inCells) = (new Dictionary<int, string>(), new List<Kind>(), false);
        while (xml.Read())
        {
            if (xml.LocalName == "cellXfs")
            {
                inCells = xml.NodeType == XmlNodeType.Element;
            }

            if (xml.NodeType != XmlNodeType.Element)
            {
                continue;
            }

            if (xml.LocalName == "numFmt")
            {
                formats[Number(xml)] = Workbook.Attribute(xml, "formatCode") ?? "";
            }
            else if (inCells && xml.LocalName == "xf")
            {
                kinds.Add(Of(Number(xml), formats));
            }
        }

        return new SheetDates(kinds, from1904);

        static int Number(XmlReader xml) =>
            int.TryParse(Workbook.Attribute(xml, "numFmtId"), CultureInfo.InvariantCulture, out var id) ? id : 0;
    }

    /// <summary>A number as any language writes it.</summary>
    public string Text(double value, int style) =>
        (style < styles.Count ? styles[style] : Kind.Number) switch
        {
            Kind.Duration when value >= 0 => Duration(value),
            Kind.Time when value is >= 0 and < 1 => TimeOnly.FromTimeSpan(Rounded(value)) is var time
                ? time.ToString(time.Millisecond == 0 ? "HH:mm:ss" : "HH:mm:ss.fff", CultureInfo.InvariantCulture)
                : "",
            Kind.Time when value is >= 0 and < LastDay => Text(Day(value)),
            _ => value.ToString("R", CultureInfo.InvariantCulture),
        };

    /// <summary>A day, with its time where that isn't midnight.</summary>
    public static string Text(DateTime time) =>
        time.ToString(
            time.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd"
                : time.Millisecond == 0 ? "yyyy-MM-dd HH:mm:ss"
                : "yyyy-MM-dd HH:mm:ss.fff",
            CultureInfo.InvariantCulture
        );

    private DateTime Day(double value)
    {
        // The other count believes in a 29 February 1900, so that its days before are one off.
        var days =
            from1904 ? value + DaysTo1904
            : value < FalseLeapDay ? value + 1
            : value;
        return DateTime.FromOADate(Math.Floor(days)).Add(Rounded(days - Math.Floor(days)));
    }

    /// <summary>Shares of a day are seldom exact: 9:00 is 0.375 and 9:10 isn't.</summary>
    private static TimeSpan Rounded(double share) => TimeSpan.FromMilliseconds(Math.Min(Math.Round(share * 86_400_000), 86_399_999));

    private static string Duration(double value)
    {
        var span = TimeSpan.FromSeconds(Math.Round(value * 86_400));
        return string.Create(CultureInfo.InvariantCulture, $"{(long)span.TotalHours}:{span.Minutes:00}:{span.Seconds:00}");
    }

    private static Kind Of(int id, Dictionary<int, string> formats) =>
        formats.TryGetValue(id, out var code)
            ? Of(code)
            : id switch
            {
                46 => Kind.Duration,
                (>= 14 and <= 22) or (>= 27 and <= 36) or (>= 45 and <= 47) or (>= 50 and <= 58) => Kind.Time,
                _ => Kind.Number,
            };

    private static Kind Of(string code)
    {
        if (Elapsed().IsMatch(code))
        {
            return Kind.Duration;
        }

        var signs = Literal().Replace(code.Split(';')[0], "");
        return !signs.Contains("General", StringComparison.OrdinalIgnoreCase) && signs.AsSpan().ContainsAny(s_timeSigns)
            ? Kind.Time
            : Kind.Number;
    }

    /// <summary>What is shown as it stands, colours and languages.</summary>
    [GeneratedRegex(@"""[^""]*""|\\.|_.|\*.|\[[^\]]*\]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Literal();

    [GeneratedRegex(
        @"\[(h+|m+|s+)\]",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1_000
    )]
    private static partial Regex Elapsed();
}
