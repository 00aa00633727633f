using System.Runtime.InteropServices;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Evaluations;

public sealed class BenchmarkPanelTests : IAsyncDisposable
{
    private readonly BunitContext _browser = new();

    public BenchmarkPanelTests()
    {
        _browser.JSInterop.Mode = JSRuntimeMode.Loose;
        _browser.Services.AddMudServices();
    }

    public ValueTask DisposeAsync() => _browser.DisposeAsync();

    [Fact]
    public void Figures_HaveTheirIntervalAndNumber_AndTheComparisonIsSaidInWords()
    {
        var panel = Render(Report());
        var cell = panel.Find("tbody tr:nth-child(2) td.num");
        Assert.Contains("60.0 %", cell.TextContent, StringComparison.Ordinal);
        Assert.Contains("50.0 – 70.0 %", cell.TextContent, StringComparison.Ordinal);
        Assert.Equal("95 % interval, of 200", cell.QuerySelector("div")!.GetAttribute("title"));
        Assert.Contains("run-1", panel.Find(".verdicts").TextContent, StringComparison.Ordinal);
        Assert.Contains("200 questions, seed 42", panel.Markup, StringComparison.Ordinal);
        Assert.Equal("/questions", panel.Find("a").GetAttribute("href"));
        Assert.Empty(panel.FindAll("[data-test=reliability]"));
    }

    [Fact]
    public void MetricThatAModelDoesNotHave_IsADash_NotAZero()
    {
        var report = Report();
        report = report with
        {
            Models =
            [
                report.Models[0] with
                {
                    Metrics = [.. report.Models[0].Metrics, new("acc_norm", 0.3, 0.2, 0.4, 200)],
                },
                report.Models[1],
            ],
        };
        Assert.Equal("–", Render(report).Find("tbody tr:nth-child(2) td.num:last-child").TextContent.Trim());
    }

    [Fact]
    public void Refused_SaysWhy_AndShowsNoFigures()
    {
        var panel = Render(
            new BenchmarkReport(new BenchmarkSpec { Kind = BenchmarkKind.HumanEval, Name = "he.jsonl" }, 0, "", [], [])
            {
                Refusal = "There is no sandbox here.",
            }
        );
        Assert.Contains("Not asked: There is no sandbox here.", panel.Markup, StringComparison.Ordinal);
        Assert.Empty(panel.FindAll("table, a"));
    }

    [Fact]
    public void Likelihoods_HaveAReliabilityDiagram_ThatCanBeReadAsATableToo()
    {
        var report = Report();
        report = report with
        {
            Models = [.. report.Models.Select(m => m with { Reliability = [new(0.35, 0.2, 120), new(0.75, 0.7, 80)] })],
        };
        var diagram = Render(report).Find("[data-test=reliability]");
        var sent = (byte[])Assert.Single(_browser.JSInterop.Invocations["webTrainer.chart.draw"]).Arguments[2]!;
        // The diagonal's two points, and two of each model, as x and y.
        Assert.Equal([0, 100, 0, 100, 35, 75, 20, 70], MemoryMarshal.Cast<byte, double>(sent)[..8].ToArray().Select(v => Math.Round(v, 9)));
        Assert.Equal(12 * sizeof(double), sent.Length);
        Assert.Equal(["base", "75.0 %", "70.0 %", "80"], diagram.QuerySelectorAll("tbody tr")[1].Children.Select(cell => cell.TextContent));
    }

    [Fact]
    public void ClosedSetOfLabels_HasConfidence_ErrorAndBrier_AndASentence()
    {
        ModelFigures Of(string name, double right, double sure) =>
            new(name, ModelKind.Tuned, right, right - 0.03, right + 0.03, 1, null, null, 1)
            {
                Calibration = new(
                    new("confidence", sure, sure - 0.02, sure + 0.02, 3080),
                    new("ece", 0.04, 0.03, 0.05, 3080),
                    new("brier", 0.08, 0.07, 0.09, 3080),
                    [new(sure, right, 3080)]
                ),
            };
        var panel = _browser.Render<ConfidencePanel>(p =>
            p.Add(c => c.Models, [Of("fair", 0.9, 0.91), Of("boastful", 0.5, 0.9), Of("shy", 0.9, 0.5)])
        );
        Assert.Equal(
            ["as sure as it may be, on the whole", "too sure of itself", "less sure than it may be"],
            panel.FindAll("[data-test=calibration] tbody td:last-child").Select(cell => cell.TextContent)
        );
        Assert.Contains("On 3,080 test rows", panel.Markup, StringComparison.Ordinal);
        Assert.Contains("4.0 %", panel.Find("[data-test=calibration]").TextContent, StringComparison.Ordinal);
        Assert.Contains("0.08", panel.Find("[data-test=calibration]").TextContent, StringComparison.Ordinal);
    }

    private IRenderedComponent<BenchmarkPanel> Render(BenchmarkReport report) =>
        _browser.Render<BenchmarkPanel>(p => p.Add(b => b.Report, report).Add(b => b.Href, "/questions"));

    private static BenchmarkReport Report() =>
        new(
            new BenchmarkSpec
            {
                Kind = BenchmarkKind.Mmlu,
                Name = "law.csv",
                Seed = 42,
            },
            200,
            "acc",
            [new("base", [new("acc", 0.3, 0.2, 0.4, 200)], []), new("run-1", [new("acc", 0.6, 0.5, 0.7, 200)], [])],
            [new("base", "run-1", Comparison.ByRight, 10, 70, 0.3, 0.2, 0.4, 0.0001, 40)]
        );
}
