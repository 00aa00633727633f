using WebTrainer.Search.Pruning;

namespace WebTrainer.Search.Tests;

public sealed class PrunerTests
{
    [Theory]
    [InlineData(2.9, false)]
    [InlineData(3.1, true)]
    public void Median_WorseThanHalfOfTheOthersThere_IsEnded(double value, bool ended)
    {
        Trial[] history = [.. new[] { 1.0, 2, 4, 5 }.Select((v, i) => Ended(i, (0.5, v), (1, 0.1)))];
        Assert.Equal(ended, new MedianPruner().Prunes(Running(4, (0.5, value)), history));
    }

    [Fact]
    public void Median_EarlyOrWithFewToCompareWith_GoesOn()
    {
        Trial[] history = [.. Enumerable.Range(0, 4).Select(i => Ended(i, (0.1, 1), (1, 0.1)))];
        Assert.False(new MedianPruner().Prunes(Running(4, (0.1, 99)), history));
        Assert.False(new MedianPruner().Prunes(Running(4, (0.5, 99)), history[..3]));
    }

    [Fact]
    public void Median_ComparesBestValuesSoFar_NotTheLast()
    {
        Trial[] history = [.. Enumerable.Range(0, 4).Select(i => Ended(i, (0.2, 1), (0.5, 2)))];
        Assert.False(new MedianPruner().Prunes(Running(4, (0.2, 0.9), (0.5, 3)), history));
    }

    [Fact]
    public void LossThatRanAway_IsEnded()
    {
        Trial[] history = [.. Enumerable.Range(0, 4).Select(i => Ended(i, (0.5, 2)))];
        Assert.True(new MedianPruner().Prunes(Running(4, (0.5, double.NaN)), history));
        Assert.True(new HalvingPruner().Prunes(Running(4, (0.5, double.NaN)), history));
    }

    [Fact]
    public void Halving_HalfGoesOnAtEachRung()
    {
        Trial[] history = [Ended(0, (0.25, 4), (1, 1)), Ended(1, (0.25, 2), (1, 1)), Ended(2, (0.25, 3), (1, 1))];
        Assert.False(new HalvingPruner().Prunes(Running(3, (0.25, 2.5)), history));
        Assert.True(new HalvingPruner().Prunes(Running(3, (0.25, 3.5)), history));
        Assert.False(new HalvingPruner().Prunes(Running(3, (0.2, 9)), history));
        Assert.True(new HalvingPruner().Prunes(Running(3, (0.25, 2.5), (0.5, 2.5)), history));
    }

    [Fact]
    public void Halving_FirstAtARung_GoesOn() => Assert.False(new HalvingPruner().Prunes(Running(0, (0.25, 9)), []));

    private static Trial Running(int number, params (double Share, double Value)[] curve) =>
        new(number, new Dictionary<string, double>(), TrialState.Running) { Curve = curve };

    private static Trial Ended(int number, params (double Share, double Value)[] curve) =>
        new(number, new Dictionary<string, double>(), TrialState.Completed, curve[^1].Value) { Curve = curve };
}
