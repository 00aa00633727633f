using System.Globalization;
using Bunit;
using Microsoft.AspNetCore.Components;
using MudBlazor.Services;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Features.Datasets.Pages;

namespace WebTrainer.Portal.Tests.Components;

/// <summary>A set of 151 labels: the first twenty, a search, and how many labels have how many rows.</summary>
public sealed class LabelTableTests : IAsyncLifetime
{
    private readonly BunitContext _browser = new();

    public ValueTask InitializeAsync()
    {
        _browser.JSInterop.Mode = JSRuntimeMode.Loose;
        _browser.Services.AddMudServices();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _browser.DisposeAsync();

    [Fact]
    public void ManyLabels_FirstTwenty_AllOnDemand()
    {
        var table = Render(151);
        Assert.Equal(20, Rows(table).Length);
        table.Find("[data-test=all-labels]").Click();
        Assert.Equal(151, Rows(table).Length);
    }

    [Fact]
    public void Search_FindsAmongAll()
    {
        var table = Render(151);
        table.Find("[data-test=label-search]").Input("LABEL 150");
        Assert.Equal(["label 150"], Rows(table).Select(r => r.Children[0].TextContent.Trim()));
        table.Find("[data-test=label-search]").Input("nothing");
        Assert.Contains("No label contains", table.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void FewLabels_NeitherSearchNorHistogram()
    {
        var table = Render(20);
        Assert.Empty(table.FindAll("[data-test=label-search]"));
        Assert.Single(table.FindAll("table"));
    }

    /// <summary>100, 99, 98 rows: sizes by powers of two, and the labels that only the test rows have are told.</summary>
    [Fact]
    public void Histogram_ByPowersOfTwo_AndLabelsThatNobodyLearns()
    {
        var table = Render(100, label => label == 0 ? (0, 100) : (90, 10));
        Assert.Equal(
            ["1", "2 – 3", "4 – 7", "8 – 15", "16 – 31", "32 – 63", "64 – 127"],
            table.FindAll("table")[1].QuerySelectorAll("tbody td:first-child").Select(cell => cell.TextContent.Trim())
        );
        Assert.StartsWith("1 label stands only", table.Find("[data-test=labels-missing]").TextContent, StringComparison.Ordinal);
    }

    private static AngleSharp.Dom.IElement[] Rows(IRenderedComponent<LabelTable> table) =>
        [.. table.FindAll("table")[0].QuerySelectorAll("tbody tr")];

    private IRenderedComponent<LabelTable> Render(int count, Func<int, (long Train, long Test)>? splits = null) =>
        _browser.Render<LabelTable>(p =>
            p.Add(
                    t => t.Labels,
                    [
                        .. Enumerable
                            .Range(0, count)
                            .Select(i => new LabelCount(
                                "label " + i.ToString(CultureInfo.InvariantCulture),
                                count - i,
                                splits?.Invoke(i).Train ?? 0,
                                splits?.Invoke(i).Test ?? 0
                            )),
                    ]
                )
                .Add(t => t.LinkOf, label => "/" + label)
        );
}
