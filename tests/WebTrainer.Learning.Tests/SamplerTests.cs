using WebTrainer.Learning.Generation;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Tests;

public sealed class SamplerTests
{
    private static readonly SamplingSettings s_warm = new() { Temperature = 1 };
    private static readonly HashSet<int> s_nothing = [];

    // Shares 0.5, 0.25, 0.125, 0.0625, 0.0625.
    private static float[] Halves => [MathF.Log(0.0625f), MathF.Log(0.5f), MathF.Log(0.125f), MathF.Log(0.25f), MathF.Log(0.0625f)];

    [Fact]
    public void Temperature0_TakesTheLikeliest() => Assert.Equal([1], Drawn(new SamplingSettings()));

    [Fact]
    public void SameSeed_DrawsTheSame() => Assert.Equal(Draws(s_warm, seed: 5), Draws(s_warm, seed: 5));

    [Fact]
    public void Draws_FollowTheProbabilities()
    {
        var draws = Draws(s_warm, seed: 1, count: 20_000);
        Assert.Equal(0.5, draws.Count(token => token == 1) / 20_000.0, 0.015);
        Assert.Equal(0.0625, draws.Count(token => token == 4) / 20_000.0, 0.008);
    }

    /// <summary>Scores 3, 2.5 and 0: each choice of the first takes 0.4 from it, and once 0.2 more.</summary>
    [Fact]
    public void FrequencyAndPresencePenalty_CountWhatWasChosen_NotThePrompt()
    {
        var sampler = new Sampler(new() { FrequencyPenalty = 0.4, PresencePenalty = 0.2 }, seed: 1);
        int Next() => sampler.Choose(new float[] { 3, 2.5f, 0 }, new HashSet<int> { 0, 1 });
        Assert.Equal([0, 1, 0, 0], [Next(), Next(), Next(), Next()]); // 3 > 2.5; 2.4 < 2.5; 2.4 > 1.9; 2 > 1.9
    }

    [Fact]
    public void NegativePenalties_MakeLikelierWhatWasChosen()
    {
        var sampler = new Sampler(new() { PresencePenalty = -2 }, seed: 1);
        Assert.Equal([0, 0], [sampler.Choose(new float[] { 3, 2.5f }, s_nothing), sampler.Choose(new float[] { 2, 2.5f }, s_nothing)]);
    }

    [Fact]
    public void LogitBias_ForbidsAndForces_AndPassesOverUnknownTokens()
    {
        Assert.Equal(
            [3],
            Drawn(
                new SamplingSettings
                {
                    LogitBias = new Dictionary<int, double> { [1] = -100, [999] = 100 },
                }
            )
        );
        Assert.Equal([4], Drawn(s_warm with { LogitBias = new Dictionary<int, double> { [4] = 100 } }));
    }

    [Fact]
    public void TopK_KeepsTheLikeliest() => Assert.Equal([1, 3], Drawn(s_warm with { TopK = 2 }));

    [Theory]
    [InlineData(0.4, new[] { 1 })]
    [InlineData(0.6, new[] { 1, 3 })]
    [InlineData(0.8, new[] { 1, 2, 3 })]
    public void TopP_KeepsTheFewestThatReachIt(double topP, int[] expected) => Assert.Equal(expected, Drawn(s_warm with { TopP = topP }));

    [Fact]
    public void TopP_AfterTopK_CountsSharesOfWhatTopKLeft() => Assert.Equal([1], Drawn(s_warm with { TopK = 2, TopP = 0.65 }));

    [Theory]
    [InlineData(0.2, new[] { 1, 2, 3 })]
    [InlineData(0.3, new[] { 1, 3 })]
    public void MinP_KeepsWhatIsNearTheLikeliest(double minP, int[] expected)
    {
        Assert.Equal(expected, Drawn(s_warm with { MinP = minP }));
        Assert.Equal(expected, Drawn(s_warm with { MinP = minP, TopP = 0.99 }));
    }

    [Fact]
    public void RepetitionPenalty_LowersWhatWasThere()
    {
        var sampler = new Sampler(new SamplingSettings { RepetitionPenalty = 2 }, seed: 1);
        Assert.Equal(1, sampler.Choose(new float[] { 3, 2 }, new HashSet<int> { 0 }));
        Assert.Equal(1, sampler.Choose(new float[] { -1, -1.5f }, new HashSet<int> { 0 }));
        Assert.Equal(0, sampler.Choose(new float[] { 3, 1 }, new HashSet<int> { 0 }));
    }

    private static int[] Drawn(SamplingSettings settings) => [.. Draws(settings, seed: 9, count: 400).Distinct().Order()];

    private static List<int> Draws(SamplingSettings settings, long seed, int count = 50)
    {
        var sampler = new Sampler(settings, seed);
        return [.. Enumerable.Range(0, count).Select(_ => sampler.Choose(Halves, s_nothing))];
    }
}
