using System.Diagnostics;

namespace WebTrainer.Benchmarks.Engine;

/// <summary>Two measurements in turns, so that whatever else the machine does meets both; the median of each.</summary>
internal static class Measure
{
    private const int Rounds = 5;

    public static (double First, double Second) Beside(Func<double> first, Func<double> second)
    {
        var (a, b) = (new List<double>(), new List<double>());
        _ = (first(), second()); // warm
        for (var round = 0; round < Rounds; round++)
        {
            a.Add(first());
            b.Add(second());
        }

        return (a.Order().ElementAt(Rounds / 2), b.Order().ElementAt(Rounds / 2));
    }

    /// <returns>Runs of <paramref name="work"/> a second, over at least <paramref name="seconds"/>.</returns>
    public static double PerSecond(Action work, double seconds = 0.5)
    {
        var watch = Stopwatch.StartNew();
        var runs = 0;
        do
        {
            work();
            runs++;
        } while (watch.Elapsed.TotalSeconds < seconds);
        return runs / watch.Elapsed.TotalSeconds;
    }
}
