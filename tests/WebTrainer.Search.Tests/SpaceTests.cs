using System.Text.Json;
using CsCheck;
using WebTrainer.Search.Importance;
using WebTrainer.Search.Samplers;

namespace WebTrainer.Search.Tests;

public sealed class SpaceTests
{
    [Fact]
    public void Values_ToTheUnitAndBack_AreTheSame() =>
        Gen.Double[0, 1]
            .Sample(unit =>
            {
                foreach (var parameter in Spaces.Mixed.Parameters)
                {
                    var value = parameter.FromUnit(unit);
                    Assert.Equal(value, parameter.FromUnit(parameter.ToUnit(value)), 1e-9);
                }
            });

    [Fact]
    public void Integers_OnAStraightScale_AreEquallyLikely()
    {
        var parameter = new IntegerParameter("n", 1, 5);
        var counts = Enumerable.Range(0, 10_000).Select(i => parameter.FromUnit((i + 0.5) / 10_000)).CountBy(v => v).ToDictionary();
        Assert.All(counts, count => Assert.InRange(count.Value, 1999, 2001));
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Fault_SenselessSpace_IsNamed(SearchSpace space, string named) =>
        Assert.Contains(named, space.Fault(), StringComparison.Ordinal);

    public static TheoryData<SearchSpace, string> Faults =>
        new()
        {
            { new SearchSpace([]), "1 to 20" },
            { new SearchSpace([new FloatParameter("a", 2, 1)]), "lowest" },
            { new SearchSpace([new FloatParameter("a", 0, 1, Logarithmic: true)]), "above 0" },
            { new SearchSpace([new FloatParameter("a", double.NaN, 1)]), "lowest" },
            { new SearchSpace([new ChoiceParameter("a", ["x"])]), "two choices" },
            { new SearchSpace([new FloatParameter("a", 0, 1), new FloatParameter("a", 0, 1)]), "twice" },
            {
                new SearchSpace([
                    new FloatParameter("a", 0, 1) { When = new ParentCondition("b", ["x"]) },
                    new ChoiceParameter("b", ["x", "y"]),
                ]),
                "before it"
            },
            {
                new SearchSpace([
                    new ChoiceParameter("b", ["x", "y"]),
                    new FloatParameter("a", 0, 1) { When = new ParentCondition("b", ["z"]) },
                ]),
                "does not have"
            },
        };

    [Fact]
    public void Space_AsJson_ComesBackEqual()
    {
        var json = JsonSerializer.Serialize(Spaces.Mixed);
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<SearchSpace>(json)));
        Assert.Null(JsonSerializer.Deserialize<SearchSpace>(json)!.Fault());
    }

    [Fact]
    public void Importance_SettingThatDecides_IsFirst_AndOneThatDoesNothingIsNearZero()
    {
        var space = new SearchSpace([
            new FloatParameter("idle", 0, 1),
            new FloatParameter("strong", 0, 1),
            new FloatParameter("weak", 0, 1),
        ]);
        var sampler = new RandomSampler();
        var history = new List<Trial>();
        while (history.Count < 60)
        {
            var point = sampler.Next(space, history, 1);
            history.Add(new Trial(history.Count, point, TrialState.Completed, 10 * point["strong"] + 4 * point["weak"]));
        }

        var shares = SettingImportance.Of(space, history);
        Assert.Equal(["strong", "weak", "idle"], shares.Select(s => s.Name));
        // By the definition 100 / 116 and 16 / 116; a forest on 60 points knows them roughly.
        Assert.InRange(shares[0].Share, 0.7, 0.95);
        Assert.InRange(shares[1].Share, 0.04, 0.2);
        Assert.InRange(shares[2].Share, 0, 0.05);
        Assert.Empty(SettingImportance.Of(space, history[..5]));
    }
}
