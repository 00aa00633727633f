using Microsoft.AspNetCore.Components;
using WebTrainer.Portal.Components.Charts;

namespace WebTrainer.Portal.Features.Comparing.Pages;

/// <summary>The comparison; all of what it shows stands in its address.</summary>
public sealed partial class ComparePage
{
    private ComparisonView _view = new([], []);
    private IReadOnlyList<ColumnChoice> _choices = [];
    private IReadOnlyList<XySeries> _losses = [];
    private IReadOnlyList<XySeries> _validation = [];
    private (IReadOnlyList<ParallelAxis> Axes, IReadOnlyList<ParallelLine> Lines) _parallel = ([], []);
    private Dictionary<string, Brush> _brushes = [];
    private IReadOnlyList<ComparisonColumn> _judged = [];
    private ComparisonColumn _first = null!,
        _second = null!;
    private PairQuery _query = new();
    private CurveAxis _axis;
    private string _loadedColumns = "";

    /// <summary>The columns, as <see cref="ColumnKey"/> writes them.</summary>
    [SupplyParameterFromQuery(Name = "col")]
    public string[]? Cols { get; set; }

    [SupplyParameterFromQuery(Name = "differs")]
    public bool Differs { get; set; }

    [SupplyParameterFromQuery(Name = "x")]
    public string? X { get; set; }

    [SupplyParameterFromQuery(Name = "keep")]
    public string[]? Keep { get; set; }

    [SupplyParameterFromQuery(Name = "a")]
    public string? A { get; set; }

    [SupplyParameterFromQuery(Name = "b")]
    public string? B { get; set; }

    [SupplyParameterFromQuery(Name = "by")]
    public string? By { get; set; }

    [SupplyParameterFromQuery(Name = "show")]
    public string? Shown { get; set; }

    [SupplyParameterFromQuery(Name = "order")]
    public string? Order { get; set; }

    [SupplyParameterFromQuery(Name = "category")]
    public string? Category { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    public int Page { get; set; }

    private string AxisTitle =>
        _axis switch
        {
            CurveAxis.Step => "step",
            CurveAxis.Tokens => "tokens learned from",
            _ => "minutes since the first step",
        };

    protected override async Task LoadAsync()
    {
        // Sorting and filtering rows changes the address too: the columns are read again only when they are others.
        var columns = string.Join(' ', Cols ?? []);
        if (!Loaded || columns != _loadedColumns)
        {
            _choices = await Service.ChoicesAsync(Caller, ProjectId, Left);
            _view = await Service.LoadAsync(Caller, ProjectId, [.. (Cols ?? []).Select(ColumnKey.Read).OfType<ColumnKey>()], Left);
            _parallel = ComparisonCharts.Parallel(_view);
            _judged = [.. _view.Columns.Where(c => c.ExamplesJob is not null)];
            _loadedColumns = columns;
        }

        _axis = Parse<CurveAxis>(X);
        _losses = ComparisonCharts.Curves(_view, _axis, m => m.Loss);
        _validation = ComparisonCharts.Curves(_view, _axis, m => m.ValidationLoss);
        _brushes = (Keep ?? [])
            .Select(Brush.Read)
            .OfType<(string Axis, Brush Brush)>()
            .DistinctBy(b => b.Axis)
            .ToDictionary(b => b.Axis, b => b.Brush);
        _query = new PairQuery(
            By is null ? ExampleMeasure.Right : Parse<ExampleMeasure>(By),
            Parse<PairShow>(Shown),
            Parse<PairOrder>(Order),
            Category
        );
        if (_judged.Count < 2)
        {
            return;
        }

        _first = _judged.FirstOrDefault(c => c.Key.Write() == A) ?? _judged[0];
        _second = _judged.FirstOrDefault(c => c.Key.Write() == B && c != _first) ?? _judged.First(c => c != _first);
    }

    private static T Parse<T>(string? text)
        where T : struct, Enum => Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) ? value : default;

    private bool Kept(int column) =>
        _parallel.Lines.Count == 0 || ParallelCoordinates.Keeps(_parallel.Axes, _brushes, _parallel.Lines[column]);

    private void Add(ChangeEventArgs chosen)
    {
        if (chosen.Value?.ToString() is { Length: > 0 } key)
        {
            Show("col", (string[])[.. Cols ?? [], key]);
        }
    }

    private void Remove(ColumnKey key) => Show("col", (Cols ?? []).Where(c => c != key.Write()).ToArray());

    private void Show(string name, object? value) => ShowAll(new Dictionary<string, object?> { [name] = value });

    private void ShowAll(IReadOnlyDictionary<string, object?> changes) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(changes), replace: true);

    private string Export(string kind) =>
        $"/api/v1/projects/{ProjectId}/comparison.{kind}?{string.Join('&', (Cols ?? []).Select(c => "col=" + Uri.EscapeDataString(c)))}";
}
