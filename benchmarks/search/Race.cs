using System.Globalization;
using WebTrainer.Search;
using WebTrainer.Search.Samplers;

namespace WebTrainer.Benchmarks.Search;

/// <summary>Samplers on the same functions with the same number of trials.</summary>
internal static class Race
{
    private const int Trials = 64;
    private const int Seeds = 15;

    public static void Run(string? only)
    {
        Console.WriteLine($"| function | minimum | TPE | Gaussian process | random | grid |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (var function in TestFunction.All.Where(f => only is null || f.Name.Contains(only, StringComparison.OrdinalIgnoreCase)))
        {
            var cells = Enum.GetValues<SamplerKind>().Select(kind => Cell(function, kind));
            Console.WriteLine($"| {function.Name} | {Text(function.Minimum)} | {string.Join(" | ", cells)} |");
        }
    }

    private static string Cell(TestFunction function, SamplerKind kind)
    {
        // A grid is the same for all seeds, once it is tried to its end.
        var bests = Enumerable.Range(0, kind == SamplerKind.Grid ? 1 : Seeds).Select(seed => Best(function, kind, seed)).Order().ToList();
        return bests.Count == 1 ? Text(bests[0]) : $"{Text(At(bests, 0.5))} ({Text(At(bests, 0.25))} – {Text(At(bests, 0.75))})";
    }

    private static double Best(TestFunction function, SamplerKind kind, long seed)
    {
        var sampler = SamplerChoice.Of(kind, Trials);
        var history = new List<Trial>();
        while (history.Count < Trials && sampler.Next(function.Space, history, seed) is { } point)
        {
            history.Add(new Trial(history.Count, point, TrialState.Completed, function.Of(point)));
        }

        return history.Min(t => t.Value!.Value);
    }

    private static double At(List<double> sorted, double share)
    {
        var place = share * (sorted.Count - 1);
        var low = (int)place;
        return sorted[low] + (place - low) * (sorted[Math.Min(low + 1, sorted.Count - 1)] - sorted[low]);
    }

    private static string Text(double value) =>
        value.ToString(Math.Abs(value) < 0.001 && value != 0 ? "0.0e+0" : "0.000", CultureInfo.InvariantCulture);
}
