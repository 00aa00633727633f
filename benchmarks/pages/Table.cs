using System.Globalization;
using System.Text;

namespace WebTrainer.Benchmarks.Pages;

/// <summary>The figures as a table of Markdown.</summary>
internal static class Table
{
    /// <summary>Beside each office but the first stand the ratios of its median and processor time to the first one's.</summary>
    public static string Write(IReadOnlyList<Times> times)
    {
        var offices = times.Select(t => t.Office).Distinct().ToList();
        var text = new StringBuilder("| page, ms |")
            .AppendJoin("", offices.Select((o, i) => $" {o}: p50 | p95 | CPU |{(i == 0 ? "" : $" ÷ {offices[0]}: p50 | CPU |")}"))
            .Append("\n| --- |")
            .AppendJoin("", offices.Select((_, i) => string.Concat(Enumerable.Repeat(" ---: |", i == 0 ? 3 : 5))))
            .Append('\n');
        foreach (var page in times.GroupBy(t => t.Page))
        {
            Line(text, page.Key, [.. page.Select(t => new Figures(t.Quantile(0.5), t.Quantile(0.95), t.ProcessorMilliseconds.Average()))]);
        }

        Line(text, "**all pages** (sums; p95 of all loads)", [.. times.GroupBy(t => t.Office).Select(All)]);
        return text.ToString();
    }

    private static Figures All(IEnumerable<Times> pages) =>
        new(
            pages.Sum(t => t.Quantile(0.5)),
            new Times("", "", [.. pages.SelectMany(t => t.Milliseconds)], []).Quantile(0.95),
            pages.Sum(t => t.ProcessorMilliseconds.Average())
        );

    private static void Line(StringBuilder text, string name, IReadOnlyList<Figures> figures)
    {
        text.Append(CultureInfo.InvariantCulture, $"| {name} |");
        foreach (var (i, of) in figures.Index())
        {
            text.Append(CultureInfo.InvariantCulture, $" {of.Median:0} | {of.P95:0} | {of.Processor:0} |");
            if (i > 0)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $" {of.Median / figures[0].Median:0.000} | {of.Processor / figures[0].Processor:0.000} |"
                );
            }
        }

        text.Append('\n');
    }

    /// <param name="Median">Milliseconds until the page is shown.</param>
    /// <param name="P95">The same, within which 95 % of the loads were done.</param>
    /// <param name="Processor">Mean milliseconds of processor time that the portal took a load.</param>
    private sealed record Figures(double Median, double P95, double Processor);
}
