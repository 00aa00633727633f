using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Components.Charts;
using WebTrainer.Portal.Theme;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>The curves of a run over its steps.</summary>
public static class Curves
{
    /// <summary>A line of what was measured, at the steps at which it was.</summary>
    /// <param name="color">Its place in the palette of curves.</param>
    /// <param name="metrics">In the order in which they came.</param>
    public static XySeries Line(string name, int color, IEnumerable<JobMetric> metrics, Func<JobMetric, double?> value) =>
        new(
            name,
            [
                .. GoneOnFrom(metrics)
                    .Where(m => value(m) is { } v && double.IsFinite(v))
                    .GroupBy(m => m.Step)
                    .Select(g => ((double)g.Key, value(g.Last())!.Value)),
            ],
            PortalTheme.Curves[color % PortalTheme.Curves.Length]
        );

    /// <summary>
    /// A run that goes on from a checkpoint, or begins again, goes back in its steps; what it had gone beyond them is no part of its course
    /// any more.
    /// </summary>
    private static List<JobMetric> GoneOnFrom(IEnumerable<JobMetric> metrics)
    {
        var course = new List<JobMetric>();
        foreach (var metric in metrics)
        {
            if (course.Count > 0 && metric.Step < course[^1].Step)
            {
                course.RemoveAll(m => m.Step >= metric.Step);
            }

            course.Add(metric);
        }

        return course;
    }
}
