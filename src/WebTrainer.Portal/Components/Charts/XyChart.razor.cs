using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace WebTrainer.Portal.Components.Charts;

/// <summary>The one chart of lines: value under the pointer or the arrow keys, zoom, smoothing, logarithmic axis, and its table.</summary>
public sealed partial class XyChart : IAsyncDisposable
{
    private static readonly object s_words = new
    {
        smooth = "Smoothing",
        log = "Log axis",
        whole = "Whole range",
        keys = "Arrow keys read its values, plus and minus zoom, 0 shows all.",
    };

    private ElementReference _host;
    private IReadOnlyList<XySeries> _drawn = [];
    private bool _tableShown;

    [Inject]
    public required IJSRuntime Js { get; init; }

    [Parameter, EditorRequired]
    public required string Title { get; set; }

    [Parameter]
    public string Unit { get; set; } = "";

    [Parameter, EditorRequired]
    public required string XTitle { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<XySeries> Series { get; set; }

    [Parameter]
    public string Empty { get; set; } = "Nothing measured yet.";

    /// <summary>Of the plot, in CSS pixels.</summary>
    [Parameter]
    public int Height { get; set; } = 240;

    /// <summary>Values above it are drawn at the upper edge, so that a few very bad ones do not flatten all others.</summary>
    [Parameter]
    public double? Highest { get; set; }

    /// <summary>What all of it is, of shares: the axis goes from 0 to it, whatever the values are.</summary>
    [Parameter]
    public double? Whole { get; set; }

    /// <summary>Charts of one group show the same x under the pointer.</summary>
    [Parameter]
    public string? Group { get; set; }

    /// <summary>False where the page has a table of the same figures.</summary>
    [Parameter]
    public bool Table { get; set; } = true;

    private bool IsEmpty => Series.All(s => s.Points.Count == 0);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (ReferenceEquals(_drawn, Series))
        {
            return;
        }

        var (before, now) = (_drawn, Series);
        _drawn = now;
        if (IsEmpty)
        {
            return;
        }

        if (XyPoints.GrownFrom(before, now) is { } counts)
        {
            await Js.InvokeVoidAsync("webTrainer.chart.append", _host, Added(now, counts), XyPoints.Pack(now, counts));
        }
        else
        {
            await Js.InvokeVoidAsync("webTrainer.chart.draw", _host, Options(now), XyPoints.Pack(now, new int[now.Count]));
        }
    }

    private static int[] Added(IReadOnlyList<XySeries> series, int[] counts) => [.. series.Select((s, i) => s.Points.Count - counts[i])];

    private object Options(IReadOnlyList<XySeries> series) =>
        new
        {
            title = Title,
            unit = Unit,
            xTitle = XTitle,
            height = Height,
            highest = Highest,
            whole = Whole,
            group = Group,
            words = s_words,
            counts = series.Select(s => s.Points.Count),
            series = series.Select(s => new
            {
                name = s.Name,
                color = s.Color,
                quiet = s.Quiet,
                dots = s.Dots,
            }),
        };

    private void ShowTable() => _tableShown = true;

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Js.InvokeVoidAsync("webTrainer.chart.remove", _host);
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone, and its chart with it.
        }
    }
}
