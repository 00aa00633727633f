using WebTrainer.Search.Gaussian;

namespace WebTrainer.Search.Samplers;

/// <summary>
/// Bayesian optimisation with a Gaussian process: where the improvement to be expected over the best is highest (Jones, Schonlau and Welch,
/// 1998). A trial that still runs is believed to reach what the process predicts, so that several at once go to different places.
/// </summary>
public sealed class GaussianSampler : ISampler
{
    private const int Scattered = 600;
    private const int Climbers = 5;
    private const int ClimbingRounds = 60;
    private const double FirstReach = 0.15;

    /// <summary>Trials at random before there is something to learn from.</summary>
    public int StartTrials { get; init; } = 8;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Next(SearchSpace space, IReadOnlyList<Trial> history, long seed)
    {
        ArgumentNullException.ThrowIfNull(history);
        var draw = new Draw(seed, history.Count);
        var ended = history.Where(t => t.State != TrialState.Running).ToList();
        var valued = ended.Where(t => t.Value is { } value && double.IsFinite(value)).ToList();
        if (ended.Count < StartTrials || valued.Count < 2)
        {
            return space.Fill(parameter => parameter.FromUnit(draw.Uniform()));
        }

        var worst = valued.Max(t => t.Value!.Value);
        var embedding = new Embedding(space);
        var points = ended.Select(t => embedding.Of(t.Point)).ToList();
        var values = PowerTransform.Of([.. ended.Select(t => t.Value is { } value && double.IsFinite(value) ? value : worst)]);
        var process = GaussianFit.Of(points, values, embedding.ParameterOf);
        var best = points.Min(point => process.Predict(point).Mean);
        foreach (var running in history.Where(t => t.State == TrialState.Running))
        {
            points.Add(embedding.Of(running.Point));
            values = [.. values, process.Predict(points[^1]).Mean];
        }

        if (points.Count > ended.Count)
        {
            process = new GaussianProcess(process.Kernel, process.Noise, points, values);
        }

        return Best(
            space,
            history,
            draw,
            candidate =>
            {
                var (mean, deviation) = process.Predict(embedding.Of(candidate));
                return ExpectedImprovement.LogOf(mean, deviation, best);
            }
        );
    }

    // Looks everywhere, then climbs from the best places seen. What was tried already is tried again only when nothing else is left.
    private static IReadOnlyDictionary<string, double> Best(
        SearchSpace space,
        IReadOnlyList<Trial> history,
        Draw draw,
        Func<IReadOnlyDictionary<string, double>, double> gain
    )
    {
        var tried = history.Select(t => Key(space, t.Point)).ToHashSet(StringComparer.Ordinal);
        double Gain(double[] units)
        {
            var point = Decode(space, units);
            return gain(point) - (tried.Contains(Key(space, point)) ? 1e6 : 0);
        }

        var starts = Enumerable
            .Range(0, Scattered)
            .Select(_ => space.Parameters.Select(_ => draw.Uniform()).ToArray())
            .Concat(
                TrialRanking
                    .BestFirst(history.Where(t => t.State != TrialState.Running))
                    .Take(Climbers)
                    .SelectMany(t => Enumerable.Range(0, 10).Select(_ => Moved(Encode(space, t.Point, draw), FirstReach, draw)))
            );
        var climbed = starts
            .Select(units => (Units: units, Gain: Gain(units)))
            .OrderByDescending(s => s.Gain)
            .Take(Climbers)
            .ToList()
            .Select(start => Climb(start.Units, start.Gain, Gain, draw))
            .ToList();
        return Decode(space, climbed.MaxBy(end => end.Gain).Units);
    }

    private static (double[] Units, double Gain) Climb(double[] units, double gain, Func<double[], double> gainOf, Draw draw)
    {
        var reach = FirstReach;
        for (var round = 0; round < ClimbingRounds; round++)
        {
            var moved = Moved(units, reach, draw);
            var other = gainOf(moved);
            if (other > gain)
            {
                (units, gain, reach) = (moved, other, Math.Min(reach * 1.5, FirstReach));
            }
            else
            {
                reach = Math.Max(reach * 0.9, 1e-3);
            }
        }

        return (units, gain);
    }

    // One coordinate, or all of them.
    private static double[] Moved(double[] units, double reach, Draw draw)
    {
        var moved = (double[])units.Clone();
        var only = draw.Uniform() < 0.5 ? draw.Below(units.Length) : -1;
        for (var i = 0; i < moved.Length; i++)
        {
            if (only < 0 || only == i)
            {
                moved[i] = Math.Clamp(moved[i] + reach * draw.Normal(), 0, 1);
            }
        }

        return moved;
    }

    private static double[] Encode(SearchSpace space, IReadOnlyDictionary<string, double> point, Draw draw) =>
        [.. space.Parameters.Select(p => point.TryGetValue(p.Name, out var value) ? p.ToUnit(value) : draw.Uniform())];

    private static Dictionary<string, double> Decode(SearchSpace space, double[] units)
    {
        var next = space.Parameters.Zip(units).ToDictionary(pair => pair.First.Name, pair => pair.Second);
        return space.Fill(parameter => parameter.FromUnit(next[parameter.Name]));
    }

    private static string Key(SearchSpace space, IReadOnlyDictionary<string, double> point) =>
        string.Join(
            '|',
            space.Parameters.Select(p =>
                point.TryGetValue(p.Name, out var value) ? value.ToString("R", System.Globalization.CultureInfo.InvariantCulture) : "-"
            )
        );
}
