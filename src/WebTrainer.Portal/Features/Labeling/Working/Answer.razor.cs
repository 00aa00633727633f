using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using WebTrainer.Domain.Labels;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>
/// One expert, one item, one screen. Keys come from the browser as numbered commands, so that one sent twice is done once.
/// </summary>
public sealed partial class Answer
{
    private AnswerDesk? _desk;
    private SheetEditor? _sheet;
    private Dictionary<string, string> _values = [];
    private IReadOnlyDictionary<string, string> _keys = new Dictionary<string, string>();
    private BrowserKeys<Answer>? _heard;
    private OwnStatistics? _own;
    private (int Start, int End)? _selected;
    private string _guidelines = "";
    private string _reason = "";
    private string? _notice;
    private Panel _panel;
    private double _spent;

    /// <summary>Grows when the sheet is to be shown anew although the item is the same.</summary>
    private int _round;

    /// <summary>Of each page load, the last number that this page has dealt with.</summary>
    private readonly Dictionary<string, long> _lastOf = [];
    private readonly HashSet<string> _met = [];
    private readonly SemaphoreSlim _turn = new(1);
    private readonly string _clicks = $"clicks-{Guid.CreateVersion7():N}";

    /// <summary>Two windows that write at once both get through in so many tries.</summary>
    private const int MaxTries = 8;

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

    private string SavedWords =>
        _desk!.Item switch
        {
            _ when Busy => "Saving…",
            _ when _notice is not null => _notice,
            { State: AssignmentState.Answered, Submitted: { } counts } => IsSame(counts) ? "Submitted" : "Changed, not submitted yet",
            _ => _values.Count == 0 ? "" : "Draft, not submitted yet",
        };

    private bool BulkFits =>
        _desk!.Task.Questions is [{ Choices.Count: > 0, Kind: not QuestionKind.BestOfTwo and not QuestionKind.ChooseMany }];

    private bool IsSame(IReadOnlyDictionary<string, string> counts) =>
        QuestionForm.Write(counts)
        == QuestionForm.Write(
            _values.Where(v => _desk!.Task.Questions.Any(q => q.Key == v.Key && QuestionForm.IsAsked(q, _values))).ToDictionary()
        );

    private string DoneTitle =>
        _desk!.Task switch
        {
            { Closed: true } => "This task is closed",
            { Paused: true } => "This task is paused",
            _ => _desk.Done == _desk.Total ? "All done" : "Nothing left for you just now",
        };

    private string DoneText =>
        _desk!.Task switch
        {
            { Paused: true } => "The lead has paused it. What you did is kept; you can go on when the lead does.",
            { Closed: false } when _desk.Done < _desk.Total => "The last items are before other people. Look again in a while.",
            _ => $"You answered {_desk.Done} items. Thank you. Should a reviewer send one back, it will wait for you among your work.",
        };

    private string KeyOf(string command) => _keys.TryGetValue(command, out var key) ? key : KeyMap.All.First(k => k.Command == command).Key;

    // Reading the page's parameters again, as a change of theme does, must not take the item away from under the typing.
    protected override async Task LoadAsync()
    {
        if (_desk?.Task.Id == TaskId)
        {
            return;
        }

        await GoAsync(AnswerMove.Next);
        Answers.Sit(Caller, TaskId);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _heard = new BrowserKeys<Answer>(Js, this);
        }

        if (_desk is not null && _keys.Count == 0)
        {
            await StartKeysAsync();
        }
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

    /// <summary>
    /// What a person did, as their browser kept it until it was acknowledged: in its order, and once, however often it is sent.
    /// </summary>
    [JSInvokable]
    public async Task KeyAsync(KeyPress press)
    {
        await _turn.WaitAsync(Left); // what is sent again while its first sending is still at work waits for that
        try
        {
            await HearAsync(press);
        }
        finally
        {
            _turn.Release();
        }

        StateHasChanged();
    }

    /// <summary>A click that did not come by the browser's keys: it takes its turn with them.</summary>
    private Task ClickAsync(string command) => KeyAsync(new KeyPress(_clicks, _lastOf.GetValueOrDefault(_clicks) + 1, ItemNow, command));

    private string ItemNow => _desk?.Item?.Id.ToString("N") ?? "";

    private async Task HearAsync(KeyPress press)
    {
        if (_desk is null || press.Sequence <= _lastOf.GetValueOrDefault(press.Stream))
        {
            return;
        }

        try
        {
            var isHere = press.Item == ItemNow;
            if (isHere || press.Again && await ReachAsync(press))
            {
                _spent += double.IsFinite(press.Seconds) ? Math.Max(0, press.Seconds) : 0;
                await DoAsync(press, begins: _met.Add(press.Stream) || !isHere);
                if (press.Again && _desk.Item is { Approved: true })
                {
                    _notice = "This item was decided meanwhile; what you did on it since is not kept.";
                }
            }
        }
        catch (Exception ex) when (RefusalHandler.StatusOf(ex) is not null)
        {
            _notice = RefusalHandler.SentenceOf(ex);
        }

        _lastOf[press.Stream] = press.Sequence;
    }

    /// <summary>Goes back to the item that something was done on before a reload, or before the server went on.</summary>
    private async Task<bool> ReachAsync(KeyPress press)
    {
        if (!Guid.TryParse(press.Item, out var item))
        {
            return false;
        }

        await ShowAsync(await Answers.OpenAsync(Caller, ProjectId, TaskId, item, Left), keep: false);
        StateHasChanged(); // the sheet is that item's from here on
        return true;
    }

    /// <param name="begins">The page load's first word on the item as it is shown now.</param>
    private async Task DoAsync(KeyPress press, bool begins)
    {
        if (_desk!.Item is { } item)
        {
            if (begins && item.Heard.CursorOf(press.Stream) is { } cursor)
            {
                GoTo(cursor);
            }

            if (item.Heard.Holds(press))
            {
                return;
            }
        }

        if (press.Texts?.TryGetValue("reason", out var reason) == true)
        {
            _reason = reason;
        }

        if (press.Command is not "submit")
        {
            _notice = null;
        }

        if (await ChangeSheetAsync(press))
        {
            return;
        }

        await PressAsync(press);
    }

    private void GoTo(SheetCursor cursor)
    {
        _sheet?.GoTo(cursor);
        if (cursor is { Start: { } start, End: { } end })
        {
            Select(start, end);
        }
    }

    /// <summary>Does what changes the answers or where the person is among them, and keeps it before it is acknowledged.</summary>
    private async Task<bool> ChangeSheetAsync(KeyPress press)
    {
        for (var tried = 1; _desk!.Item is { } item; tried++)
        {
            var before = QuestionForm.Write(_values);
            if (!await ApplyAsync(press))
            {
                return false;
            }

            if (item.Approved || await KeepOrTakeBackAsync(item, press, before))
            {
                if (press.Again && press.Texts is not null)
                {
                    _round++; // the field shows what was typed before the reload
                }

                return true;
            }

            if (tried == MaxTries)
            {
                throw new ConflictException("This answer changes in another window at the same time. Close one of them.");
            }
            // Changed in another window since this one looked: what was pressed here counts upon what is kept.
            await LookAgainAsync(item, press);
        }

        return false;
    }

    private async Task<bool> ApplyAsync(KeyPress press)
    {
        if (_sheet is null)
        {
            return false;
        }

        if (press.Command.StartsWith("select:", StringComparison.Ordinal))
        {
            if (press.Command.Split(':') is [_, var from, var to] && int.TryParse(from, out var start) && int.TryParse(to, out var end))
            {
                Select(start, end);
            }

            return true;
        }

        switch (press.Command)
        {
            case "next-word" or "previous-word" or "longer" or "shorter":
                _selected = WordSelection.Move(_desk!.Item!.Content.Prompt, _selected, press.Command);
                return true;
            case "texts":
                await _sheet.WriteAsync(press.Texts ?? new Dictionary<string, string>());
                return true;
            case "draft":
                _notice = "Draft kept";
                return true;
            default:
                return await _sheet.DoAsync(press.Command);
        }
    }

    /// <summary>Where keeping fails by an accident, the key is not done either: it is sent again, and must not count twice.</summary>
    private async Task<bool> KeepOrTakeBackAsync(AnswerItem item, KeyPress press, string before)
    {
        try
        {
            return await KeepAsync(item, press, changed: QuestionForm.Write(_values) != before);
        }
        catch (Exception ex) when (RefusalHandler.StatusOf(ex) is null)
        {
            _values = QuestionForm.Read(before).ToDictionary();
            throw;
        }
    }

    private async Task<bool> KeepAsync(AnswerItem item, KeyPress press, bool changed)
    {
        var heard = item.Heard.With(press, _sheet!.Cursor);
        if (
            !await Answers.KeepDraftAsync(
                Caller,
                ProjectId,
                item.Id,
                changed || press.Command == "draft" && _values.Count > 0 ? _values : null,
                Left,
                new AnswerSeen(item.Revision, heard)
            )
        )
        {
            return false;
        }

        _desk = _desk! with { Item = item with { Revision = item.Revision + 1, Heard = heard } };
        return true;
    }

    private async Task LookAgainAsync(AnswerItem item, KeyPress press)
    {
        var (cursor, selected) = (_sheet!.Cursor, _selected);
        var texts = _values.Where(v => IsText(v.Key)).ToDictionary();
        await ShowAsync(await Answers.OpenAsync(Caller, ProjectId, TaskId, item.Id, Left), keep: false);
        if (texts.Any(t => _values.GetValueOrDefault(t.Key) != t.Value && press.Texts?.ContainsKey(t.Key) != true))
        {
            _round++; // a field that shows an older text
        }

        StateHasChanged();
        _sheet?.GoTo(cursor);
        _selected = selected;
    }

    private bool IsText(string question) =>
        _desk!.Task.Questions.Any(q => q.Key == question && q.Kind is QuestionKind.Text or QuestionKind.Rewrite);

    private void Select(int start, int end)
    {
        _selected = WordSelection.Snap(_desk?.Item?.Content.Prompt ?? "", start, end);
    }

    private Task PressAsync(KeyPress press) =>
        press.Command switch
        {
            "submit:skip" => SendReasonAsync(press, Panel.Skip),
            "submit:note" => SendReasonAsync(press, Panel.Note),
            "submit" when _panel is Panel.Skip or Panel.Note => SendReasonAsync(press, _panel),
            "submit" => SubmitAsync(press),
            "back" => ActAsync(() => MoveAsync(AnswerMove.Back)),
            "forward" => ActAsync(() => MoveAsync(AnswerMove.Forward)),
            "undo" => ActAsync(() => MoveAsync(AnswerMove.Undo)),
            "discard" => DiscardAsync(press),
            "skip" => AskReasonAsync(Panel.Skip),
            "note" => AskReasonAsync(Panel.Note),
            "guidelines" => ToggleAsync(Panel.Guidelines),
            "help" => ToggleAsync(Panel.Help),
            "close" => ToggleAsync(Panel.None),
            _ => Task.CompletedTask,
        };

    private AnswerSeen SeenWith(AnswerItem item, KeyPress press) =>
        new(item.Revision, item.Heard.With(press, _sheet?.Cursor ?? new SheetCursor(null)));

    /// <summary>Does what ends the work on an item; when another window changed it meanwhile, shows what is kept instead.</summary>
    private Task EndAsync(AnswerItem item, Func<Task> end) =>
        ActAsync(async () =>
        {
            try
            {
                await end();
            }
            catch (AnswerChangedElsewhereException)
            {
                await ShowAsync(await Answers.OpenAsync(Caller, ProjectId, TaskId, item.Id, Left), keep: false);
                _round++;
                _notice = "You changed this item in another window. This is what is kept: look at it, then press again.";
            }
        });

    private async Task SubmitAsync(KeyPress press)
    {
        if (_desk?.Item is not { } item || item.Approved)
        {
            return;
        }
        // Nothing to mark is an answer too.
        if (_values.Count == 0 && !_desk.Task.Questions.Any(q => q.Kind == QuestionKind.Spans && QuestionForm.IsAsked(q, _values)))
        {
            _notice = "Choose an answer first";
            return;
        }

        await EndAsync(
            item,
            async () =>
            {
                await Answers.SubmitAsync(Caller, ProjectId, item.Id, _values, _spent, Left, SeenWith(item, press));
                _spent = 0;
                await GoAsync(AnswerMove.Next);
                _notice = $"Submitted item {item.Ordinal + 1}";
            }
        );
    }

    private Task DiscardAsync(KeyPress press) =>
        _desk?.Item is not { } item
            ? Task.CompletedTask
            : EndAsync(
                item,
                async () =>
                {
                    if (item.IsLeft)
                    {
                        await Answers.RestoreAsync(Caller, ProjectId, item.Id, Left, SeenWith(item, press));
                        await ShowAsync(await Answers.OpenAsync(Caller, ProjectId, TaskId, item.Id, Left), keep: false);
                        _notice = "Taken back";
                        return;
                    }

                    await Answers.DiscardAsync(Caller, ProjectId, item.Id, Left, SeenWith(item, press));
                    await GoAsync(AnswerMove.Next);
                    _notice = $"Discarded item {item.Ordinal + 1}; {KeyOf("undo")} goes back to it";
                }
            );

    private async Task AskReasonAsync(Panel panel)
    {
        if (_desk?.Item is null)
        {
            return;
        }

        (_panel, _reason) = (panel, "");
        StateHasChanged();
        await Task.Yield(); // the field is there after the rendering
        await WriteAsync("reason");
    }

    /// <param name="why">What was written for: after a reload the field is gone, and the word is meant all the same.</param>
    private Task SendReasonAsync(KeyPress press, Panel why) =>
        EndAsync(
            _desk!.Item!,
            async () =>
            {
                var item = _desk!.Item!;
                var seen = SeenWith(item, press);
                if (why == Panel.Skip)
                {
                    await Answers.SkipAsync(Caller, ProjectId, item.Id, _reason, Left, seen);
                    _panel = Panel.None;
                    await GoAsync(AnswerMove.Next);
                    _notice = $"Skipped item {item.Ordinal + 1}";
                    return;
                }

                await Answers.NoteAsync(Caller, ProjectId, item.Id, isFlag: true, _reason, Left, seen);
                _desk = _desk with { Item = item with { Heard = seen.Heard } };
                _panel = Panel.None;
                _notice = "Sent to the lead";
            }
        );

    private async Task ToggleAsync(Panel panel)
    {
        _panel = _panel == panel ? Panel.None : panel;
        if (_panel == Panel.Guidelines)
        {
            _guidelines = await Answers.GuidelinesAsync(Caller, ProjectId, TaskId, Left);
        }

        if (_panel == Panel.Help)
        {
            _own = await Answers.StatisticsAsync(Caller, ProjectId, TaskId, Left);
        }
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

    private Task ShowAsync(AnswerDesk desk, bool keep)
    {
        _desk = desk;
        if (!keep)
        {
            (_notice, _selected, _panel) = (null, null, _panel == Panel.Guidelines ? _panel : Panel.None);
            _values = desk.Item?.Values.ToDictionary() ?? [];
        }

        return Task.CompletedTask;
    }

    private void Changed() => _notice = null;

    private async Task StartKeysAsync()
    {
        _keys = await _heard!.StartAsync(Caller.UserId, KeyMap.All, _desk!.Task.IdleSeconds, resumes: true, Left);
        StateHasChanged();
    }

    private Task WriteAsync(string question) => _heard!.WriteAsync(question, Left);

    private IReadOnlyList<SpanMark> Marks =>
        [
            .. _desk!
                .Task.Questions.Where(q => q.Kind == QuestionKind.Spans && QuestionForm.IsAsked(q, _values) && _values.ContainsKey(q.Key))
                .SelectMany(q => JsonSerializer.Deserialize<SpanMark[]>(_values[q.Key], JsonSerializerOptions.Web)!),
        ];

    private RenderFragment? Marked(AnswerItem item) =>
        !_desk!.Task.Questions.Any(q => q.Kind == QuestionKind.Spans)
            ? null
            : builder =>
            {
                builder.OpenComponent<MarkedText>(0);
                builder.AddComponentParameter(1, nameof(MarkedText.Text), item.Content.Prompt);
                builder.AddComponentParameter(2, nameof(MarkedText.Marks), Marks);
                builder.AddComponentParameter(3, nameof(MarkedText.Selected), _selected);
                builder.CloseComponent();
            };
}
