using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using WebTrainer.Domain;
using WebTrainer.Domain.Labels;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>One expert, one item, one screen. Keys come from the browser as numbered commands, so that one sent twice is done once.</summary>
public sealed partial class Answer
{
    private AnswerDesk? _desk;
    private SheetEditor? _sheet;
    private Dictionary<string, string> _values = [];
    private IReadOnlyDictionary<string, string> _keys = new Dictionary<string, string>();
    private DotNetObjectReference<Answer>? _self;
    private OwnStatistics? _own;
    private (int Start, int End)? _selected;
    private string _guidelines = "";
    private string _reason = "";
    private string? _notice;
    private Panel _panel;
    private long _lastSequence;
    private double _spent;

    private enum Panel
    {
        None,
        Guidelines,
        Help,
        Skip,
        Note,
    }

    [Parameter]
    public Guid TaskId { get; set; }

    private string CountWords
    {
        get
        {
            var count = $"{_desk!.Done} of {_desk.Total}";
            return Pace.InWords(_desk.SecondsLeft) is { } left ? $"{count}, {left}" : count;
        }
    }

    private string SavedWords => _desk!.Item switch
    {
        _ when Busy => "Saving…",
        _ when _notice is not null => _notice,
        { State: AssignmentState.Answered } => "Submitted",
        _ => _values.Count == 0 ? "" : "Draft, not submitted yet",
    };

    private bool BulkFits => _desk!.Task.Questions is [{ Choices.Count: > 0, Kind: not QuestionKind.BestOfTwo and not QuestionKind.ChooseMany }];

    private bool HasTexts => _desk!.Task.Questions.Any(q => q.Kind is QuestionKind.Text or QuestionKind.Rewrite);

    private string DoneTitle => _desk!.Task switch
    {
        { Closed: true } => "This task is closed",
        { Paused: true } => "This task is paused",
        _ => _desk.Done == _desk.Total ? "All done" : "Nothing left for you just now",
    };

    private string DoneText => _desk!.Task switch
    {
        { Paused: true } => "The lead has paused it. What you did is kept; you can go on when the lead does.",
        { Closed: false } when _desk.Done < _desk.Total => "The last items are before other people. Look again in a while.",
        _ => $"You answered {_desk.Done} items. Thank you. Should a reviewer send one back, it will wait for you among your work.",
    };

    private string KeyOf(string command) => _keys.TryGetValue(command, out var key) ? key : KeyMap.All.First(k => k.Command == command).Key;

    // Reading the page's parameters again, as a change of theme does, must not take the item away from under the typing.
    protected override Task LoadAsync() => _desk?.Task.Id == TaskId ? Task.CompletedTask : GoAsync(AnswerMove.Next);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
            _self = DotNetObjectReference.Create(this);
        if (_desk is not null && _keys.Count == 0)
            await StartKeysAsync();
    }

    protected override async ValueTask LeaveAsync()
    {
        try
        {
            await Js.InvokeVoidAsync("webTrainer.labeling.stop");
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone, and its keys with it.
        }

        _self?.Dispose();
        if (_desk is not null)
            await Answers.LeaveAsync(Caller, ProjectId, TaskId, CancellationToken.None);
    }

    /// <summary>A key of the browser.</summary>
    /// <param name="sequence">Grows with each key; one that was done is not done again.</param>
    /// <param name="item">The item that was before the person when they pressed it.</param>
    /// <param name="seconds">Time of work since the last key.</param>
    [JSInvokable]
    public async Task KeyAsync(long sequence, string item, string command, double seconds)
    {
        if (sequence <= _lastSequence)
            return;
        _lastSequence = sequence;
        if (item != (_desk?.Item?.Id.ToString("N") ?? ""))
            return;
        _spent += double.IsFinite(seconds) ? Math.Max(0, seconds) : 0;
        await PressAsync(command);
        StateHasChanged();
    }

    /// <summary>Words that were selected in the text, for marks.</summary>
    [JSInvokable]
    public void SelectAsync(int start, int end)
    {
        var length = _desk?.Item?.Content.Prompt.Length ?? 0;
        _selected = (Math.Clamp(start, 0, length), Math.Clamp(end, 0, length));
        StateHasChanged();
    }

    private async Task PressAsync(string command)
    {
        _notice = command == "submit" ? _notice : null;
        if (_panel is Panel.Skip or Panel.Note && command == "submit")
            await SendReasonAsync();
        else if (command.StartsWith("digit:", StringComparison.Ordinal) && _desk?.Item is not null)
            await (_sheet?.DigitAsync(command[^1] - '0') ?? Task.CompletedTask);
        else
            await (command switch
            {
                "submit" => SubmitAsync(),
                "draft" => KeepDraftAsync("Draft kept"),
                "up" => _sheet?.MoveAsync(-1) ?? Task.CompletedTask,
                "down" => _sheet?.MoveAsync(1) ?? Task.CompletedTask,
                "accept" => _sheet?.AcceptSuggestionAsync() ?? Task.CompletedTask,
                "back" => ActAsync(() => MoveAsync(AnswerMove.Back)),
                "forward" => ActAsync(() => MoveAsync(AnswerMove.Forward)),
                "undo" => ActAsync(() => MoveAsync(AnswerMove.Undo)),
                "discard" => DiscardAsync(),
                "skip" => AskReasonAsync(Panel.Skip),
                "note" => AskReasonAsync(Panel.Note),
                "guidelines" => ToggleAsync(Panel.Guidelines),
                "help" => ToggleAsync(Panel.Help),
                "close" => ToggleAsync(Panel.None),
                "next-word" or "previous-word" or "longer" or "shorter" => SelectWordAsync(command),
                "remove-mark" => _sheet?.RemoveMarkAsync() ?? Task.CompletedTask,
                _ => Task.CompletedTask,
            });
    }

    private async Task SubmitAsync()
    {
        if (_desk?.Item is not { } item || item.Approved)
            return;
        if (_values.Count == 0)
        {
            _notice = "Choose an answer first";
            return;
        }

        await ActAsync(async () =>
        {
            await Answers.SubmitAsync(Caller, ProjectId, item.Id, _values, _spent, Left);
            _spent = 0;
            if (HasTexts)
                await Js.InvokeVoidAsync("webTrainer.labeling.sent", Left, item.Id.ToString("N"));
            await GoAsync(AnswerMove.Next);
            _notice = $"Submitted item {item.Ordinal + 1}";
        });
    }

    private Task DiscardAsync() => _desk?.Item is not { } item ? Task.CompletedTask : ActAsync(async () =>
    {
        if (item.IsLeft)
        {
            await Answers.RestoreAsync(Caller, ProjectId, item.Id, Left);
            await ReloadAsync(item.Id);
            _notice = "Taken back";
            return;
        }

        await Answers.DiscardAsync(Caller, ProjectId, item.Id, Left);
        await GoAsync(AnswerMove.Next);
        _notice = $"Discarded item {item.Ordinal + 1}; {KeyOf("undo")} goes back to it";
    });

    private async Task AskReasonAsync(Panel panel)
    {
        if (_desk?.Item is null)
            return;
        (_panel, _reason) = (panel, "");
        StateHasChanged();
        await Task.Yield(); // the field is there after the rendering
        await WriteAsync("reason");
    }

    private Task SendReasonAsync() => ActAsync(async () =>
    {
        var item = _desk!.Item!;
        if (_panel == Panel.Skip)
            await Answers.SkipAsync(Caller, ProjectId, item.Id, _reason, Left);
        else
            await Answers.NoteAsync(Caller, ProjectId, item.Id, isFlag: true, _reason, Left);
        var skipped = _panel == Panel.Skip;
        _panel = Panel.None;
        if (skipped)
            await GoAsync(AnswerMove.Next);
        _notice = skipped ? $"Skipped item {item.Ordinal + 1}" : "Sent to the lead";
    });

    private async Task ToggleAsync(Panel panel)
    {
        _panel = _panel == panel ? Panel.None : panel;
        if (_panel == Panel.Guidelines)
            _guidelines = await Answers.GuidelinesAsync(Caller, ProjectId, TaskId, Left);
        if (_panel == Panel.Help)
            _own = await Answers.StatisticsAsync(Caller, ProjectId, TaskId, Left);
    }

    private async Task MoveAsync(AnswerMove move)
    {
        var before = _desk;
        await GoAsync(move);
        if (_desk!.Item is null && before?.Item is not null)
        {
            _desk = before;
            _notice = move == AnswerMove.Forward ? "Nothing further on" : "Nothing before this";
        }
    }

    private async Task GoAsync(AnswerMove move)
    {
        var desk = await Answers.GoAsync(Caller, ProjectId, TaskId, move, _desk?.Item?.Id, Left);
        await ShowAsync(desk, keep: desk.Item is null && move != AnswerMove.Next);
    }

    private async Task ReloadAsync(Guid itemId)
    {
        var desk = await Answers.GoAsync(Caller, ProjectId, TaskId, AnswerMove.Next, null, Left);
        if (desk.Item?.Id != itemId)
            desk = await Answers.GoAsync(Caller, ProjectId, TaskId, AnswerMove.Undo, null, Left);
        await ShowAsync(desk, keep: false);
    }

    private async Task ShowAsync(AnswerDesk desk, bool keep)
    {
        _desk = desk;
        if (keep)
            return;
        (_notice, _selected, _panel) = (null, null, _panel == Panel.Guidelines ? _panel : Panel.None);
        _values = desk.Item?.Values.ToDictionary() ?? [];
        if (desk.Item is { Approved: false } item && HasTexts)
        {
            // A text half written survives a closed tab and a lost connection, in the writer's own browser.
            var kept = await Js.InvokeAsync<Dictionary<string, string>?>("webTrainer.labeling.texts", Left, Caller.UserId, item.Id.ToString("N")) ?? [];
            foreach (var (question, text) in kept.Where(k => desk.Task.Questions.Any(q => q.Key == k.Key) && k.Value.Length > 0))
                _values[question] = text;
        }
    }

    private Task ChangedAsync(Question question)
    {
        _notice = null;
        // Texts are kept by the browser as they are typed; the server gets them with the next answer or Ctrl+S.
        return question.Kind is QuestionKind.Text or QuestionKind.Rewrite || _desk!.Task.Questions.Count == 1 ? Task.CompletedTask : KeepDraftAsync(null);
    }

    private async Task KeepDraftAsync(string? notice)
    {
        if (_desk?.Item is not { Approved: false } item || _values.Count == 0)
            return;
        try
        {
            await Answers.KeepDraftAsync(Caller, ProjectId, item.Id, _values, Left);
            _notice = notice ?? _notice;
        }
        catch (RuleViolationException ex)
        {
            _notice = ex.Message;
        }
    }

    private async Task StartKeysAsync()
    {
        var own = await Js.InvokeAsync<Dictionary<string, string>?>(
            "webTrainer.labeling.start", Left, _self, Caller.UserId, KeyMap.All.Select(k => new { k.Command, k.Key }), _desk!.Task.IdleSeconds);
        _keys = own is { Count: > 0 } ? own : KeyMap.All.ToDictionary(k => k.Command, k => k.Key);
        StateHasChanged();
    }

    private async Task WriteAsync(string question) => await Js.InvokeVoidAsync("webTrainer.labeling.write", Left, question);

    private RenderFragment? Marked(AnswerItem item) => !_desk!.Task.Questions.Any(q => q.Kind == QuestionKind.Spans) ? null : builder =>
    {
        builder.OpenComponent<MarkedText>(0);
        builder.AddComponentParameter(1, nameof(MarkedText.Text), item.Content.Prompt);
        builder.AddComponentParameter(2, nameof(MarkedText.Marks), _sheet?.Marks ?? []);
        builder.AddComponentParameter(3, nameof(MarkedText.Selected), _selected);
        builder.CloseComponent();
    };

    /// <summary>Moves or stretches the selection by words, for those who mark by keyboard.</summary>
    private Task SelectWordAsync(string command)
    {
        if (_desk?.Item is { } item)
            _selected = WordSelection.Move(item.Content.Prompt, _selected, command);
        return Task.CompletedTask;
    }
}
