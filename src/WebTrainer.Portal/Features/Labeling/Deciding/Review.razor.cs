using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using WebTrainer.Domain.Labels;
using WebTrainer.Portal.Components.Shared;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>One adjudicator, one item with its answers side by side; who gave them is not on this page.</summary>
public sealed partial class Review
{
    /// <summary>After so long without a key nobody is thought to be at work.</summary>
    private const int IdleSeconds = 60;

    private static readonly KeyBinding[] s_keys =
    [
        new("submit", "Enter", "accept"),
        new("correct", "c", "correct"),
        new("return", "r", "send back"),
        new("further", "m", "ask one more"),
        new("back", "ArrowLeft", "item before"),
        new("forward", "ArrowRight", "next item"),
        new("up", "ArrowUp", "up"),
        new("down", "ArrowDown", "down"),
    ];

    private static readonly (string Key, string Does)[] s_hints =
    [
        ("1–9", "choose an answer"),
        ("Enter", "accept"),
        ("c", "correct"),
        ("r", "send back"),
        ("m", "ask one more person"),
        ("← →", "back, forward"),
        ("Esc", "back to the answers"),
    ];

    private ReviewDesk? _desk;
    private SheetEditor? _sheet;
    private BrowserKeys<Review>? _heard;
    private Dictionary<string, string> _correction = [];
    private string _reason = "";
    private int _chosen;
    private Mode _mode;
    private long _lastSequence;

    private enum Mode
    {
        Answers,
        Correct,
        Return,
    }

    [Parameter]
    public Guid TaskId { get; set; }

    private string NothingText =>
        _desk!.Own > 0
            ? $"{_desk.Own} items have your own answer; somebody else decides on those."
            : "Items come here when people disagree on them, or when an item has only one answer.";

    protected override Task LoadAsync() => _desk?.Task.Id == TaskId ? Task.CompletedTask : GoAsync(forward: true);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_heard is not null || _desk is null)
        {
            return;
        }

        _heard = new BrowserKeys<Review>(Js, this);
        await _heard.StartAsync(
            Caller.UserId,
            [.. s_keys.Select(k => k with { Command = "decide-" + k.Command })],
            IdleSeconds,
            resumes: false,
            Left
        );
    }

    protected override async ValueTask LeaveAsync()
    {
        if (_heard is not null)
        {
            await _heard.StopAsync();
        }
    }

    [JSInvokable]
    public async Task KeyAsync(KeyPress press)
    {
        if (press.Sequence <= _lastSequence)
        {
            return;
        }

        _lastSequence = press.Sequence;
        if (press.Item != (_desk?.Item?.Id.ToString("N") ?? ""))
        {
            return;
        }

        if (press.Texts?.TryGetValue("reason", out var reason) == true)
        {
            _reason = reason;
        }

        var command = press.Command == "submit:return" ? "submit" : press.Command.Replace("decide-", "", StringComparison.Ordinal);
        if (_mode == Mode.Correct && _sheet is not null && press.Command == "texts")
        {
            await _sheet.WriteAsync(press.Texts ?? new Dictionary<string, string>());
        }
        else if (_mode != Mode.Correct || _sheet is null || !await _sheet.DoAsync(command))
        {
            await PressAsync(command);
        }

        StateHasChanged();
    }

    private async Task PressAsync(string command)
    {
        if (Busy || _desk?.Item is not { } item)
        {
            return;
        }

        if (command.StartsWith("digit:", StringComparison.Ordinal))
        {
            if (command[^1] - '1' is var place && place >= 0 && place < item.Answers.Count)
            {
                _chosen = place;
            }

            return;
        }

        if (command.StartsWith("choose:", StringComparison.Ordinal))
        {
            _chosen =
                int.TryParse(command["choose:".Length..], out var choice) && choice >= 0 && choice < item.Answers.Count ? choice : _chosen;
            return;
        }

        switch (command)
        {
            case "submit" when _mode == Mode.Correct:
                await DecideAsync(() => Reviews.ApproveAsync(Caller, ProjectId, item.Id, item.Revision, _correction, Left));
                break;
            case "submit" when _mode == Mode.Return:
                await DecideAsync(() => Reviews.ReturnAsync(Caller, ProjectId, item.Id, item.Revision, _reason, Left));
                break;
            case "submit" when item.Answers.Count > 0:
                await DecideAsync(() =>
                    Reviews.ApproveAsync(Caller, ProjectId, item.Id, item.Revision, item.Answers[_chosen].Values, Left)
                );
                break;
            case "further":
                await DecideAsync(() => Reviews.AskFurtherAsync(Caller, ProjectId, item.Id, item.Revision, Left));
                break;
            case "correct":
                _correction = item.Answers.Count > 0 ? item.Answers[_chosen].Values.ToDictionary() : [];
                await ShowAsync(Mode.Correct);
                break;
            case "return" when item.Answers.Count > 0:
                await ShowAsync(Mode.Return);
                break;
            case "close":
                await ShowAsync(Mode.Answers);
                break;
            case "up" or "down":
                _chosen = Math.Clamp(_chosen + (command == "up" ? -1 : 1), 0, Math.Max(0, item.Answers.Count - 1));
                break;
            case "back" or "forward":
                await ActAsync(() => GoAsync(command == "forward"));
                break;
        }
    }

    private async Task GoAsync(bool forward)
    {
        _desk = await Reviews.GoAsync(Caller, ProjectId, TaskId, _desk?.Item?.Ordinal ?? -1, forward, Left);
        (_chosen, _reason, _mode) = (0, "", Mode.Answers);
    }

    private async Task ShowAsync(Mode mode)
    {
        (_mode, _reason) = (mode, "");
        StateHasChanged();
        await Task.Yield(); // the field is there after the rendering
        if (mode == Mode.Return)
        {
            await WriteAsync("reason");
        }
    }

    private Task DecideAsync(Func<Task> decision) =>
        ActAsync(async () =>
        {
            await decision();
            await GoAsync(forward: true);
        });

    private Task WriteAsync(string question) => _heard!.WriteAsync(question, Left);

    private static bool Differs(ReviewItem item, string key) =>
        item.Answers.Select(a => a.Values.GetValueOrDefault(key)).Distinct().Count() > 1;

    /// <summary>The chance that all its labels are true, as far as they can be told.</summary>
    private static double? Likely(ReviewItem item, GivenAnswer given)
    {
        var chances = item
            .Likely.Where(q => given.Values.ContainsKey(q.Key))
            .Select(q => q.Value.GetValueOrDefault(given.Values[q.Key]))
            .ToList();
        return chances.Count == 0 ? null : chances.Aggregate(1.0, (all, chance) => all * chance);
    }

    private static string LikelyWords(double chance) =>
        chance switch
        {
            > 0.99 => "true with more than 99 %, by how people answered the other items",
            < 0.01 => "true with less than 1 %, by how people answered the other items",
            _ => $"true with about {Format.Percent(chance, 0)}, by how people answered the other items",
        };

    /// <summary>Sides are named as this page shows them.</summary>
    private static string Words(ReviewItem item, Question question, string value) =>
        question.Kind != QuestionKind.BestOfTwo
            ? AnswerWords.Answer(question, value)
            : (item.Candidates is [{ Key: not "0" }, _] ? Preference.Swap(value) : value) switch
            {
                Preference.First => "A is better",
                Preference.Second => "B is better",
                Preference.Tie => "Equally good",
                _ => "Both bad",
            };
}
