using WebTrainer.Portal.Components.Shared;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using WebTrainer.Domain.Labels;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>One reviewer, one item with its answers; blind unless the reviewer asks for names.</summary>
public sealed partial class Review
{
    private ReviewDesk? _desk;
    private IReadOnlyList<GivenChoice> _choices = [];
    private int _chosen;
    private bool _named;
    private Mode _mode;
    private string? _correction;
    private string _reason = "";

    /// <summary>What the field begins with; typed text is never written back, which on a slow line would undo letters.</summary>
    private string _reasonBefore = "";
    private bool _focus;
    private ElementReference _answers;
    private ElementReference _reasonField;
    private AnswerInput? _input;

    private enum Mode
    {
        Answers,
        Correct,
        Return,
    }

    [Parameter]
    public Guid TaskId { get; set; }

    private IReadOnlyList<(string Key, string Does)> Hints => _mode switch
    {
        Mode.Return => [("Ctrl Enter", "send back"), ("Esc", "back to the answers")],
        Mode.Correct => [(_desk!.Task.Kind == LabelKind.Rewrite ? "Ctrl Enter" : "Enter", "approve this instead"), ("Esc", "back to the answers")],
        _ => [("1–9", "choose an answer"), ("Enter", "accept"), ("c", "correct"), ("r", "send back"), ("← →", "back, forward"), ("n", "names")],
    };

    private string NothingText => _desk!.Own > 0
        ? $"{_desk.Own} items have your own answer; another reviewer looks at those."
        : "Items come here when they have all the answers that the task asks for.";

    protected override Task LoadAsync() => _desk?.Task.Id == TaskId ? Task.CompletedTask : GoAsync(forward: true);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_focus || _desk?.Item is null)
            return;
        _focus = false;
        if (_mode == Mode.Correct && _input is not null)
            await _input.FocusAsync();
        else
            await (_mode == Mode.Return ? _reasonField : _answers).FocusIfThereAsync();
    }

    private async Task GoAsync(bool forward)
    {
        _desk = await Reviews.GoAsync(Caller, ProjectId, TaskId, _desk?.Item?.Ordinal ?? -1, forward, Left);
        _choices = _desk.Item is { } item ? GivenChoice.Group(item.Answers) : [];
        _chosen = 0;
        _reason = "";
        Show(Mode.Answers);
    }

    private void Show(Mode mode)
    {
        _mode = mode;
        _reasonBefore = _reason;
        if (mode == Mode.Correct)
            _correction = _desk!.Task.Kind == LabelKind.Rewrite ? _choices[_chosen].Value : null;
        _focus = true;
    }

    private async Task KeyAsync(KeyboardEventArgs key)
    {
        if (Busy)
            return;
        switch (AnswerKeys.Command(key, letters: true))
        {
            case AnswerCommand.Save:
                await AcceptAsync();
                return;
            case AnswerCommand.Forward:
                await ActAsync(() => GoAsync(forward: true));
                return;
            case AnswerCommand.Back:
                await ActAsync(() => GoAsync(forward: false));
                return;
        }

        switch (AnswerKeys.Character(key))
        {
            case { } digit and >= '1' and <= '9' when digit - '1' < _choices.Count:
                _chosen = digit - '1';
                break;
            case 'c':
                Show(Mode.Correct);
                break;
            case 'r':
                Show(Mode.Return);
                break;
            case 'n':
                _named = !_named;
                break;
        }
    }

    private Task CorrectionCommandAsync(AnswerCommand command)
    {
        if (command == AnswerCommand.Save)
            return ApproveAsync(_correction);
        if (command == AnswerCommand.Leave)
            Show(Mode.Answers);
        return Task.CompletedTask;
    }

    private async Task ReasonKeyAsync(KeyboardEventArgs key)
    {
        if (key.Key == "Escape")
            Show(Mode.Answers);
        else if (key.Key == "Enter" && (key.CtrlKey || key.MetaKey))
            await ReturnAsync();
    }

    private Task AcceptAsync() => ApproveAsync(_choices[_chosen].Value);

    private async Task ApproveAsync(string? value)
    {
        if (value is not null && _desk?.Item is { } item)
            await DecideAsync(() => Reviews.ApproveAsync(Caller, ProjectId, item.Id, item.Revision, value, Left));
    }

    private async Task ReturnAsync()
    {
        if (_desk?.Item is { } item)
            await DecideAsync(() => Reviews.ReturnAsync(Caller, ProjectId, item.Id, item.Revision, _reason, Left));
    }

    private async Task DecideAsync(Func<Task> decision)
    {
        await ActAsync(async () =>
        {
            await decision();
            await GoAsync(forward: true);
        });
        _focus = true;
    }

    private string Words(string value) => _desk!.Task.Kind == LabelKind.Rate ? $"{value} · {AnswerWords.OfPoints(value)}" : value;
}
