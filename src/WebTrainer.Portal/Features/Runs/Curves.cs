using WebTrainer.Domain.Runs;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>A named line of (step, value) points.</summary>
public sealed record Curve(string Name, IReadOnlyList<(int Step, double Value)> Points)
{
    /// <summary>More are not told apart on a page.</summary>
    private const int MostPoints = 150;

    /// <param name="metrics">In the order in which they came.</param>
    public static Curve Of(string name, IEnumerable<JobMetric> metrics, Func<JobMetric, double?> value) =>
        new(
            name,
            [
                .. GoneOnFrom(metrics)
                    .Where(m => value(m) is { } v && double.IsFinite(v))
                    .GroupBy(m => m.Step)
                    .Select(g => (g.Key, value(g.Last())!.Value)),
            ]
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

    /// <summary>Its points, neighbours averaged where they are too many to be told apart; the first and the last step stay.</summary>
    public IReadOnlyList<(double X, double Y)> Thinned()
    {
        var size = (Points.Count + MostPoints - 1) / MostPoints;
        return size <= 1
            ? [.. Points.Select(p => ((double)p.Step, p.Value))]
            :
            [
                .. Points
                    .Chunk(size)
                    .Index()
                    .Select(part => ((double)(part.Index == 0 ? part.Item[0].Step : part.Item[^1].Step), part.Item.Average(p => p.Value))),
            ];
    }
}
