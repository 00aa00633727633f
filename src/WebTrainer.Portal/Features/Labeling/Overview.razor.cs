using Microsoft.AspNetCore.Components;
using MudBlazor;
using WebTrainer.Domain.Labels;
using WebTrainer.Portal.Components.Shared;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>A task for those who lead it: how far it is, who does what, and what becomes of the answers.</summary>
public sealed partial class Overview
{
    private TaskOverview? _task;
    private TaskAgreement? _agreement;

    private bool HasReliability => _agreement?.Reliability.Count > 0;
    private MudTable<ItemLine>? _table;
    private ItemState? _state;
    private int _minimum = 4;
    private MadeVersion? _made;

    [Parameter]
    public Guid TaskId { get; set; }

    /// <summary>Kept in the address, so that a filtered list can be sent to a colleague.</summary>
    [SupplyParameterFromQuery]
    public string? State { get; set; }

    protected override async Task LoadAsync()
    {
        var filter = Enum.TryParse<ItemState>(State, ignoreCase: true, out var state) ? state : (ItemState?)null;
        var changed = filter != _state;
        _state = filter;
        _task = await Overviews.ReadAsync(Caller, ProjectId, TaskId, Left);
        _agreement = await Overviews.AgreementAsync(Caller, ProjectId, TaskId, Left);
        if (changed && _table is not null)
            await _table.ReloadServerData();
    }

    private static string SnapshotWords(TaskOverview task) => task.Kind switch
    {
        _ when task.Approved == 0 => "None yet. Approved answers become a new version of the dataset.",
        LabelKind.Rate => $"{Format.Count(task.Approved)} rows are rated. A new version keeps those with enough points.",
        LabelKind.Choose => $"A new version of {Format.Count(task.Approved)} rows, each with its approved label.",
        _ => $"A new version of {Format.Count(task.Approved)} rows, each with its approved response.",
    };

    private void FilterBy(ItemState? state) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("state", state?.ToString()), replace: true);

    private async Task<TableData<ItemLine>> ItemsAsync(TableState table, CancellationToken ct)
    {
        var page = await Overviews.ItemsAsync(Caller, ProjectId, TaskId, _state, table.Page * table.PageSize, table.PageSize, ct);
        return new TableData<ItemLine> { Items = page.Items, TotalItems = page.Total };
    }

    private async Task CloseAsync()
    {
        var yes = await Dialogs.ShowMessageBoxAsync(
            "Close this task?", $"Nobody can answer “{_task!.Name}” after that. What is answered stays and can still be reviewed.", "Close the task", cancelText: "Keep it open");
        if (yes == true)
            await ActAsync(async () =>
            {
                await Labeling.CloseAsync(Caller, ProjectId, TaskId, Left);
                await LoadAsync();
            }, "The task is closed.");
    }

    private Task SnapshotAsync() => ActAsync(async () =>
    {
        _made = await Snapshots.MakeAsync(Caller, ProjectId, TaskId, _minimum, Left);
        Chrome?.ProjectChanged();
    });
}
