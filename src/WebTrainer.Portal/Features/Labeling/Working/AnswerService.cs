using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>Where a person goes from the item before them.</summary>
public enum AnswerMove
{
    /// <summary>To what waits for an answer: sent-back items first, then what they hold, then a new one.</summary>
    Next,
    Forward,
    Back,

    /// <summary>To the answer given before this one, to change it.</summary>
    Undo,
}

public sealed record AnswerTask(
    Guid Id,
    string Name,
    IReadOnlyList<Question> Questions,
    int GuidelinesVersion,
    int IdleSeconds,
    bool Closed,
    bool Paused
);

/// <summary>A response to compare.</summary>
/// <param name="Key">Its number in the item's own order, which answers refer to. The list is in the order shown, which differs by
/// person.</param>
public sealed record Candidate(string Key, string Text);

public sealed record NoteView(Guid Id, bool IsFlag, string Text, DateTimeOffset At, string? Reply);

/// <summary>An item as its annotator sees it: their own answers only, no names, no models.</summary>
/// <param name="Values">The caller's draft, else their answers.</param>
/// <param name="Submitted">What counts; null when nothing was submitted.</param>
/// <param name="Revision">Of the caller's own answer, for <see cref="AnswerSeen"/>.</param>
/// <param name="ReturnReason">Why a reviewer sent it back; null when it was not.</param>
/// <param name="Suggestion">What a model or rule would answer; null where there is none, or the task hides it.</param>
public sealed record AnswerItem(
    Guid Id,
    int Ordinal,
    ItemContent Content,
    IReadOnlyList<Candidate> Candidates,
    IReadOnlyDictionary<string, string> Values,
    AssignmentState State,
    DateTimeOffset? AnsweredAt,
    string? ReturnReason,
    bool Approved,
    IReadOnlyDictionary<string, string>? Suggestion,
    IReadOnlyList<NoteView> Notes,
    IReadOnlyDictionary<string, string>? Submitted,
    int Revision,
    [property: JsonIgnore] HeardKeys Heard
)
{
    public bool IsLeft => State is AssignmentState.Skipped or AssignmentState.Discarded;
    public ItemShape Shape => Content.Shape(Candidates.Count);
}

/// <summary>The state of their answer that a person looks at while they change it, and what it has heard with the change.</summary>
public sealed record AnswerSeen(int Revision, HeardKeys Heard);

/// <summary>The person has changed this answer elsewhere: what they look at is no longer what is kept.</summary>
public sealed class AnswerChangedElsewhereException() : Exception("You changed this answer in another window.");

/// <param name="Item">Null when there is nothing in that direction.</param>
/// <param name="Total">What the caller has answered and can still answer.</param>
public sealed record AnswerDesk(AnswerTask Task, AnswerItem? Item, int Done, int Total, double? SecondsLeft);

/// <summary>A person's own figures; nobody is compared with anybody.</summary>
public sealed record OwnStatistics(
    int Answered,
    int Today,
    int Skipped,
    int Discarded,
    double? MedianSeconds,
    double Hours,
    double? SuggestionsTaken
);

/// <summary>One expert at work: an item at a time, each answer kept at once and open to change until it is decided.</summary>
public sealed class AnswerService(Authorizer authorizer, RowLookup rows, FileStore files, Claims claims, WriteGate gate, TodoCounts todos)
{
    public const int MaxBatch = 100;

    /// <summary>As many as can race for one item, so that each of them gets its turn.</summary>
    private const int MaxTries = 2 * TaskRules.MostOverlap;

    private readonly ConcurrentDictionary<(Guid Task, string User), int> _windows = new();

    /// <param name="fromItem">The item before the caller; null at the beginning.</param>
    public async Task<AnswerDesk> GoAsync(
        Caller caller,
        Guid projectId,
        Guid taskId,
        AnswerMove move,
        Guid? fromItem,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.AnswerItems, cancellationToken);
        var task = await work.OwnTaskAsync(taskId, cancellationToken);
        await work.NoteReadAsync("labeling.items-read", taskId, cancellationToken);
        var item = move switch
        {
            AnswerMove.Next => await NextAsync(work, task, fromItem, cancellationToken),
            AnswerMove.Forward => await ForwardAsync(work, task, fromItem, cancellationToken),
            AnswerMove.Back => await BackAsync(work, task, fromItem, cancellationToken),
            AnswerMove.Undo => await LastLeftAsync(work, task, fromItem, cancellationToken),
            _ => throw new ArgumentOutOfRangeException(nameof(move), move, null),
        };
        return await DeskAsync(work, task, item, cancellationToken);
    }

    /// <summary>An item that the caller has or had, from wherever they are.</summary>
    /// <exception cref="NotFoundException">It was never handed out to them.</exception>
    public async Task<AnswerDesk> OpenAsync(Caller caller, Guid projectId, Guid taskId, Guid itemId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.AnswerItems, cancellationToken);
        var task = await work.OwnTaskAsync(taskId, cancellationToken);
        await work.NoteReadAsync("labeling.items-read", taskId, cancellationToken);
        return await Mine(work, task).AnyAsync(a => a.ItemId == itemId, cancellationToken)
            ? await DeskAsync(work, task, itemId, cancellationToken)
            : throw new NotFoundException("This item was not handed out to you.");
    }

    /// <summary>Several items at once, for the bulk view: what the caller holds, filled up with new ones.</summary>
    public async Task<IReadOnlyList<AnswerItem>> BatchAsync(
        Caller caller,
        Guid projectId,
        Guid taskId,
        int count,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.AnswerItems, cancellationToken);
        var task = await work.OwnTaskAsync(taskId, cancellationToken);
        await work.NoteReadAsync("labeling.items-read", taskId, cancellationToken);
        var me = caller.UserId;
        count = Math.Clamp(count, 1, MaxBatch);
        var held = await work
            .Db.Assignments.Where(a =>
                a.TaskId == taskId && a.UserId == me && (a.State == AssignmentState.Held || a.State == AssignmentState.Returned)
            )
            .OrderBy(a => a.TakenAt)
            .Take(count)
            .Select(a => a.ItemId)
            .ToListAsync(cancellationToken);
        while (task.IsOpen && held.Count < count && await claims.TakeAsync(work, task, cancellationToken) is { } taken)
        {
            held.Add(taken);
        }

        var items = new List<AnswerItem>(held.Count);
        foreach (var id in held)
        {
            items.Add(await ViewAsync(work, task, id, cancellationToken));
        }

        return items;
    }

    /// <summary>Keeps an answer, checked. Sent twice, it is kept once.</summary>
    /// <param name="seconds">Time of work on it since it was last sent, without idle time.</param>
    /// <param name="seen">What the caller looks at; null for whatever is kept.</param>
    /// <exception cref="AnswerChangedElsewhereException">It is no longer what is kept, and not the same.</exception>
    public Task SubmitAsync(
        Caller caller,
        Guid projectId,
        Guid itemId,
        IReadOnlyDictionary<string, string> values,
        double seconds,
        CancellationToken cancellationToken,
        AnswerSeen? seen = null
    ) =>
        ChangeAsync(
            caller,
            projectId,
            itemId,
            "labeling.answered",
            async (work, task, item) =>
            {
                var version = await work.Db.VersionOfAsync(task, cancellationToken);
                var content = ItemContent.Of(
                    await rows.FindAsync(files.PathOf(version.Sha256), item.RowId, cancellationToken),
                    task.Questions
                );
                var sheet = task.Accept(values, content.Shape(item.Candidates.Count));
                var mine = item.Assignments.Find(a => a.UserId == caller.UserId);
                if (mine is { State: AssignmentState.Answered, Draft: null } && mine.Values == sheet)
                {
                    return false;
                }

                Look(item, caller, seen);
                item.Submit(task, caller.UserId, sheet, double.IsFinite(seconds) ? seconds : 0, work.Now);
                return true;
            },
            cancellationToken
        );

    /// <summary>Keeps what is begun, unchecked, so that it is there again on any device.</summary>
    /// <param name="values">Null leaves the draft as it is.</param>
    /// <returns>False when the caller changed it elsewhere since they looked; nothing is kept then.</returns>
    public async Task<bool> KeepDraftAsync(
        Caller caller,
        Guid projectId,
        Guid itemId,
        IReadOnlyDictionary<string, string>? values,
        CancellationToken cancellationToken,
        AnswerSeen? seen = null
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.AnswerItems, cancellationToken);
        var sheet = values is null ? null : QuestionForm.Write(values);
        if (sheet?.Length > Question.MaxAnswerLength * 2)
        {
            throw new RuleViolationException($"A draft has at most {Question.MaxAnswerLength * 2} characters.");
        }

        var me = caller.UserId;
        var mine = work.Db.Assignments.Where(a =>
            a.ItemId == itemId && a.UserId == me && work.Db.LabelTasks.Any(t => t.Id == a.TaskId && t.ProjectId == projectId)
        );
        var revision = seen?.Revision;
        var heard = seen?.Heard.ToString();
        var changed = await gate.RunAsync(
            () =>
                mine.Where(a => revision == null || a.Revision == revision)
                    .ExecuteUpdateAsync(
                        set =>
                            set.SetProperty(a => a.Draft, a => sheet ?? a.Draft)
                                .SetProperty(a => a.Heard, a => heard ?? a.Heard)
                                .SetProperty(a => a.Revision, a => a.Revision + 1),
                        cancellationToken
                    ),
            cancellationToken
        );
        return changed > 0;
    }

    public Task SkipAsync(
        Caller caller,
        Guid projectId,
        Guid itemId,
        string reason,
        CancellationToken cancellationToken,
        AnswerSeen? seen = null
    ) =>
        ChangeAsync(
            caller,
            projectId,
            itemId,
            "labeling.skipped",
            (work, task, item) => Do(() => item.Skip(task, caller.UserId, reason, work.Now), item, caller, seen),
            cancellationToken
        );

    public Task DiscardAsync(Caller caller, Guid projectId, Guid itemId, CancellationToken cancellationToken, AnswerSeen? seen = null) =>
        ChangeAsync(
            caller,
            projectId,
            itemId,
            "labeling.discarded",
            (work, task, item) => Do(() => item.Discard(task, caller.UserId, work.Now), item, caller, seen),
            cancellationToken
        );

    /// <summary>Takes a skip or a discard back.</summary>
    public Task RestoreAsync(Caller caller, Guid projectId, Guid itemId, CancellationToken cancellationToken, AnswerSeen? seen = null) =>
        ChangeAsync(
            caller,
            projectId,
            itemId,
            "labeling.restored",
            (work, task, item) => Do(() => item.Restore(task, caller.UserId, work.Now), item, caller, seen),
            cancellationToken
        );

    /// <summary>A word to the lead about an item that the caller has or had; nobody else sees it.</summary>
    public Task NoteAsync(
        Caller caller,
        Guid projectId,
        Guid itemId,
        bool isFlag,
        string text,
        CancellationToken cancellationToken,
        AnswerSeen? seen = null
    ) =>
        ChangeAsync(
            caller,
            projectId,
            itemId,
            isFlag ? "labeling.flagged" : "labeling.noted",
            (work, task, item) =>
                Do(
                    () =>
                    {
                        if (!item.Assignments.Exists(a => a.UserId == caller.UserId))
                        {
                            throw new RuleViolationException("This item was not handed out to you.");
                        }

                        work.Db.ItemNotes.Add(new ItemNote(task.Id, item.Id, caller.UserId, isFlag, text, work.Now));
                    },
                    item,
                    caller,
                    seen
                ),
            cancellationToken
        );

    /// <summary>The guidelines as they are now.</summary>
    public async Task<string> GuidelinesAsync(Caller caller, Guid projectId, Guid taskId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.AnswerItems, cancellationToken);
        await work.OwnTaskAsync(taskId, cancellationToken);
        return await work
                .Db.TaskGuidelines.Where(g => g.TaskId == taskId)
                .OrderByDescending(g => g.Number)
                .Select(g => g.Markdown)
                .FirstOrDefaultAsync(cancellationToken)
            ?? "";
    }

    /// <summary>The steps of the caller's own answer to an item, the first first.</summary>
    public async Task<IReadOnlyList<(AnswerAct Act, DateTimeOffset At, IReadOnlyDictionary<string, string> Values)>> HistoryAsync(
        Caller caller,
        Guid projectId,
        Guid itemId,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.AnswerItems, cancellationToken);
        var item = await work.ItemAsync(itemId, cancellationToken);
        await work.OwnTaskAsync(item.TaskId, cancellationToken);
        var steps = await (
            from assignment in work.Db.Assignments
            join step in work.Db.AnswerVersions on assignment.Id equals step.AssignmentId
            where assignment.ItemId == itemId && assignment.UserId == caller.UserId
            orderby step.Number
            select step
        ).ToListAsync(cancellationToken);
        return [.. steps.Select(s => (s.Act, s.At, QuestionForm.Read(s.Values)))];
    }

    public async Task<OwnStatistics> StatisticsAsync(Caller caller, Guid projectId, Guid taskId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.AnswerItems, cancellationToken);
        await work.OwnTaskAsync(taskId, cancellationToken);
        var today = work.Now.AddHours(-work.Now.Hour).AddMinutes(-work.Now.Minute);
        var mine = await work
            .Db.Assignments.Where(a => a.TaskId == taskId && a.UserId == caller.UserId)
            .Select(a => new
            {
                a.State,
                a.Seconds,
                a.AnsweredAt,
                a.TookSuggestion,
            })
            .ToListAsync(cancellationToken);
        var answered = mine.Where(a => a.State == AssignmentState.Answered).ToList();
        var timed = answered.Select(a => a.Seconds).Where(s => s > 0).Order().ToList();
        var suggested = answered.Where(a => a.TookSuggestion is not null).ToList();
        return new OwnStatistics(
            answered.Count,
            answered.Count(a => a.AnsweredAt >= today),
            mine.Count(a => a.State == AssignmentState.Skipped),
            mine.Count(a => a.State == AssignmentState.Discarded),
            timed.Count > 0 ? timed[timed.Count / 2] : null,
            timed.Sum() / 3600,
            suggested.Count > 0 ? suggested.Count(a => a.TookSuggestion == true) / (double)suggested.Count : null
        );
    }

    /// <summary>A window of the caller shows this task now.</summary>
    public void Sit(Caller caller, Guid taskId) => _windows.AddOrUpdate((taskId, caller.UserId), 1, (_, windows) => windows + 1);

    /// <summary>Gives back items that were handed out and not begun, unless another window of the caller still shows them.</summary>
    public async Task LeaveAsync(Caller caller, Guid projectId, Guid taskId, CancellationToken cancellationToken)
    {
        if (_windows.AddOrUpdate((taskId, caller.UserId), 0, (_, windows) => Math.Max(0, windows - 1)) > 0)
        {
            return;
        }

        _windows.TryRemove(new((taskId, caller.UserId), 0));
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.AnswerItems, cancellationToken);
        await claims.LetGoAsync(work, taskId, cancellationToken);
    }

    private static Task<bool> Do(Action action, LabelItem item, Caller caller, AnswerSeen? seen)
    {
        Look(item, caller, seen);
        action();
        return Task.FromResult(true);
    }

    private static void Look(LabelItem item, Caller caller, AnswerSeen? seen)
    {
        if (seen is null || item.Assignments.Find(a => a.UserId == caller.UserId) is not { } mine)
        {
            return;
        }

        if (mine.Revision != seen.Revision)
        {
            throw new AnswerChangedElsewhereException();
        }

        mine.Hear(seen.Heard.ToString());
    }

    /// <param name="change">False when there was nothing to do.</param>
    private async Task ChangeAsync(
        Caller caller,
        Guid projectId,
        Guid itemId,
        string action,
        Func<ProjectWork, LabelTask, LabelItem, Task<bool>> change,
        CancellationToken cancellationToken
    )
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                await TryChangeAsync(caller, projectId, itemId, action, change, cancellationToken);
                return;
            }
            catch (ConflictException) when (tried < MaxTries)
            {
                // Somebody else wrote to this item in between. Read it again: their change and this one both count.
            }
        }
    }

    private async Task TryChangeAsync(
        Caller caller,
        Guid projectId,
        Guid itemId,
        string action,
        Func<ProjectWork, LabelTask, LabelItem, Task<bool>> change,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.AnswerItems, cancellationToken);
        var item =
            await work
                .Db.LabelItems.Include(i => i.Assignments)
                    .ThenInclude(a => a.History)
                .AsSplitQuery()
                .SingleOrDefaultAsync(i => i.Id == itemId, cancellationToken)
            ?? throw new NotFoundException("There is no such item.");
        var task = await work.OwnTaskAsync(item.TaskId, cancellationToken);
        if (!await change(work, task, item))
        {
            return;
        }

        work.Audit(action, itemId);
        await gate.RunAsync(
            async () =>
            {
                await work.SaveAsync(cancellationToken);
                return true;
            },
            cancellationToken
        );
        todos.Changed(task.Id, caller.UserId);
    }

    private static IQueryable<Assignment> Mine(ProjectWork work, LabelTask task) =>
        work.Db.Assignments.Where(a => a.TaskId == task.Id && a.UserId == work.Caller.UserId);

    private async Task<Guid?> NextAsync(ProjectWork work, LabelTask task, Guid? from, CancellationToken cancellationToken)
    {
        if (!task.IsOpen)
        {
            return null;
        }

        var now = work.Now;
        var waiting = await Mine(work, task)
            .Where(a => a.ItemId != from && (a.State == AssignmentState.Returned || a.State == AssignmentState.Held && a.ExpiresAt >= now))
            .OrderByDescending(a => a.State == AssignmentState.Returned)
            .ThenBy(a => a.TakenAt)
            .Select(a => (Guid?)a.ItemId)
            .FirstOrDefaultAsync(cancellationToken);
        if (waiting is { } mine)
        {
            var until = now.AddMinutes(task.Rules.LeaseMinutes);
            await gate.RunAsync(
                () =>
                    Mine(work, task)
                        .Where(a => a.ItemId == mine && a.State == AssignmentState.Held)
                        .ExecuteUpdateAsync(set => set.SetProperty(a => a.ExpiresAt, until), cancellationToken),
                cancellationToken
            );
            return mine;
        }

        return await claims.TakeAsync(work, task, cancellationToken)
            ?? await Mine(work, task)
                .Where(a => a.ItemId == from && a.State == AssignmentState.Held)
                .Select(a => (Guid?)a.ItemId)
                .FirstOrDefaultAsync(cancellationToken);
    }

    private async Task<Guid?> ForwardAsync(ProjectWork work, LabelTask task, Guid? from, CancellationToken cancellationToken)
    {
        var taken = await TakenAtAsync(work, task, from, cancellationToken);
        var next = taken is null
            ? null
            : await Mine(work, task)
                .Where(a => a.TakenAt > taken && a.State != AssignmentState.Lapsed)
                .OrderBy(a => a.TakenAt)
                .Select(a => (Guid?)a.ItemId)
                .FirstOrDefaultAsync(cancellationToken);
        return next ?? (task.IsOpen ? await claims.TakeAsync(work, task, cancellationToken) : null);
    }

    private static async Task<Guid?> BackAsync(ProjectWork work, LabelTask task, Guid? from, CancellationToken cancellationToken)
    {
        var taken = await TakenAtAsync(work, task, from, cancellationToken) ?? DateTimeOffset.MaxValue;
        return await Mine(work, task)
            .Where(a => a.TakenAt < taken && a.State != AssignmentState.Lapsed)
            .OrderByDescending(a => a.TakenAt)
            .Select(a => (Guid?)a.ItemId)
            .FirstOrDefaultAsync(cancellationToken);
    }

    private static async Task<DateTimeOffset?> TakenAtAsync(
        ProjectWork work,
        LabelTask task,
        Guid? from,
        CancellationToken cancellationToken
    ) =>
        await Mine(work, task).Where(a => a.ItemId == from).Select(a => (DateTimeOffset?)a.TakenAt).SingleOrDefaultAsync(cancellationToken);

    /// <summary>The item that was answered, skipped or discarded last before this one.</summary>
    private static async Task<Guid?> LastLeftAsync(ProjectWork work, LabelTask task, Guid? from, CancellationToken cancellationToken)
    {
        var steps =
            from assignment in Mine(work, task)
            from step in assignment.History
            select new
            {
                assignment.ItemId,
                step.At,
                step.Number,
            };
        var before =
            await steps.Where(s => s.ItemId == from).Select(s => (DateTimeOffset?)s.At).MaxAsync(cancellationToken)
            ?? DateTimeOffset.MaxValue;
        return await steps
            .Where(s => s.ItemId != from && s.At <= before)
            .OrderByDescending(s => s.At)
            .Select(s => (Guid?)s.ItemId)
            .FirstOrDefaultAsync(cancellationToken);
    }

    private async Task<AnswerDesk> DeskAsync(ProjectWork work, LabelTask task, Guid? item, CancellationToken cancellationToken)
    {
        var answered = Mine(work, task).Where(a => a.State == AssignmentState.Answered);
        var done = await answered.CountAsync(cancellationToken);
        var todo = task.IsOpen ? await todos.OfAsync(work, task, cancellationToken) : 0;
        var latest = await answered
            .OrderByDescending(a => a.AnsweredAt)
            .Take(Pace.Window + 1)
            .Select(a => a.AnsweredAt!.Value)
            .ToListAsync(cancellationToken);
        return new AnswerDesk(
            new AnswerTask(
                task.Id,
                task.Name,
                task.Questions,
                task.GuidelinesVersion,
                task.Rules.IdleSeconds,
                task.ClosedAt is not null,
                task.PausedAt is not null
            ),
            item is { } id ? await ViewAsync(work, task, id, cancellationToken) : null,
            done,
            done + todo,
            Pace.SecondsLeft(latest, todo)
        );
    }

    private async Task<AnswerItem> ViewAsync(ProjectWork work, LabelTask task, Guid itemId, CancellationToken cancellationToken)
    {
        var me = work.Caller.UserId;
        var item = await work
            .Db.LabelItems.AsNoTracking()
            .Include(i => i.Assignments.Where(a => a.UserId == me))
            .SingleAsync(i => i.Id == itemId, cancellationToken);
        var version = await work.Db.VersionOfAsync(task, cancellationToken);
        var row = await rows.FindAsync(files.PathOf(version.Sha256), item.RowId, cancellationToken);
        var mine = item.Assignments.Single();
        var notes = await work
            .Db.ItemNotes.Where(n => n.ItemId == itemId && n.UserId == me)
            .OrderBy(n => n.At)
            .Select(n => new NoteView(n.Id, n.IsFlag, n.Text, n.At, n.Reply))
            .ToListAsync(cancellationToken);
        return new AnswerItem(
            item.Id,
            item.Ordinal,
            ItemContent.Of(row, task.Questions),
            await CandidatesAsync(work, item, me, cancellationToken),
            QuestionForm.Read(mine.Draft ?? mine.Values),
            mine.State,
            mine.AnsweredAt,
            mine.State == AssignmentState.Returned ? item.ReturnReason : null,
            item.State == ItemState.Approved,
            task.Rules.ShowSuggestions && item.Suggestion is { } suggestion ? QuestionForm.Read(suggestion) : null,
            notes,
            mine.Values is { } submitted ? QuestionForm.Read(submitted) : null,
            mine.Revision,
            HeardKeys.Read(mine.Heard)
        );
    }

    /// <summary>The responses in an order of the person's own, without their models.</summary>
    internal static async Task<IReadOnlyList<Candidate>> CandidatesAsync(
        ProjectWork work,
        LabelItem item,
        string userId,
        CancellationToken cancellationToken
    )
    {
        if (item.Candidates.Count == 0)
        {
            return [];
        }

        var ids = item.Candidates;
        var answers = await work
            .Db.ModelAnswers.Where(a => ids.Contains(a.Id))
            .ToDictionaryAsync(a => a.Id, a => a.Text, cancellationToken);
        Candidate[] shown =
        [
            .. ids.Select((id, place) => new Candidate(place.ToString(System.Globalization.CultureInfo.InvariantCulture), answers[id])),
        ];
        new Random(StableHash.Of(item.Id, userId)).Shuffle(shown);
        return shown;
    }
}
