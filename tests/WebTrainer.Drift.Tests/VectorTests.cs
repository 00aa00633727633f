using WebTrainer.Statistics;

namespace WebTrainer.Drift.Tests;

public sealed class VectorTests
{
    private const int Dimensions = 8;
    private const int Draws = 999;

    [Fact]
    public void Mmd_OfTheTest_IsThatOfTheDefinition()
    {
        var (reference, current) = (Cloud(40, 0, 1), Cloud(25, 0.5, 2));
        var result = MaximumMeanDiscrepancy.Test(reference, current, Draws, seed: 1);
        double[][] Wide(float[][] rows) => [.. rows.Select(row => row.Select(value => (double)value).ToArray())];
        Assert.Equal(MaximumMeanDiscrepancy.Squared(Wide(reference), Wide(current), result.Sigma), result.Value, 1e-6);
        Assert.Equal(result.PValue, MaximumMeanDiscrepancy.Test(reference, current, Draws, seed: 1).PValue);
        Assert.Equal(25, result.Unlikeness.Count);
    }

    [Fact]
    public void Tests_SeeAShiftedCloud_AndNotAnEqualOne()
    {
        var reference = Cloud(300, 0, 1);
        var neighbours = new NeighbourTest(reference);
        var (same, shifted) = (Cloud(100, 0, 2), Cloud(100, 0.8, 3));
        Assert.True(MaximumMeanDiscrepancy.Test(reference, shifted, Draws, 1).PValue <= 0.001);
        Assert.True(MaximumMeanDiscrepancy.Test(reference, same, Draws, 1).PValue > 0.01);
        var found = DomainClassifier.Test(reference, shifted, 1);
        Assert.True(found is { Auc: > 0.8, PValue: < 0.001 });
        Assert.InRange(DomainClassifier.Test(reference, same, 1).Auc, 0.4, 0.6);
        Assert.True(neighbours.Test(shifted, Draws, 1).PValue <= 0.001);
        Assert.True(neighbours.Test(same, Draws, 1).PValue > 0.01);
    }

    /// <summary>A few rows apart move no mean, but lie among themselves.</summary>
    [Fact]
    public void Neighbours_OfAFewRowsApart_AreNamedByTheirCrowds()
    {
        float[][] window = [.. Cloud(60, 0, 2), .. Enumerable.Range(0, 20).Select(i => Far(i))];
        var result = new NeighbourTest(Cloud(400, 0, 1)).Test(window, Draws, 1);
        Assert.True(result.PValue <= 0.001);
        Assert.All(result.Crowds.Skip(60), crowd => Assert.Equal(NeighbourTest.Neighbours, crowd));
        Assert.InRange(result.ShareOfApart, 0.2, 0.3);

        static float[] Far(int i) => [100, i, 0, 0, 0, 0, 0, 0];
    }

    /// <summary>Each p may be below a level as often as the level says, no more: 200 comparisons of equal clouds.</summary>
    [Fact]
    public void PValues_WithoutAChange_KeepTheirLevel()
    {
        const int Times = 200;
        var (mmd, classifier, neighbours) = (0, 0, 0);
        for (var time = 0; time < Times; time++)
        {
            var (reference, current) = (Cloud(60, 0, (2 * time) + 10), Cloud(40, 0, (2 * time) + 11));
            mmd += MaximumMeanDiscrepancy.Test(reference, current, 199, time).PValue <= 0.05 ? 1 : 0;
            classifier += DomainClassifier.Test(reference, current, time).PValue <= 0.05 ? 1 : 0;
            neighbours += new NeighbourTest(reference).Test(current, 199, time).PValue <= 0.05 ? 1 : 0;
        }

        // 10 are to be expected, and 19 or more come with a chance of 0.5 %.
        Assert.InRange(mmd, 1, 18);
        Assert.InRange(classifier, 0, 18);
        Assert.InRange(neighbours, 1, 18);
    }

    [Fact]
    public void Equal_Rows_AreHandled()
    {
        float[][] same = [.. Enumerable.Range(0, 12).Select(_ => new float[] { 1, 0 })];
        Assert.Equal(0, MaximumMeanDiscrepancy.Test(same, same, Draws, 1).Value, 1e-12);
        Assert.Equal(1, MaximumMeanDiscrepancy.Test(same, same, Draws, 1).PValue);
        Assert.Equal((0.5, 1), (DomainClassifier.Test(same, same, 1).Auc, DomainClassifier.Test(same, same, 1).PValue));
        Assert.True(new NeighbourTest(same).Test(same, Draws, 1).PValue > 0.1);
    }

    /// <summary>Mann and Whitney's count by its definition.</summary>
    [Fact]
    public void RankSum_IsTheShareOfPairs()
    {
        double[] reference = [1, 2, 2, 3, 5],
            current = [2, 3, 4, 6];
        var pairs = reference
            .SelectMany(r =>
                current.Select(c =>
                    c > r ? 1
                    : c == r ? 0.5
                    : 0
                )
            )
            .ToArray();
        Assert.Equal(pairs.Average(), RankSum.Test(reference, current).Statistic, 1e-12);
        Assert.Equal(1, RankSum.Test([1, 1], [1, 1]).PValue);
    }

    [Fact]
    public void Permutations_OfAFigureThatNothingReaches_GiveTheSmallestP()
    {
        Assert.Equal(1.0 / (Draws + 1), PermutationTest.Test(60, 30, rows => rows.Count(row => row >= 30), Draws, 1).PValue);
        Assert.Equal(1, PermutationTest.Test(60, 30, _ => 0, Draws, 1).PValue);
    }

    /// <summary>Normally distributed points of unit variance around a place on the first axis.</summary>
    private static float[][] Cloud(int rows, double place, long seed)
    {
        var random = SplitMix.Of(seed, 9);
        float Normal() => (float)(Math.Sqrt(-2 * Math.Log(1 - random.Share())) * Math.Cos(2 * Math.PI * random.Share()));
        return
        [
            .. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, Dimensions).Select(axis => Normal() + (float)place).ToArray()),
        ];
    }
}
