using Microsoft.AspNetCore.Components;
using MudBlazor;
using WebTrainer.Domain.Labels;
using WebTrainer.Portal.Components.Shared;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>A task for those who lead it: how far it is, how far people agree, and what becomes of the answers.</summary>
public sealed partial class Overview
{
    private readonly Dictionary<Guid, string> _replies = [];
    private TaskOverview? _task;
    private IReadOnlyList<QuestionAgreement>? _agreement;
    private IReadOnlyList<LeadNote> _notes = [];
    private MudTable<ItemLine>? _table;
    private ItemState? _state;
    private string _guidelines = "";
    private int _minimum = 4;
    private MadeVersion? _made;
    private MergePreview? _merge;
    private IReadOnlyList<LeftItem> _left = [];

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
        var task = await Overviews.ReadAsync(Caller, ProjectId, TaskId, Left);
        if (_task?.Guidelines != task.Guidelines)
        {
            _guidelines = task.Guidelines;
        }

        _agreement = await Overviews.AgreementAsync(Caller, ProjectId, TaskId, Left);
        _notes = task.MayManage ? await Overviews.NotesAsync(Caller, ProjectId, TaskId, Left) : [];
        _left = await Overviews.LeftItemsAsync(Caller, ProjectId, TaskId, Left);
        _task = task;
        if (changed && _table is not null)
        {
            await _table.ReloadServerData();
        }
    }

    private static string SnapshotWords(TaskOverview task) =>
        task switch
        {
            { Done: 0 } => "None yet. Agreed and decided answers become a new version of the dataset.",
            { Models.Count: > 0 } =>
                "Winners and repaired responses become rows for tuning, winners and losers preference pairs: a dataset of its own.",
            _ =>
                $"{Format.Count(task.Done)} answers can go back into {task.DatasetName}, version {task.VersionNumber}: all its rows, with these in place of the old ones.",
        };

    private string MergeWords(MergePreview merge) =>
        string.Join(
                " ",
                new[]
                {
                    $"Of {Format.Count(merge.Rows)} rows {Format.Count(merge.Changed)} change",
                    merge.Leaving > 0 ? $"and {Format.Count(merge.Leaving)} leave, being rated below {_minimum};" : ";",
                    $"{Format.Count(merge.Same)} decided answers are as before.",
                }
            )
            .Replace(" ;", ";", StringComparison.Ordinal);

    private string Words(IReadOnlyDictionary<string, string> values) =>
        string.Join(" · ", _task!.Questions.Where(q => values.ContainsKey(q.Key)).Select(q => AnswerWords.Answer(q, values[q.Key])));

    private void FilterBy(ItemState? state) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("state", state?.ToString()), replace: true);

    private async Task<TableData<ItemLine>> ItemsAsync(TableState table, CancellationToken cancellationToken)
    {
        var page = await Overviews.ItemsAsync(
            Caller,
            ProjectId,
            TaskId,
            _state,
            table.Page * table.PageSize,
            table.PageSize,
            cancellationToken
        );
        return new TableData<ItemLine> { Items = page.Items, TotalItems = page.Total };
    }

    private Task PauseAsync() =>
        ActAsync(async () =>
        {
            await (
                _task!.PausedAt is null
                    ? Labeling.PauseAsync(Caller, ProjectId, TaskId, Left)
                    : Labeling.ResumeAsync(Caller, ProjectId, TaskId, Left)
            );
            await LoadAsync();
        });

    private async Task CloseAsync()
    {
        var yes = await Dialogs.ShowMessageBoxAsync(
            "Close this task?",
            $"Nobody can answer “{_task!.Name}” after that. What is answered stays and can still be decided.",
            "Close the task",
            cancelText: "Keep it open"
        );
        if (yes == true)
        {
            await ActAsync(
                async () =>
                {
                    await Labeling.CloseAsync(Caller, ProjectId, TaskId, Left);
                    await LoadAsync();
                },
                "The task is closed."
            );
        }
    }

    private Task WriteGuidelinesAsync() =>
        ActAsync(
            async () =>
            {
                await Labeling.WriteGuidelinesAsync(Caller, ProjectId, TaskId, _guidelines, Left);
                await LoadAsync();
            },
            "The guidelines are saved; people see them from their next item on."
        );

    private Task ReplyAsync(Guid noteId) =>
        ActAsync(async () =>
        {
            await Overviews.ReplyAsync(Caller, ProjectId, noteId, _replies.GetValueOrDefault(noteId, ""), Left);
            await LoadAsync();
        });

    private Task LearnOrderAsync() =>
        ActAsync(
            async () => await Labeling.LearnOrderAsync(Caller, ProjectId, TaskId, Left),
            "Open items are handed out anew, the least sure first."
        );

    private Task MakeGoldAsync(Guid itemId) =>
        ActAsync(async () =>
        {
            await Labeling.MakeGoldAsync(Caller, ProjectId, itemId, Left);
            await LoadAsync();
            await _table!.ReloadServerData();
        });

    private Task LookAsync() => ActAsync(async () => _merge = await Snapshots.PreviewAsync(Caller, ProjectId, TaskId, _minimum, Left));

    private Task LookAtAsync(int minimum)
    {
        _minimum = minimum;
        return _merge is null ? Task.CompletedTask : LookAsync();
    }

    private Task SnapshotAsync(SnapshotRows which) =>
        OnceAsync(
            () => Snapshots.MakeAsync(Caller, ProjectId, TaskId, _minimum, Left, which),
            made =>
            {
                (_made, _merge) = (made, null);
                Chrome?.ProjectChanged();
                return Task.CompletedTask;
            },
            of: which
        );
}
