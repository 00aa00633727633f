using System.Runtime.InteropServices;
using Bunit;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Components.Charts;
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
    public void Chart_IsSentEachPointWhereItWasMeasured()
    {
        using var page = new BunitContext();
        page.JSInterop.Mode = JSRuntimeMode.Loose;
        Render(page, [new("training", [(1, 3.0), (50, 2.0), (100, 1.0)], "red"), new("validation", [(50, 2.5)], "blue")]);
        var call = Assert.Single(page.JSInterop.Invocations["webTrainer.chart.draw"]);
        double[] sent = MemoryMarshal.Cast<byte, double>((byte[])call.Arguments[2]!).ToArray();
        Assert.Equal([1, 50, 100, 3, 2, 1, 50, 2.5], sent);
    }

    [Fact]
    public void Chart_LineThatGrew_IsSentOnlyWhatIsNew()
    {
        using var page = new BunitContext();
        page.JSInterop.Mode = JSRuntimeMode.Loose;
        var chart = Render(page, [new("training", [(1, 3.0), (2, 2.0)], "red")]);
        chart.Render(p => p.Add(c => c.Series, [new("training", [(1, 3.0), (2, 2.0), (3, 1.5)], "red")]));
        var call = Assert.Single(page.JSInterop.Invocations["webTrainer.chart.append"]);
        Assert.Equal([3, 1.5], MemoryMarshal.Cast<byte, double>((byte[])call.Arguments[2]!).ToArray());
    }

    [Fact]
    public void Chart_RunThatWentBack_IsSentAnew()
    {
        using var page = new BunitContext();
        page.JSInterop.Mode = JSRuntimeMode.Loose;
        var chart = Render(page, [new("training", [(1, 3.0), (2, 2.0)], "red")]);
        chart.Render(p => p.Add(c => c.Series, [new("training", [(1, 3.5)], "red")]));
        Assert.Equal(2, page.JSInterop.Invocations["webTrainer.chart.draw"].Count);
    }

    [Fact]
    public void Chart_TenThousandPoints_TableShowsTwoHundredFromTheFirstToTheLast()
    {
        using var page = new BunitContext();
        var table = page.Render<XyTable>(p =>
            p.Add(t => t.Title, "Loss")
                .Add(t => t.XTitle, "step")
                .Add(t => t.Series, [new("training", [.. Enumerable.Range(1, 10_000).Select(i => ((double)i, i / 2.0))], "red")])
        );
        var rows = table.FindAll("tbody tr");
        Assert.Equal(200, rows.Count);
        Assert.Equal(["1", "0.5"], rows[0].Children.Select(c => c.TextContent));
        Assert.Equal(["10,000", "5,000"], rows[^1].Children.Select(c => c.TextContent));
        Assert.Contains("200 of 10,000 rows", table.Markup, StringComparison.Ordinal);
    }

    private static IRenderedComponent<XyChart> Render(BunitContext page, IReadOnlyList<XySeries> series) =>
        page.Render<XyChart>(p => p.Add(c => c.Title, "Loss").Add(c => c.XTitle, "step").Add(c => c.Series, series));

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
        Assert.Equal([(1, 9.0), (2, 8.0)], Curves.Line("training", 0, metrics, m => m.Loss).Points);
        Assert.Empty(Curves.Line("validation", 1, metrics, m => m.ValidationLoss).Points);
    }

    [Fact]
    public void Curve_StepsRepeatedAfterAResume_LaterOneCounts()
    {
        var curve = Curves.Line("loss", 0, [Point(1, 1, 9), Point(2, 2, 8), Point(3, 2, 7)], m => m.Loss);
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
