using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Features.Runs;

namespace WebTrainer.Portal.Tests.Runs;

public sealed class CurvesTests
{
    [Theory]
    [InlineData(0, 1, 0.2)]
    [InlineData(2.1, 9.3, 1)]
    [InlineData(0, 0.002, 0.0005)]
    [InlineData(0, 5000, 1000)]
    public void Axis_LinesStandAtRoundNumbers(double low, double high, double distance) =>
        Assert.Equal(distance, AxisScale.DistanceOf([low, high]), 12);

    [Fact]
    public void Axis_AllValuesEqualOrZero_HasADistance() =>
        Assert.All([AxisScale.DistanceOf([0, 0]), AxisScale.DistanceOf([3, 3]), AxisScale.DistanceOf([])], d => Assert.True(d > 0));

    [Fact]
    public void Grid_TwoCurvesOfDifferentLength_ShareTheirSteps()
    {
        var grid = CurveGrid.Of([new Curve("a", [(1, 1.0), (100, 2.0)]), new Curve("b", [(50, 5.0)])]);
        Assert.All(grid.Series, s => Assert.Equal(grid.Labels.Length, s.Values.Length));
        Assert.Equal((1.0, 2.0), (grid.Series[0].Values[0], grid.Series[0].Values[^1]));
    }

    [Fact]
    public void Grid_TenThousandPoints_IsThinnedToTheirMeans()
    {
        var points = Enumerable.Range(1, 10_000).Select(i => (i, i % 2 == 0 ? 0.0 : 2.0)).ToList();
        var values = CurveGrid.Of([new Curve("a", points)]).Series[0].Values;
        Assert.InRange(values.Length, 50, 200);
        Assert.All(values, v => Assert.InRange(v, 0.9, 1.1));
    }

    [Fact]
    public void Curve_StepsRepeatedAfterAResume_LaterOneCounts()
    {
        var curve = Curve.Of("loss", [Point(1, 1, 9), Point(2, 2, 8), Point(3, 2, 7)], m => m.Loss);
        Assert.Equal([(1, 9.0), (2, 7.0)], curve.Points);
    }

    private static JobMetric Point(long seq, int step, double loss) => new() { Seq = seq, Step = step, Loss = loss };
}
