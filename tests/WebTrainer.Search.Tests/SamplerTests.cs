using System.Text.Json;
using CsCheck;
using WebTrainer.Search.Samplers;
using WebTrainer.Tests.Shared;

namespace WebTrainer.Search.Tests;

[Trait("Category", "Slow")]
public sealed class SamplerTests
{
    private static readonly SearchSpace s_branin = new([new FloatParameter("x0", -5, 10), new FloatParameter("x1", 0, 15)]);

    public static TheoryData<SamplerKind> All => [SamplerKind.Tpe, SamplerKind.GaussianProcess, SamplerKind.Random, SamplerKind.Grid];

    [Theory]
    [InlineData(SamplerKind.Tpe)]
    [InlineData(SamplerKind.GaussianProcess)]
    public void Branin_MedianOfFifteenSeeds_IsBelowRandomAndGrid_AndWithinOptunasSpread(SamplerKind kind)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedFiles.Find("gold", "bayes_opt.json")));
        var gold = document
            .RootElement.GetProperty("cases")[1]
            .GetProperty("results")
            .EnumerateArray()
            .Where(r => r.GetProperty("fn").GetString() == "branin")
            .ToDictionary(r => r.GetProperty("sampler").GetString()!);
        var median = Enumerable
            .Range(0, 15)
            .Select(seed => Run(kind, s_branin, Branin, 60, seed).Min(t => t.Value!.Value))
            .Order()
            .ElementAt(7);
        Assert.True(median < gold["random"].GetProperty("median_best").GetDouble(), $"median {median}");
        Assert.True(median < gold["grid8x8"].GetProperty("best").GetDouble(), $"median {median}");
        var upperQuartile = gold["tpe"].GetProperty("all").EnumerateArray().Select(v => v.GetDouble()).Order().ElementAt(11);
        Assert.True(median <= upperQuartile, $"median {median}, optuna's upper quartile {upperQuartile}");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Next_SameSeedAndHistory_IsTheSame(SamplerKind kind)
    {
        var (first, second) = (Run(kind, Spaces.Mixed, Spaces.Bowl, 20, seed: 7), Run(kind, Spaces.Mixed, Spaces.Bowl, 20, seed: 7));
        Assert.Equal(first.Select(Text), second.Select(Text));
        Assert.NotEqual(first.Select(Text), Run(kind, Spaces.Mixed, Spaces.Bowl, 20, seed: 8).Select(Text));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Next_FromAStoredHistory_GoesOnAsIfThereHadBeenNoRestart(SamplerKind kind)
    {
        var whole = Run(kind, Spaces.Mixed, Spaces.Bowl, 24, seed: 3);
        var stored = JsonSerializer.Deserialize<List<Trial>>(JsonSerializer.Serialize(whole.Take(13)))!;
        Assert.Equal(Text(whole[13]), Text(new Trial(13, SamplerChoice.Of(kind, 24).Next(Spaces.Mixed, stored, 3)!, TrialState.Running)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Next_Values_LieInTheirBoundsAndFollowTheirConditions(SamplerKind kind) =>
        Gen.Int[0, 1000]
            .Sample(
                seed =>
                {
                    foreach (var trial in Run(kind, Spaces.Mixed, Spaces.Bowl, 16, seed))
                    {
                        Assert.InRange(trial.Point["rate"], 1e-5, 1e-1);
                        Assert.InRange(trial.Point["rank"], 1, 64);
                        Assert.Equal(Math.Round(trial.Point["rank"]), trial.Point["rank"]);
                        Assert.Equal(trial.Point["method"] == 0, trial.Point.ContainsKey("dropout"));
                    }
                },
                iter: 20
            );

    [Theory]
    [InlineData(SamplerKind.Tpe)]
    [InlineData(SamplerKind.GaussianProcess)]
    public void Next_WhileOthersRun_GoesElsewhere(SamplerKind kind)
    {
        var history = Run(kind, s_branin, Branin, 20, seed: 1);
        for (var i = 0; i < 4; i++)
        {
            history.Add(new Trial(history.Count, SamplerChoice.Of(kind, 64).Next(s_branin, history, 1)!, TrialState.Running));
        }

        var running = history.Skip(20).Select(t => (t.Point["x0"], t.Point["x1"])).ToList();
        Assert.Equal(4, running.Distinct().Count());
    }

    [Theory]
    [InlineData(SamplerKind.Tpe)]
    [InlineData(SamplerKind.GaussianProcess)]
    public void Next_FailedTrials_AreAvoided(SamplerKind kind)
    {
        // All with a high rate fail: such a search must end up with low ones.
        var history = new List<Trial>();
        for (var number = 0; number < 40; number++)
        {
            var point = SamplerChoice.Of(kind, 40).Next(Spaces.Mixed, history, 5)!;
            var failed = point["rate"] > 1e-3;
            history.Add(new Trial(number, point, failed ? TrialState.Failed : TrialState.Completed, failed ? null : Spaces.Bowl(point)));
        }

        Assert.True(history.Skip(20).Count(t => t.State == TrialState.Failed) <= 8);
    }

    [Fact]
    public void Grid_HasNoMoreTrialsThanAsked_EachOnce_AndThenEnds()
    {
        var trials = Run(SamplerKind.Grid, Spaces.Mixed, Spaces.Bowl, 36, seed: 1);
        Assert.InRange(trials.Count, 12, 36);
        Assert.Equal(trials.Count, trials.Select(Text).Distinct().Count());
        Assert.Null(new GridSampler(36).Next(Spaces.Mixed, trials, 1));
    }

    [Fact]
    public void Grid_TakesBothEndsOfItsAxes() =>
        Assert.Equal([-5, 0, 5, 10], new GridSampler(16).Points(s_branin).Select(p => Math.Round(p["x0"], 9)).Distinct().Order());

    private static List<Trial> Run(
        SamplerKind kind,
        SearchSpace space,
        Func<IReadOnlyDictionary<string, double>, double> of,
        int trials,
        long seed
    )
    {
        var sampler = SamplerChoice.Of(kind, trials);
        var history = new List<Trial>();
        while (history.Count < trials && sampler.Next(space, history, seed) is { } point)
        {
            history.Add(new Trial(history.Count, point, TrialState.Completed, of(point)));
        }

        return history;
    }

    private static string Text(Trial trial) =>
        string.Join(' ', trial.Point.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value:R}"));

    private static double Branin(IReadOnlyDictionary<string, double> p) =>
        Math.Pow(p["x1"] - 5.1 / (4 * Math.PI * Math.PI) * p["x0"] * p["x0"] + 5 / Math.PI * p["x0"] - 6, 2)
        + 10 * (1 - 1 / (8 * Math.PI)) * Math.Cos(p["x0"])
        + 10;
}
