namespace WebTrainer.Benchmarks.Sharing;

/// <summary>What a simulation shows.</summary>
/// <param name="LongestWait">Hours.</param>
/// <param name="MeanWait">Hours, of long jobs.</param>
/// <param name="ShortInTime">Share of short jobs that began within <see cref="InTimeSeconds"/>.</param>
/// <param name="Jain">Jain's index (Σx)² / (n Σx²) of device time, over the people who waited for a whole window; mean over
/// windows.</param>
/// <param name="StartError">Median of |said − real| / real waiting, over jobs that waited longer than <see cref="InTimeSeconds"/>.</param>
internal sealed record Figures(
    double LongestWait,
    double MeanWait,
    double LastEnd,
    double ShortInTime,
    double ShortMedian,
    double Jain,
    int Windows,
    double? StartError,
    int Waited,
    int Yields
)
{
    public const double InTimeSeconds = 30;
    private const int WindowHours = 4;

    public static Figures Of(Simulation simulation, IReadOnlyList<Course> courses)
    {
        var (shorts, longs) = (courses.Where(c => c.Job.IsShort).ToList(), courses.Where(c => !c.Job.IsShort).ToList());
        var (jain, windows) = JainOf(simulation);
        var waited = courses.Where(c => c.WaitSeconds > InTimeSeconds && c.Predicted is not null).ToList();
        return new Figures(
            courses.Max(c => c.WaitSeconds) / 3600,
            longs.Average(c => c.WaitSeconds) / 3600,
            (simulation.Held.Max(h => h.Until) - courses.Min(c => c.Came)).TotalHours,
            shorts.Count(c => c.WaitSeconds <= InTimeSeconds) / (double)shorts.Count,
            Median(shorts.Select(c => c.WaitSeconds)),
            jain,
            windows,
            waited.Count == 0 ? null : Median(waited.Select(c => Math.Abs((c.Predicted!.Value - c.Began).TotalSeconds) / c.WaitSeconds)),
            waited.Count,
            simulation.Yields
        );
    }

    private static (double Jain, int Windows) JainOf(Simulation simulation)
    {
        var indexes = new List<double>();
        foreach (var from in simulation.Wanting.Keys.Order().Where((_, i) => i % WindowHours == 0))
        {
            var hours = Enumerable.Range(0, WindowHours + 1).Select(h => from.AddHours(h)).ToList();
            if (!hours.TrueForAll(simulation.Wanting.ContainsKey))
            {
                continue;
            }

            var people = hours.Select(h => simulation.Wanting[h]).Aggregate((all, more) => [.. all.Intersect(more)]);
            if (people.Count < 2)
            {
                continue;
            }

            var until = hours[^1];
            var times = people
                .Select(who =>
                    simulation
                        .Held.Where(h => h.Who == who && h.From < until && h.Until > from)
                        .Sum(h => ((h.Until < until ? h.Until : until) - (h.From > from ? h.From : from)).TotalSeconds)
                )
                .ToList();
            if (times.Sum() > 0)
            {
                indexes.Add(times.Sum() * times.Sum() / (times.Count * times.Sum(t => t * t)));
            }
        }

        return (indexes.Count == 0 ? 1 : indexes.Average(), indexes.Count);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[sorted.Count / 2] + sorted[(sorted.Count - 1) / 2]) / 2;
    }
}
