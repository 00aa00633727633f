using System.Globalization;
using WebTrainer.Domain.Runs;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>A named line of (step, value) points.</summary>
public sealed record Curve(string Name, IReadOnlyList<(int Step, double Value)> Points)
{
    public static Curve Of(string name, IEnumerable<JobMetric> metrics, Func<JobMetric, double?> value) =>
        new(name,
        [
            // After a resume the steps since the checkpoint come again: the later one counts.
            .. metrics.Where(m => value(m) is { } v && double.IsFinite(v)).GroupBy(m => m.Step).OrderBy(g => g.Key)
                .Select(g => (g.Key, value(g.Last())!.Value)),
        ]);
}

/// <summary>A curve's values at the points of a <see cref="CurveGrid"/>.</summary>
public sealed record GridSeries(string Name, double[] Values);

/// <summary>Curves on one grid of steps, as a category chart needs them.</summary>
/// <param name="Labels">A label a grid point, most of them empty so that they can be read.</param>
public sealed record CurveGrid(IReadOnlyList<GridSeries> Series, string[] Labels)
{
    private const int MaxGridPoints = 120;
    private const int LabelCount = 8;

    public static CurveGrid Of(IReadOnlyList<Curve> curves)
    {
        var filled = curves.Where(c => c.Points.Count > 0).ToList();
        if (filled.Count == 0)
            return new CurveGrid([], []);
        var first = filled.Min(c => c.Points[0].Step);
        var last = filled.Max(c => c.Points[^1].Step);
        var count = Math.Clamp(last - first + 1, 2, MaxGridPoints);
        double StepAt(int i) => first + (double)(last - first) * i / (count - 1);
        var every = Math.Max(1, (count - 1) / LabelCount);
        return new CurveGrid(
            [.. filled.Select(c => new GridSeries(c.Name, Resample(c.Points, count, StepAt)))],
            [.. Enumerable.Range(0, count).Select(i => i % every == 0 ? Math.Round(StepAt(i)).ToString(CultureInfo.CurrentCulture) : "")]);
    }

    // Mean of the points that fall on a grid point; straight lines over gaps; the ends are held.
    private static double[] Resample(IReadOnlyList<(int Step, double Value)> points, int count, Func<int, double> stepAt)
    {
        var half = (stepAt(1) - stepAt(0)) / 2;
        var values = new double[count];
        var next = 0;
        for (var i = 0; i < count; i++)
        {
            var (sum, n) = (0.0, 0);
            while (next < points.Count && points[next].Step <= stepAt(i) + half)
            {
                sum += points[next].Value;
                n++;
                next++;
            }

            values[i] = n > 0 ? sum / n : Between(points, next, stepAt(i));
        }

        return values;
    }

    private static double Between(IReadOnlyList<(int Step, double Value)> points, int next, double step)
    {
        if (next == 0)
            return points[0].Value;
        if (next == points.Count)
            return points[^1].Value;
        var (a, b) = (points[next - 1], points[next]);
        return a.Value + (b.Value - a.Value) * Math.Clamp((step - a.Step) / Math.Max(1, b.Step - a.Step), 0, 1);
    }
}
