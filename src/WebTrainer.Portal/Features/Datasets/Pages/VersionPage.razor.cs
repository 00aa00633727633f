using Microsoft.AspNetCore.Components;
using MudBlazor;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Features.Datasets.Operations;

namespace WebTrainer.Portal.Features.Datasets.Pages;

/// <summary>One version of a dataset: its rows, figures and origin, and what can be done with it.</summary>
public sealed partial class VersionPage
{
    private static readonly (string Key, string Name)[] s_tabs =
    [
        ("rows", "Rows"),
        ("profile", "Profile"),
        ("map", "Map"),
        ("aside", "Set aside"),
        ("compare", "Compare"),
        ("sql", "SQL"),
        ("bias", "Bias"),
        ("sheet", "Datasheet"),
        ("problems", "Problems"),
        ("lineage", "Lineage"),
    ];
    private bool _publishes;
    private bool _mayManage;
    private bool _mayAnswer;
    private VersionView? _version;
    private DatasetOperation? _operation;

    [Parameter]
    public Guid DatasetId { get; set; }

    [Parameter]
    public int Number { get; set; }

    [SupplyParameterFromQuery]
    public string? Tab { get; set; }

    [SupplyParameterFromQuery]
    public string? Filter { get; set; }

    [SupplyParameterFromQuery]
    public string? By { get; set; }

    [SupplyParameterFromQuery]
    public string? Label { get; set; }

    [SupplyParameterFromQuery]
    public string? Split { get; set; }

    [SupplyParameterFromQuery]
    public string? PromptLength { get; set; }

    [SupplyParameterFromQuery]
    public string? ResponseLength { get; set; }

    [SupplyParameterFromQuery]
    public string? Trait { get; set; }

    [SupplyParameterFromQuery]
    public string? Language { get; set; }

    [SupplyParameterFromQuery]
    public string? Tokens { get; set; }

    [SupplyParameterFromQuery]
    public string? Tokenizer { get; set; }

    [SupplyParameterFromQuery]
    public string? Area { get; set; }

    [SupplyParameterFromQuery]
    public string? View { get; set; }

    [SupplyParameterFromQuery]
    public string? Sort { get; set; }

    [SupplyParameterFromQuery]
    public Guid? With { get; set; }

    [SupplyParameterFromQuery]
    public string? Change { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    public int? PageNumber { get; set; }

    private string Current => Tab ?? "rows";

    private string What =>
        _version?.Kind switch
        {
            null => "",
            VersionKind.Imported => $"Rows of {_version.SourceFile}. Split it into train, validation and test, then publish.",
            VersionKind.Cleaned when !_version.HasSplits => "Cleaned rows. Split them into train, validation and test, then publish.",
            _ when _version.PublishedAt is not null => "Published: runs can use it, and it never changes.",
            _ => "Look at the rows, then publish the version so that runs can use it.",
        };

    protected override async Task LoadAsync()
    {
        if (_version is { } shown && shown.DatasetId == DatasetId && shown.Number == Number)
        {
            return; // only the query changed, and versions do not
        }
        await ReadAsync();
    }

    private async Task ReadAsync()
    {
        _mayManage = await Projects.MayAsync(Caller, ProjectId, Permission.ManageData, Left);
        _mayAnswer = await Projects.MayAsync(Caller, ProjectId, Permission.ApproveRuns, Left);
        _version = await Data.GetVersionAsync(Caller, ProjectId, DatasetId, Number, Left);
    }

    private static Dictionary<string, object?> Tabbed(string key) =>
        new()
        {
            ["tab"] = key == "rows" ? null : key,
            ["filter"] = null,
            ["by"] = null,
            ["trait"] = null,
            ["language"] = null,
            ["tokens"] = null,
            ["tokenizer"] = null,
            ["area"] = null,
            ["label"] = null,
            ["split"] = null,
            ["promptLength"] = null,
            ["responseLength"] = null,
            ["sort"] = null,
            ["with"] = null,
            ["change"] = null,
            ["page"] = null,
        };

    private Task SplitAsync() =>
        AskAsync<SplitDialog>(
            "Split into train, validation and test",
            new() { { d => d.ProjectId, ProjectId }, { d => d.Version, _version } }
        );

    private Task JoinAsync() =>
        AskAsync<JoinDialog>("Add rows of another version", new() { { d => d.ProjectId, ProjectId }, { d => d.Version, _version } });

    private Task MakeAsync() =>
        AskAsync<MakeDialog>("Make rows of those to learn from", new() { { d => d.ProjectId, ProjectId }, { d => d.Version, _version } });

    private async Task AskAsync<TDialog>(string title, DialogParameters<TDialog> parameters)
        where TDialog : IComponent
    {
        var dialog = await Dialogs.ShowAsync<TDialog>(title, parameters, new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true });
        if (await dialog.Result is { Canceled: false, Data: DatasetOperation operation })
        {
            _operation = operation;
        }
    }

    private void Watch(DatasetOperation operation) => _operation = operation;

    private Task TakeBackAsync(IReadOnlyCollection<string> rowIds) =>
        OnceAsync(
            () => DataCleaning.StartTakeBackAsync(Caller, ProjectId, DatasetId, Number, rowIds, Left),
            operation =>
            {
                _operation = operation;
                return Task.CompletedTask;
            },
            of: string.Join(' ', rowIds)
        );

    private Task AnswerAsync(string reason) =>
        ActAsync(async () =>
        {
            await DataPublishing.AcceptLeaksAsync(Caller, ProjectId, DatasetId, Number, reason, Left);
            await ReadAsync();
        });

    // What leaks is told before the step that can't be taken back.
    private async Task PublishAsync()
    {
        if (_version!.Leaks is null)
        {
            _publishes = await ActAsync(async () =>
                _operation = await DataPublishing.StartLeakCountAsync(Caller, ProjectId, DatasetId, Number, Left)
            );
            return;
        }

        _publishes = false;
        var leaks = _version.Leaks.Rows;
        var sure = await Dialogs.ShowMessageBoxAsync(
            $"Publish {_version.DatasetName}, version {Number}?",
            (
                leaks == 0
                    ? "No row stands among those it is judged by. "
                    : $"{Format.Count(leaks, "row")} stand among those they are judged by: no run may use this version until a lead answers for them. Take them out first, or publish all the same. "
            ) + "Runs can use a published version. It can't be taken back, because what a run was trained on is evidence.",
            yesText: leaks == 0 ? "Publish" : "Publish all the same",
            cancelText: leaks == 0 ? "Cancel" : "Not yet"
        );
        if (sure == true)
        {
            await ActAsync(async () => _operation = await DataPublishing.StartPublishAsync(Caller, ProjectId, DatasetId, Number, Left));
        }
    }

    private async Task EndedAsync(DatasetOperation operation)
    {
        if (operation.Result is not { } made)
        {
            return;
        }
        _operation = null;
        Chrome?.ProjectChanged();
        if (made == new VersionKey(DatasetId, Number))
        {
            await ReadAsync();
            if (_publishes)
            {
                await PublishAsync();
            }
        }
        else
        {
            Navigation.NavigateTo(Link($"data/{made.DatasetId}/v/{made.Number}"));
        }
    }

    private Task StopAsync(DatasetOperation operation) =>
        ActAsync(async () =>
        {
            var ended = operation.EndedAt is not null;
            await Data.StopAsync(Caller, ProjectId, operation.Id, Left);
            if (ended)
            {
                _operation = null;
            }
        });
}
