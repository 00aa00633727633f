using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;
using WebTrainer.Domain.Labels;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>Many items at once, each with the label that is most likely: only what is wrong needs a key.</summary>
public sealed partial class Bulk
{
    private static readonly (string Key, string Does)[] s_hints =
    [
        ("1–9", "answer the chosen rows, or the one that is marked"),
        ("↑ ↓", "move"),
        ("x", "choose the row"),
        ("a", "choose all"),
        ("Enter", "submit what is answered"),
    ];

    private readonly Dictionary<Guid, string> _answers = [];
    private readonly HashSet<Guid> _chosen = [];
    private AnswerDesk? _desk;
    private Question? _question;
    private IReadOnlyList<AnswerItem> _items = [];
    private BrowserKeys<Bulk>? _heard;
    private int _size = 25;
    private int _at;
    private long _lastSequence;
    private double _spent;

    [Parameter]
    public Guid TaskId { get; set; }

    protected override async Task LoadAsync()
    {
        if (_desk is not null)
        {
            return;
        }
        await FillAsync();
        Answers.Sit(Caller, TaskId);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_heard is not null || _desk is null)
        {
            return;
        }

        _heard = new BrowserKeys<Bulk>(Js, this);
        await _heard.StartAsync(Caller.UserId, KeyMap.All, _desk.Task.IdleSeconds, resumes: false, Left);
    }

    protected override async ValueTask LeaveAsync()
    {
        if (_heard is not null)
        {
            await _heard.StopAsync();
        }

        if (_desk is not null)
        {
            await Answers.LeaveAsync(Caller, ProjectId, TaskId, CancellationToken.None);
        }
    }

    [JSInvokable]
    public async Task KeyAsync(KeyPress press)
    {
        if (press.Sequence <= _lastSequence || press.Item != "bulk" || Busy)
        {
            return;
        }
        var command = press.Command;
        _lastSequence = press.Sequence;
        _spent += double.IsFinite(press.Seconds) ? Math.Max(0, press.Seconds) : 0;
        if (command.StartsWith("digit:", StringComparison.Ordinal))
        {
            await DigitAsync(command[^1] - '0');
        }
        else if (command.StartsWith("pick:", StringComparison.Ordinal))
        {
            await PickAsync(command["pick:".Length..]);
        }
        else if (
            command.StartsWith("at:", StringComparison.Ordinal)
            && int.TryParse(command["at:".Length..], out var row)
            && row >= 0
            && row < _items.Count
        )
        {
            _at = row;
        }
        else if (
            command.StartsWith("toggle:", StringComparison.Ordinal)
            && Guid.TryParse(command["toggle:".Length..], out var item)
            && _items.Any(i => i.Id == item)
        )
        {
            Toggle(item);
        }
        else if (command == "submit")
        {
            await SubmitAsync();
        }
        else if (command == "accept")
        {
            ChooseAll();
        }
        else if (command == "remove-mark" && _items.Count > 0)
        {
            Toggle(_items[_at].Id);
        }
        else if (command is "up" or "down")
        {
            _at = Math.Clamp(_at + (command == "up" ? -1 : 1), 0, Math.Max(0, _items.Count - 1));
        }
        StateHasChanged();
    }

    private Task DigitAsync(int digit) =>
        PickAsync(_question?.Kind == QuestionKind.Rate ? $"{digit}" : _question?.Choices.ElementAtOrDefault(digit - 1));

    private Task PickAsync(string? choice) =>
        choice is not null && _question?.Choices.Contains(choice) == true ? AnswerChosenAsync(choice) : Task.CompletedTask;

    /// <summary>Answers the chosen rows, or the one that is marked; each is kept at once, so that a reload loses none.</summary>
    private async Task AnswerChosenAsync(string choice)
    {
        Guid[] rows =
            _chosen.Count > 0 ? [.. _chosen]
            : _items.Count > 0 ? [_items[_at].Id]
            : [];
        foreach (var row in rows)
        {
            _answers[row] = choice;
        }
        if (_chosen.Count == 0)
        {
            _at = Math.Min(_at + 1, _items.Count - 1);
        }
        _chosen.Clear();
        foreach (var row in rows)
        {
            await Answers.KeepDraftAsync(Caller, ProjectId, row, SheetOf(choice), Left);
        }
    }

    private Dictionary<string, string> SheetOf(string choice) => new() { [_question!.Key] = choice };

    private void Toggle(Guid item)
    {
        if (!_chosen.Remove(item))
        {
            _chosen.Add(item);
        }
    }

    private void ChooseAll()
    {
        foreach (var item in _items.Where(i => !_answers.ContainsKey(i.Id)))
        {
            _chosen.Add(item.Id);
        }
    }

    private Task ResizeAsync(int size)
    {
        _size = size;
        return ActAsync(FillAsync);
    }

    private Task SubmitAsync() =>
        ActAsync(async () =>
        {
            var each = _answers.Count == 0 ? 0 : _spent / _answers.Count;
            foreach (var (item, value) in _answers.ToList())
            {
                await Answers.SubmitAsync(Caller, ProjectId, item, SheetOf(value), each, Left);
                _answers.Remove(item);
            }

            _spent = 0;
            await FillAsync();
        });

    private async Task FillAsync()
    {
        _desk = await Answers.GoAsync(Caller, ProjectId, TaskId, AnswerMove.Next, null, Left);
        _question = _desk.Task.Questions is [{ Choices.Count: > 0, Kind: not QuestionKind.BestOfTwo and not QuestionKind.ChooseMany } only]
            ? only
            : null;
        _items = _question is null ? [] : await Answers.BatchAsync(Caller, ProjectId, TaskId, _size, Left);
        foreach (var item in _items.Where(i => i.State == AssignmentState.Held))
        {
            if (item.Values.TryGetValue(_question!.Key, out var begun))
            {
                _answers.TryAdd(item.Id, begun);
            }
        }

        _at = 0;
    }
}
