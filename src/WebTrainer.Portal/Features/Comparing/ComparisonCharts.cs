using System.Globalization;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Components.Charts;
using WebTrainer.Portal.Theme;

namespace WebTrainer.Portal.Features.Comparing;

/// <summary>What curves are laid over.</summary>
public enum CurveAxis
{
    Step,

    /// <summary>Tokens that were learned from.</summary>
    Tokens,

    /// <summary>Minutes since the first step.</summary>
    Time,
}

/// <summary>What the charts of a comparison draw. A column keeps its colour on all of them.</summary>
public static class ComparisonCharts
{
    private const int MostAxes = 9;
    private const double LogFrom = 20;

    public static string ColorOf(int column) => PortalTheme.Curves[column % PortalTheme.Curves.Length];

    public static IReadOnlyList<XySeries> Curves(ComparisonView view, CurveAxis axis, Func<JobMetric, double?> value) =>
        [
            .. view
                .Columns.Index()
                .Where(c => c.Item.Metrics.Count > 0)
                .Select(c => new XySeries(c.Item.Title, Points(c.Item.Metrics, axis, value), ColorOf(c.Index))),
        ];

    /// <summary>
    /// Settings that are numbers and differ, then figures, as axes with a line a column; empty where there are fewer than two.
    /// </summary>
    public static (IReadOnlyList<ParallelAxis> Axes, IReadOnlyList<ParallelLine> Lines) Parallel(ComparisonView view)
    {
        var rows = view
            .Rows.Where(r => r.Group == RowGroup.Settings && r.Differs)
            .Concat(view.Rows.Where(r => r.Group == RowGroup.Figures && r.Differs))
            .Select(r => (r.Name, Values: r.Values.Select(Number).ToList()))
            .Where(r => r.Values.OfType<double>().Distinct().Count() > 1)
            .Take(MostAxes)
            .ToList();
        if (rows.Count < 2)
        {
            return ([], []);
        }

        var scales = rows.Select(r => Scale(r.Values)).ToList();
        return (
            [.. rows.Zip(scales, (row, scale) => new ParallelAxis(row.Name, row.Name, scale.Marks))],
            [
                .. view.Columns.Select(
                    (column, i) =>
                        new ParallelLine(
                            column.Key.Write(),
                            $"{column.Title}, {column.Detail}",
                            [.. rows.Zip(scales, (row, scale) => row.Values[i] is { } v ? scale.At(v) : (double?)null)],
                            0
                        )
                        {
                            Color = ColorOf(i),
                        }
                ),
            ]
        );
    }

    private static List<(double, double)> Points(IReadOnlyList<JobMetric> metrics, CurveAxis axis, Func<JobMetric, double?> value)
    {
        var (points, tokens, start) = (new SortedDictionary<double, double>(), 0L, metrics[0].Time);
        foreach (var metric in metrics)
        {
            tokens = metric.Tokens ?? tokens; // a validation stands where the step before it stood
            if (value(metric) is not { } y)
            {
                continue;
            }
            // Steps that a resumed run does again: the later one counts.
            points[
                axis switch
                {
                    CurveAxis.Step => metric.Step,
                    CurveAxis.Tokens => tokens,
                    _ => (metric.Time - start).TotalMinutes,
                }
            ] = y;
        }

        return [.. points.Select(p => (p.Key, p.Value))];
    }

    private static (Func<double, double> At, IReadOnlyList<(double, string)> Marks) Scale(List<double?> values)
    {
        var known = values.OfType<double>().ToList();
        var (low, high) = (known.Min(), known.Max());
        var isLog = low > 0 && high / low >= LogFrom;
        double At(double v) => isLog ? Math.Log(v / low) / Math.Log(high / low) : (v - low) / (high - low);
        return (At, [.. new[] { low, high }.Select(v => (At(v), v.ToString("G4", CultureInfo.InvariantCulture)))]);
    }

    // Values that are one number, or a share of a hundred: units that change with the size are none to draw by.
    private static double? Number(string value) =>
        double.TryParse(
            value.Replace(" %", "", StringComparison.Ordinal),
            NumberStyles.Float | NumberStyles.AllowThousands,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : null;
}
