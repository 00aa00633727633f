using Bunit;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Components.Charts;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Features.Runs.Pages;

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
    public void Chart_ValidationMeasuredLater_BeginsWhereItWasMeasured()
    {
        using var page = new BunitContext();
        var chart = page.Render<LineChart>(p =>
            p.Add(c => c.Title, "Loss")
                .Add(c => c.Unit, "nats")
                .Add(
                    c => c.Curves,
                    [new Curve("training", [(1, 3.0), (50, 2.0), (100, 1.0)]), new Curve("validation", [(50, 2.5), (75, 2.0)])]
                )
        );
        double[] At(int line) =>
            [
                .. chart
                    .FindAll("polyline")[line]
                    .GetAttribute("points")!
                    .Split(' ')
                    .Select(point => double.Parse(point.Split(',')[0], System.Globalization.CultureInfo.InvariantCulture)),
            ];
        Assert.Equal((0.0, 1000.0), (At(0)[0], At(0)[^1]), (a, b) => Math.Abs(a.Item1 - b.Item1) < 20 && Math.Abs(a.Item2 - b.Item2) < 20);
        Assert.Equal(2, At(1).Length);
        Assert.InRange(At(1)[0], 450, 550);
        Assert.InRange(At(1)[1], 700, 800);
    }

    [Fact]
    public void Curve_TenThousandPoints_IsThinnedToTheirMeans_FromTheFirstStepToTheLast()
    {
        var thinned = new Curve("a", [.. Enumerable.Range(1, 10_000).Select(i => (i, i % 2 == 0 ? 0.0 : 2.0))]).Thinned();
        Assert.InRange(thinned.Count, 50, 200);
        Assert.All(thinned, point => Assert.InRange(point.Y, 0.9, 1.1));
        Assert.Equal((1.0, 10_000.0), (thinned[0].X, thinned[^1].X));
    }

    /// <summary>What broke is no part of the curve of the run that began again.</summary>
    [Fact]
    public void Curve_RunThatWentBack_ShowsNothingOfWhatItHadBeyond()
    {
        JobMetric[] metrics =
        [
            Point(1, 1, 9),
            Point(2, 40, 2),
            new JobMetric
            {
                Seq = 3,
                Step = 40,
                ValidationLoss = 3,
            },
            Point(4, 89, 20),
            Point(5, 1, 9),
            Point(6, 2, 8),
        ];
        Assert.Equal([(1, 9.0), (2, 8.0)], Curve.Of("training", metrics, m => m.Loss).Points);
        Assert.Empty(Curve.Of("validation", metrics, m => m.ValidationLoss).Points);
    }

    [Fact]
    public void Curve_StepsRepeatedAfterAResume_LaterOneCounts()
    {
        var curve = Curve.Of("loss", [Point(1, 1, 9), Point(2, 2, 8), Point(3, 2, 7)], m => m.Loss);
        Assert.Equal([(1, 9.0), (2, 7.0)], curve.Points);
    }

    private static JobMetric Point(long seq, int step, double loss) =>
        new()
        {
            Seq = seq,
            Step = step,
            Loss = loss,
        };
}
