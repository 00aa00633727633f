namespace WebTrainer.Statistics.Tests;

public sealed class PairedComparisonTests
{
    [Fact]
    public void OfRight_IsMcNemarWithNewcombesInterval()
    {
        var counts = new PairedCounts(Both: 40, OnlyFirst: 3, OnlySecond: 12, Neither: 5);

        var found = PairedComparison.OfRight(counts);

        Assert.Equal((60, 12, 3, 0.15), (found.Rows, found.Wins, found.Losses, found.Difference));
        Assert.Equal(McNemar.PValue(counts), found.PValue);
        Assert.True(found.Low > 0 && found.Low < 0.15 && found.High > 0.15);
    }

    [Fact]
    public void OfMean_ManyRows_TheNormalIntervalHoldsTheMeanAsTheBootstrapDoes()
    {
        var random = new Random(5);
        double[] few = [.. Enumerable.Range(0, 4_000).Select(_ => random.NextDouble() - 0.45)];
        double[] many = [.. few, .. few.Take(2_000)];

        var (byBootstrap, byNormal) = (PairedComparison.OfMean(few, FewRows.OfShares), PairedComparison.OfMean(many, FewRows.OfShares));

        Assert.Equal(few.Average(), byBootstrap.Difference, 12);
        Assert.Equal(byBootstrap.High - byBootstrap.Low, (byNormal.High - byNormal.Low) * Math.Sqrt(1.5), 0.002);
    }
}
