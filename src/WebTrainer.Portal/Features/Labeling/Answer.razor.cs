using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using WebTrainer.Domain.Labels;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>One expert, one item, one screen.</summary>
public sealed partial class Answer
{
    private AnswerDesk? _desk;
    private AnswerInput? _input;
    private string? _value;
    private string? _notice;
    private bool _focus;

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
        { ReturnReason: null, Mine: { } mine } when mine == _value => "Saved",
        _ => _value is null ? "" : "Not saved yet",
    };

    private string DoneTitle => _desk!.Task.Closed ? "This task is closed" : _desk.Done == _desk.Total ? "All done" : "Nothing left for you just now";

    private string DoneText => _desk!.Task.Closed || _desk.Done == _desk.Total
        ? $"You answered {_desk.Done} items. Thank you. Should a reviewer send one back, it will wait for you among your work."
        : "The last items are before other people. Look again in a while.";

    // Reading the page's parameters again, as a change of theme does, must not take the item away from under the typing.
    protected override Task LoadAsync() => _desk?.Task.Id == TaskId ? Task.CompletedTask : GoAsync(AnswerMove.Next);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_focus || _input is null)
            return;
        _focus = false;
        await _input.FocusAsync();
    }

    protected override ValueTask LeaveAsync()
    {
        Answers.Leave(Caller);
        return ValueTask.CompletedTask;
    }

    private async Task CommandAsync(AnswerCommand command)
    {
        if (command == AnswerCommand.Leave)
            return;
        if (command == AnswerCommand.Save)
            await SaveAsync();
        else
            await ActAsync(() => MoveAsync(command));
        _focus = true;
    }

    private async Task SaveAsync()
    {
        if (_desk?.Item is not { } item)
            return;
        if (_value is not { } value)
        {
            _notice = "Choose an answer first";
            return;
        }

        await ActAsync(async () =>
        {
            await Answers.AnswerAsync(Caller, ProjectId, item.Id, value, Left);
            await ForgetDraftAsync(item.Id);
            await GoAsync(AnswerMove.Next);
            _notice = $"Saved item {item.Ordinal + 1}";
        });
    }

    private async Task MoveAsync(AnswerCommand command)
    {
        var before = _desk;
        var move = command switch
        {
            AnswerCommand.Forward => AnswerMove.Forward,
            AnswerCommand.Back => AnswerMove.Back,
            _ => AnswerMove.Undo,
        };
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
        _notice = null;
        if (desk.Item is not null || move == AnswerMove.Next)
            _value = desk.Item is { } item ? await StartValueAsync(desk.Task.Kind, item) : null;
        _desk = desk;
        _focus = true;
    }

    private async Task ChangeAsync(string? value)
    {
        _value = value;
        _notice = null;
        if (_desk is { Task.Kind: LabelKind.Rewrite, Item: { } item })
            await Js.InvokeVoidAsync("localStorage.setItem", Left, DraftKey(item.Id), value ?? "");
    }

    /// <summary>A text half written survives a closed tab and a lost connection, in the writer's own browser.</summary>
    private async Task<string?> StartValueAsync(LabelKind kind, AnswerItem item)
    {
        if (kind != LabelKind.Rewrite)
            return item.Mine;
        var draft = item.Approved ? null : await Js.InvokeAsync<string?>("localStorage.getItem", Left, DraftKey(item.Id));
        return draft ?? item.Mine ?? item.Content.Response;
    }

    private async Task ForgetDraftAsync(Guid itemId)
    {
        if (_desk?.Task.Kind == LabelKind.Rewrite)
            await Js.InvokeVoidAsync("localStorage.removeItem", Left, DraftKey(itemId));
    }

    private string DraftKey(Guid itemId) => $"webtrainer.draft.{Caller.UserId}.{itemId:N}";
}
