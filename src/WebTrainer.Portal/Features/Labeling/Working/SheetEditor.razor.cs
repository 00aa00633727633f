using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using WebTrainer.Domain.Labels;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>The questions of one item, answered by keys or by mouse.</summary>
public sealed partial class SheetEditor
{
    private readonly Dictionary<string, OptionList> _lists = [];
    private Dictionary<string, string?> _starts = [];
    private string? _active;
    private int _turn;

    /// <summary>Places of the marks that are to be linked, in the order of the text: none, the first, or both.</summary>
    private IReadOnlyList<int> _ends = [];

    [Parameter, EditorRequired]
    public required IReadOnlyList<Question> Questions { get; set; }

    [Parameter, EditorRequired]
    public required ItemContent Content { get; set; }

    [Parameter]
    public IReadOnlyList<Candidate> Candidates { get; set; } = [];

    /// <summary>The answers; changed in place, since they are the page's own copy.</summary>
    [Parameter, EditorRequired]
    public required Dictionary<string, string> Values { get; set; }

    [Parameter]
    public IReadOnlyDictionary<string, string>? Suggestion { get; set; }

    /// <summary>The question whose answer changed.</summary>
    [Parameter]
    public EventCallback<Question> OnChanged { get; set; }

    /// <summary>A text is to be written next: the page gives its field the focus.</summary>
    [Parameter]
    public EventCallback<string> OnWrite { get; set; }

    [Parameter]
    public Func<(int Start, int End)?>? Selection { get; set; }

    private List<Question> Asked => [.. Questions.Where(q => QuestionForm.IsAsked(q, Values))];

    private Question? Active => Asked.Find(q => q.Key == _active);

    protected override void OnInitialized()
    {
        // What a field begins with. Typed text is never written back: on a slow line that would undo letters.
        _starts = Questions.ToDictionary(
            q => q.Key,
            q => Values.GetValueOrDefault(q.Key) ?? (q.Kind == QuestionKind.Rewrite ? Content.Response : null)
        );
        foreach (var rewrite in Questions.Where(q => q is { Kind: QuestionKind.Rewrite, DependsOn: null } && Content.Response is not null))
        {
            Values.TryAdd(rewrite.Key, Content.Response!);
        }
        _active = (Asked.Find(q => !Values.ContainsKey(q.Key)) ?? Asked.FirstOrDefault())?.Key;
    }

    /// <summary>Where the person is: what the next digit answers.</summary>
    public SheetCursor Cursor => new(_active, _turn, Selection?.Invoke()?.Start, Selection?.Invoke()?.End, _ends);

    /// <summary>Goes to where the person was.</summary>
    public void GoTo(SheetCursor cursor)
    {
        if (Asked.Exists(q => q.Key == cursor.Question))
        {
            (_active, _turn, _ends) = (cursor.Question, cursor.Turn, cursor.Ends ?? []);
        }
    }

    /// <summary>Does what was clicked or pressed.</summary>
    /// <returns>False for what no sheet knows.</returns>
    public async Task<bool> DoAsync(string command)
    {
        var parts = command.Split(':', 3);
        var question = parts.Length > 1 ? Asked.Find(q => q.Key == parts[1]) : null;
        switch (parts[0])
        {
            case "digit" when parts.Length == 2 && parts[1] is [var digit] && char.IsAsciiDigit(digit):
                await DigitAsync(digit - '0');
                return true;
            case "up" or "down":
                await MoveAsync(command == "up" ? -1 : 1);
                return true;
            case "accept":
                await AcceptSuggestionAsync();
                return true;
            case "remove-mark":
                await RemoveMarkAsync();
                return true;
            case "question" when question is not null:
                _active = question.Key;
                return true;
            case "pick" when question is not null && parts.Length == 3:
                await PickedAsync(question, parts[2]);
                return true;
            case "turn"
                when question is not null
                    && parts.Length == 3
                    && Numbers(parts[2]) is [var turn, var points]
                    && points >= question.Min
                    && points <= question.Max:
                await RateTurnAsync(question, turn, points);
                return true;
            case "end" when question is not null && parts.Length == 3 && Numbers(parts[2]) is [var place]:
                await EndAsync(question, place);
                return true;
            case "unlink" when question is not null && parts.Length == 3 && Numbers(parts[2]) is [var at]:
                if (Links(question).ElementAtOrDefault(at) is { } link)
                {
                    await UnlinkAsync(question, link);
                }
                return true;
            case "unmark" when question is not null && parts.Length == 3 && parts[2].Split(':', 3) is [var start, var end, var label]:
                if (Spans(question).Find(s => $"{s.Start}" == start && $"{s.End}" == end && s.Label == label) is { } mark)
                {
                    await UnmarkAsync(question, mark);
                }
                return true;
            default:
                return parts[0] is "pick" or "turn" or "unmark" or "end" or "unlink" or "question" or "digit"; // about a question that is not asked any more
        }
    }

    /// <summary>Takes over what was written in the fields.</summary>
    public async Task WriteAsync(IReadOnlyDictionary<string, string> texts)
    {
        foreach (var question in Questions.Where(q => q.Kind is QuestionKind.Text or QuestionKind.Rewrite && texts.ContainsKey(q.Key)))
        {
            await SetAsync(question, texts[question.Key]);
        }
    }

    private static int[] Numbers(string text) =>
        [.. text.Split(':').Select(n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1)];

    private Task PickedAsync(Question question, string option) =>
        question.Kind switch
        {
            QuestionKind.Spans => question.Options.Contains(option) ? MarkAsync(question, option) : Task.CompletedTask,
            QuestionKind.Links => question.Options.Contains(option) ? LinkAsync(question, option) : Task.CompletedTask,
            QuestionKind.Rank => Ranked(question).Contains(option) ? RankAsync(question, option) : Task.CompletedTask,
            _ => question.Choices.Contains(option) ? PickAsync(question, option) : Task.CompletedTask,
        };

    /// <summary>A digit answers the active question.</summary>
    private async Task DigitAsync(int digit)
    {
        if (Active is not { } question)
        {
            return;
        }
        switch (question.Kind)
        {
            case QuestionKind.Spans when digit <= question.Options.Count:
                await MarkAsync(question, question.Options[digit - 1]);
                break;
            case QuestionKind.Links when _ends.Count < LinkEditor.Pair:
                await EndAsync(question, digit - 1);
                break;
            case QuestionKind.Links when digit <= question.Options.Count:
                await LinkAsync(question, question.Options[digit - 1]);
                break;
            case QuestionKind.Rank when digit <= Ranked(question).Count:
                await RankAsync(question, Ranked(question)[digit - 1]);
                break;
            case QuestionKind.TurnRatings when digit >= question.Min && digit <= question.Max:
                await RateTurnAsync(question, _turn, digit);
                break;
            case QuestionKind.Rate when digit >= question.Min && digit <= question.Max:
                await PickAsync(question, digit.ToString(CultureInfo.InvariantCulture));
                break;
            case QuestionKind.Choose or QuestionKind.ChooseMany or QuestionKind.YesNo or QuestionKind.BestOfTwo:
                var shown = _lists.TryGetValue(question.Key, out var list) ? list.Shown : question.Choices;
                if (digit <= Math.Min(shown.Count, OptionList.Most))
                {
                    await PickAsync(question, shown[digit - 1]);
                }
                break;
        }
    }

    /// <summary>Makes the question before or after the active one.</summary>
    private async Task MoveAsync(int by)
    {
        var asked = Asked;
        var at = asked.FindIndex(q => q.Key == _active) + by;
        if (asked.Count == 0)
        {
            return;
        }
        (_active, _ends) = (asked[Math.Clamp(at, 0, asked.Count - 1)].Key, []);
        await WriteIfTextAsync();
        StateHasChanged();
    }

    private async Task AcceptSuggestionAsync()
    {
        foreach (var (key, value) in Suggestion ?? new Dictionary<string, string>())
        {
            await SetAsync(Questions.Single(q => q.Key == key), value);
        }
    }

    private async Task RemoveMarkAsync()
    {
        if (
            Active is { Kind: QuestionKind.Spans } question
            && Selection?.Invoke() is { } at
            && Spans(question).Find(s => s.Start < at.End && s.End > at.Start) is { } mark
        )
        {
            await UnmarkAsync(question, mark);
        }
    }

    private static string Id(Question question) => "q-" + question.Key;

    private string? Value(Question question) => Values.GetValueOrDefault(question.Key);

    private string? Words(Question question, string option) =>
        question.Kind switch
        {
            QuestionKind.YesNo => option == "yes" ? "Yes" : "No",
            // The sides as this person sees them.
            QuestionKind.BestOfTwo => option switch
            {
                Preference.First => "A is better",
                Preference.Second => "B is better",
                Preference.Tie => "Equally good",
                _ => "Both bad",
            },
            _ => null,
        };

    private bool Swapped => Candidates.Count == 2 && Candidates[0].Key != "0";

    private string[] Chosen(Question question) =>
        Value(question) switch
        {
            null => [],
            var many when question.Kind == QuestionKind.ChooseMany => JsonSerializer.Deserialize<string[]>(many)!,
            var side when question.Kind == QuestionKind.BestOfTwo => [Swapped ? Preference.Swap(side) : side],
            var one => [one],
        };

    private async Task PickAsync(Question question, string option)
    {
        _active = question.Key;
        if (question.Kind == QuestionKind.ChooseMany)
        {
            var chosen = Chosen(question);
            await SetAsync(
                question,
                JsonSerializer.Serialize(chosen.Contains(option) ? chosen.Where(c => c != option) : chosen.Append(option))
            );
            return;
        }

        await SetAsync(question, question.Kind == QuestionKind.BestOfTwo && Swapped ? Preference.Swap(option) : option);
        if (Asked.Find(q => !Values.ContainsKey(q.Key)) is { } next)
        {
            _active = next.Key;
            await WriteIfTextAsync();
        }
    }

    private IReadOnlyList<string> Ranked(Question question) =>
        question.Options.Count > 0 ? question.Options : [.. Candidates.Select(c => c.Key)];

    private string[] Order(Question question) => Value(question) is { } value ? JsonSerializer.Deserialize<string[]>(value)! : [];

    private string RankWords(Question question, string option)
    {
        var name = question.Options.Count > 0 ? option : AnswerWords.Letter(Candidates.Index().First(c => c.Item.Key == option).Index);
        var place = Array.IndexOf(Order(question), option);
        return place < 0 ? name : $"{name}: place {place + 1}";
    }

    private Task RankAsync(Question question, string option)
    {
        var order = Order(question);
        return SetAsync(question, JsonSerializer.Serialize(order.Contains(option) ? order.Where(o => o != option) : order.Append(option)));
    }

    private int[] Turns(Question question)
    {
        var count = Content.Turns.Count(t => t.Role == "assistant");
        var given = Value(question) is { } value ? JsonSerializer.Deserialize<int[]>(value)! : [];
        return [.. Enumerable.Range(0, count).Select(t => t < given.Length ? given[t] : int.MinValue)];
    }

    private Task RateTurnAsync(Question question, int turn, int points)
    {
        var turns = Turns(question);
        if (turn >= turns.Length)
        {
            return Task.CompletedTask;
        }
        turns[turn] = points;
        _turn = Math.Min(turn + 1, turns.Length - 1);
        return SetAsync(question, JsonSerializer.Serialize(turns));
    }

    private List<SpanMark> Spans(Question question) =>
        Value(question) is { } value ? JsonSerializer.Deserialize<List<SpanMark>>(value, JsonSerializerOptions.Web)! : [];

    private Task MarkAsync(Question question, string label)
    {
        (_active, _ends) = (question.Key, []);
        return Selection?.Invoke() is { } at && at.End > at.Start
            ? SetAsync(
                question,
                JsonSerializer.Serialize(
                    Spans(question).Append(new SpanMark(at.Start, at.End, label)).Distinct(),
                    JsonSerializerOptions.Web
                )
            )
            : Task.CompletedTask;
    }

    private async Task UnmarkAsync(Question question, SpanMark mark)
    {
        _ends = [];
        await SetAsync(question, JsonSerializer.Serialize(Spans(question).Where(s => s != mark), JsonSerializerOptions.Web));
        var left = AllMarks;
        foreach (var links in Questions.Where(q => q.Kind == QuestionKind.Links && Value(q) is not null))
        {
            await SetLinksAsync(links, Links(links).Where(link => left.Contains(link.From) && left.Contains(link.To)));
        }
    }

    private Task ChangeAsync(Question question, string? text) => SetAsync(question, text ?? "");

    private async Task SetAsync(Question question, string value)
    {
        if (value.Length == 0 || value == "[]" && !question.MayFindNothing)
        {
            Values.Remove(question.Key);
        }
        else
        {
            Values[question.Key] = value;
        }
        StateHasChanged();
        await OnChanged.InvokeAsync(question);
    }

    private Task WriteIfTextAsync() =>
        Active is { Kind: QuestionKind.Text or QuestionKind.Rewrite } text ? OnWrite.InvokeAsync(text.Key) : Task.CompletedTask;
}
