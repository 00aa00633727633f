using Microsoft.AspNetCore.Components;
using MudBlazor;
using WebTrainer.Domain;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Pipeline.Vectors.Maps;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Components.Shared;

namespace WebTrainer.Portal.Features.Datasets.Pages;

/// <summary>Rows of a version, a page at a time: searched, filtered and sorted, all of it in the address.</summary>
public sealed partial class RowsPanel
{
    /// <summary>Stands in the address for rows whose language can't be told.</summary>
    public const string NoLanguage = "none";

    /// <summary>Characters of a message in the list; the row by itself shows all.</summary>
    private const int MostCharacters = 1_500;

    private const int PageRows = 25;
    private bool _sampled;
    private WordSearch? _search;
    private string? _refused;
    private readonly CancellationTokenSource _left = new();
    private IReadOnlyList<LabelCount> _labels = [];
    private RowPage? _page;

    [Parameter, EditorRequired]
    public required Guid ProjectId { get; set; }

    [Parameter, EditorRequired]
    public required VersionView Version { get; set; }

    [Parameter, EditorRequired]
    public required Caller Caller { get; set; }

    [Parameter]
    public bool MayManage { get; set; }

    [Parameter]
    public string? Filter { get; set; }

    /// <summary>
    /// <c>words</c> looks for whole words by the index, <c>meaning</c> for what prompts mean, <c>both</c> for both, anything else for any
    /// part of a text.
    /// </summary>
    [Parameter]
    public string? By { get; set; }

    [Parameter]
    public string? Label { get; set; }

    [Parameter]
    public string? Split { get; set; }

    /// <summary>Characters of prompts, as <c>10-20</c>; by a click in the profile.</summary>
    [Parameter]
    public string? PromptLength { get; set; }

    [Parameter]
    public string? ResponseLength { get; set; }

    /// <summary>One of <see cref="RowTrait"/>; by a click in the profile.</summary>
    [Parameter]
    public string? Trait { get; set; }

    /// <summary>ISO 639-1, or <see cref="NoLanguage"/>; by a click in the profile.</summary>
    [Parameter]
    public string? Language { get; set; }

    /// <summary>Tokens of whole rows, as <c>10-20</c>, and the model that counts them; by a click in the profile.</summary>
    [Parameter]
    public string? Tokens { get; set; }

    [Parameter]
    public string? Tokenizer { get; set; }

    /// <summary>A part of the map (<see cref="MapArea"/>); by drawing around rows there.</summary>
    [Parameter]
    public string? Area { get; set; }

    /// <summary>A column, with a minus before it when it descends; null as in the file.</summary>
    [Parameter]
    public string? Sort { get; set; }

    /// <summary><c>chat</c> shows rows as conversations, anything else as a table.</summary>
    [Parameter]
    public string? View { get; set; }

    [Parameter]
    public int PageNumber { get; set; } = 1;

    private int Pages => _page is null ? 0 : (int)Math.Min(int.MaxValue, (_page.Total + PageRows - 1) / PageRows);

    protected override async Task OnInitializedAsync() =>
        _labels = [
            .. (await DataProfiles.LabelsAsync(Caller, ProjectId, Version.DatasetId, Version.Number, _left.Token)).Where(l =>
                l.Label is not null
            ),
        ];

    protected override Task OnParametersSetAsync() => LookAsync(waits: true);

    /// <param name="waits">Whether to look again once the index of words is there.</param>
    private async Task LookAsync(bool waits)
    {
        var query = Query() with { Positions = await PositionsAsync() };
        _refused = null;
        _search =
            ByMeaning && !string.IsNullOrWhiteSpace(Filter) ? await MeantAsync(query with { Contains = null })
            : ByWords && WordQuery.Parse(Filter) is { } words
                ? await DataSearch.SearchAsync(
                    Caller,
                    ProjectId,
                    Version.DatasetId,
                    Version.Number,
                    words,
                    query with
                    {
                        Contains = null,
                    },
                    _left.Token
                )
            : null;
        _page = _search?.Page ?? await DataRows.RowsAsync(Caller, ProjectId, Version.DatasetId, Version.Number, query, _left.Token);
        if (waits && _search is { Ready: < 1 })
        {
            _ = ShowWhenMadeAsync(_search);
        }
    }

    /// <summary>Looks again when the index is there, unless something else is looked for by then.</summary>
    private async Task ShowWhenMadeAsync(WordSearch waiting)
    {
        try
        {
            await DataSearch.WhenIndexedAsync(Caller, ProjectId, Version.DatasetId, Version.Number, _left.Token);
            if (_search != waiting)
            {
                return;
            }
            await LookAsync(waits: false);
            StateHasChanged();
        }
        catch (OperationCanceledException)
        {
            // Whoever looked has left the page.
        }
        catch (Exception ex)
        {
            await DispatchExceptionAsync(ex);
        }
    }

    /// <returns>Null where there is nothing to go by, which the page says.</returns>
    private async Task<WordSearch?> MeantAsync(RowQuery query)
    {
        try
        {
            var words = By == "both" ? WordQuery.Parse(Filter) : null;
            return await DataSearch.MeantAsync(Caller, ProjectId, Version.DatasetId, Version.Number, Filter!, words, query, _left.Token);
        }
        catch (Exception refused) when (refused is RuleViolationException or DataProblemException)
        {
            _refused = refused.Message;
            return null;
        }
    }

    private bool ByWords => By == "words";

    private bool ByMeaning => By is "meaning" or "both";

    private string MeaningState =>
        _refused is not null ? $"{_refused} Until then the text itself is looked for."
        : _search is null ? "Write what rows should say; those whose prompts mean that come first."
        : _search.Ready < 1
            ? $"The index of words is being made ({Format.Percent(_search.Ready)}); until then rows are found by meaning alone."
        : $"The {Format.Count(_search.Hits ?? 0)} nearest rows, the nearest first.";

    /// <summary>Where the rows stand that the profile's figures were clicked for; null for all.</summary>
    private async Task<IReadOnlyList<long>?> PositionsAsync()
    {
        _sampled = false;
        var inLanguage = Language is null ? null : await InLanguageAsync(Language);
        if (MapArea.Parse(Area) is { } area)
        {
            var inArea = await Maps.InAsync(Caller, ProjectId, Version.DatasetId, Version.Number, area, _left.Token);
            inLanguage = inLanguage is null ? inArea : [.. inArea.Intersect(inLanguage)];
        }

        if (LengthRange.Parse(Tokens) is not { } tokens || Tokenizer is null)
        {
            return inLanguage;
        }
        var counted = await DataProfiles.TokensAsync(Caller, ProjectId, Version.DatasetId, Version.Number, Tokenizer, _left.Token);
        _sampled |= counted.RowsLookedAt < counted.RowsInVersion;
        var positions = counted.PositionsOf(tokens);
        return inLanguage is null ? positions : [.. positions.Intersect(inLanguage)];
    }

    private async Task<IReadOnlyList<long>> InLanguageAsync(string language)
    {
        var found = await DataProfiles.LanguagesAsync(Caller, ProjectId, Version.DatasetId, Version.Number, _left.Token);
        _sampled = found.RowsLookedAt < found.RowsInVersion;
        return found.Languages.FirstOrDefault(l => (l.Language ?? NoLanguage) == language)?.Positions ?? [];
    }

    private RowQuery Query() =>
        new()
        {
            Contains = Filter,
            Label = Label,
            Split = Enum.TryParse<DataSplit>(Split, ignoreCase: true, out var split) ? split : null,
            PromptLength = LengthRange.Parse(PromptLength),
            ResponseLength = LengthRange.Parse(ResponseLength),
            Trait = Enum.TryParse<RowTrait>(Trait, ignoreCase: true, out var trait) ? trait : null,
            Sort = SortOf(Sort?.TrimStart('-')),
            Descending = Sort?.StartsWith('-') ?? false,
            Offset = (Math.Max(1, PageNumber) - 1L) * PageRows,
            Limit = PageRows,
        };

    private static RowSort SortOf(string? column) =>
        column switch
        {
            "prompt" => RowSort.Prompt,
            "response" => RowSort.Response,
            "label" => RowSort.Label,
            "split" => RowSort.Split,
            _ => RowSort.Position,
        };

    private void Go(string key, string? value) =>
        Navigation.NavigateTo(
            Navigation.GetUriWithQueryParameters(
                new Dictionary<string, object?> { [key] = string.IsNullOrEmpty(value) ? null : value, ["page"] = null }
            ),
            replace: true
        );

    private void Show(string? view) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("view", view == "chat" ? view : null), replace: true);

    private void Turn(int page) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("page", page == 1 ? null : page));

    private string SortLink(string column) =>
        Navigation.GetUriWithQueryParameters(
            new Dictionary<string, object?> { ["sort"] = Sort == column ? "-" + column : column, ["page"] = null }
        );

    private string? Direction(string column) =>
        Sort == column ? "ascending"
        : Sort == "-" + column ? "descending"
        : null;

    private string Arrow(string column) =>
        Sort == column ? " ↑"
        : Sort == "-" + column ? " ↓"
        : "";

    private Task<IEnumerable<string>> FindLabels(string? typed, CancellationToken cancellationToken) =>
        Task.FromResult(
            _labels.Select(l => l.Label!).Where(l => string.IsNullOrEmpty(typed) || typed == Label || new SearchPhrase(typed).IsIn(l))
        );

    private Task OpenAsync(CanonicalRow row) =>
        Dialogs.ShowAsync<RowDialog>(
            "Row",
            new DialogParameters<RowDialog>
            {
                { d => d.ProjectId, ProjectId },
                { d => d.Version, Version },
                { d => d.RowId, row.Id },
            },
            new DialogOptions
            {
                MaxWidth = MaxWidth.Medium,
                FullWidth = true,
                CloseButton = true,
            }
        );

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }
}
