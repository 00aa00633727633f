using WebTrainer.Domain.Runs;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>A named line of (step, value) points.</summary>
public sealed record Curve(string Name, IReadOnlyList<(int Step, double Value)> Points)
{
    /// <summary>More are not told apart on a page.</summary>
    private const int MostPoints = 150;

    public static Curve Of(string name, IEnumerable<JobMetric> metrics, Func<JobMetric, double?> value) =>
        new(name,
        [
            // After a resume the steps since the checkpoint come again: the later one counts.
            .. metrics.Where(m => value(m) is { } v && double.IsFinite(v)).GroupBy(m => m.Step).OrderBy(g => g.Key)
                .Select(g => (g.Key, value(g.Last())!.Value)),
        ]);

    /// <summary>Its points, neighbours averaged where they are too many to be told apart; the first and the last step stay.</summary>
    public IReadOnlyList<(double X, double Y)> Thinned()
    {
        var size = (Points.Count + MostPoints - 1) / MostPoints;
        return size <= 1
            ? [.. Points.Select(p => ((double)p.Step, p.Value))]
            : [.. Points.Chunk(size).Index().Select(part => ((double)(part.Index == 0 ? part.Item[0].Step : part.Item[^1].Step), part.Item.Average(p => p.Value)))];
    }
}
