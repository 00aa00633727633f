using WebTrainer.Domain.Projects;

namespace WebTrainer.Domain.Tests;

public sealed class GoalLimitTests
{
    [Theory]
    [InlineData("latency at most 200 ms", LimitKind.FirstToken, 0.2, true)]
    [InlineData("Latency ≤ 1.5 s", LimitKind.FirstToken, 1.5, true)]
    [InlineData("next token below 50 ms", LimitKind.NextToken, 0.05, true)]
    [InlineData("speed at least 20 tokens/s", LimitKind.TokensPerSecond, 20, false)]
    [InlineData("speed 20 tokens a second", LimitKind.TokensPerSecond, 20, false)]
    [InlineData("memory at most 1,500 MB", LimitKind.Memory, 1.5e9, true)]
    [InlineData("size max 2 GiB", LimitKind.Size, 2147483648, true)]
    [InlineData("energy at most 2 J a token", LimitKind.Energy, 2, true)]
    [InlineData("cost at most 0.05 EUR per 1,000 tokens", LimitKind.Cost, 0.05, true)]
    public void ReadAll_Measurable_IsChecked(string line, LimitKind kind, double value, bool atMost)
    {
        var limit = Assert.Single(GoalLimit.ReadAll(line));
        Assert.Equal((kind, atMost), (limit.Kind!.Value, limit.AtMost));
        Assert.Equal(value, limit.Value, 1e-9 * value);
    }

    [Theory]
    [InlineData("no customer names")]
    [InlineData("latency is what people feel")]
    [InlineData("latency at most 200 MB")]
    [InlineData("cost at most 50 EUR a month")]
    public void ReadAll_Words_AreForPeople(string line)
    {
        var limit = Assert.Single(GoalLimit.ReadAll(line));
        Assert.False(limit.IsChecked);
        Assert.Null(limit.Judge(1));
    }

    [Fact]
    public void ReadAll_LinesAndSemicolons_AreLimitsOfTheirOwn() =>
        Assert.Equal(
            ["latency at most 1 s", "no names", "size at most 40 MB"],
            GoalLimit.ReadAll("latency at most 1 s; no names\n size at most 40 MB \n\n").Select(limit => limit.Text)
        );

    [Fact]
    public void Judge_Measured_IsMetOrMissed()
    {
        var latency = GoalLimit.ReadAll("latency at most 200 ms")[0];
        var speed = GoalLimit.ReadAll("speed at least 20 tokens/s")[0];
        Assert.Equal((GoalState.Met, GoalState.Missed, null), (latency.Judge(0.2), latency.Judge(0.21), latency.Judge(null)));
        Assert.Equal((GoalState.Met, GoalState.Missed), (speed.Judge(20), speed.Judge(19)));
    }
}
