using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Labeling;

/// <param name="Person">A pseudonym; the name once the task is closed.</param>
/// <param name="Judged">Answers to items that are decided by now.</param>
/// <param name="Kept">Those of them that are the same as the decision.</param>
/// <param name="GoldRight">Known items answered as known, of <paramref name="Gold"/>.</param>
/// <param name="MedianSeconds">Time on an item without idle time.</param>
/// <param name="SuggestionsTaken">Share of suggestions taken as they were; null where none was shown.</param>
public sealed record PersonProgress(
    string Person,
    int Answered,
    int SentBack,
    int Skipped,
    int Discarded,
    int Judged,
    int Kept,
    int Gold,
    int GoldRight,
    double? MedianSeconds,
    double? SuggestionsTaken
);

public sealed record TaskOverview(
    Guid Id,
    string Name,
    IReadOnlyList<Question> Questions,
    int QuestionsVersion,
    string Guidelines,
    int GuidelinesVersion,
    TaskRules Rules,
    IReadOnlyList<string> Models,
    string DatasetName,
    int VersionNumber,
    int Open,
    int InReview,
    int Agreed,
    int Approved,
    int Gold,
    IReadOnlyList<string> Assigned,
    IReadOnlyList<PersonProgress> People,
    bool IsMine,
    bool MayManage,
    bool MayReview,
    DateTimeOffset CreatedAt,
    DateTimeOffset? PausedAt,
    DateTimeOffset? ClosedAt
)
{
    public int Items => Open + InReview + Agreed + Approved;
    public int Done => Agreed + Approved;
}

public sealed record ItemLine(
    Guid Id,
    int Ordinal,
    string Text,
    ItemState State,
    bool IsGold,
    IReadOnlyList<IReadOnlyDictionary<string, string>> Answers,
    IReadOnlyDictionary<string, string>? Final,
    string? ReturnReason
);

public sealed record ItemPage(IReadOnlyList<ItemLine> Items, int Total);

/// <param name="Person">A pseudonym, or the name once the task is closed.</param>
public sealed record LeadNote(Guid Id, int Ordinal, string Person, bool IsFlag, string Text, DateTimeOffset At, string? Reply);

/// <param name="Person">A pseudonym, or the name once the task is closed.</param>
/// <param name="Reason">Why it was skipped; null where it was discarded.</param>
public sealed record LeftBy(string Person, string? Reason);

/// <summary>An item that somebody did not answer, with what is known of why.</summary>
/// <param name="Missing">Answers that it still waits for.</param>
/// <param name="NobodyIsLeft">It waits, and everybody who is assigned has had it: nobody will answer it any more.</param>
public sealed record LeftItem(Guid Id, int Ordinal, string Text, ItemState State, IReadOnlyList<LeftBy> By, int Missing, bool NobodyIsLeft)
{
    public string Words =>
        (State, NobodyIsLeft) switch
        {
            (ItemState.Open, true) =>
                $"Open for good: {(Missing == 1 ? "an answer is" : $"{Missing} answers are")} missing, and nobody is left to give {(Missing == 1 ? "it" : "them")}",
            (ItemState.Open, false) => Missing == 1 ? "Waits for one more person" : $"Waits for {Missing} more people",
            (ItemState.InReview, true) => "Nobody is left to answer: waits for a decision",
            (ItemState.InReview, false) => "Waits for a decision",
            _ => "Done all the same",
        };
}

/// <summary>A task as leads and reviewers see it: figures of people without their names until it is closed.</summary>
public sealed class TaskOverviews(Authorizer authorizer, RowLookup lookup, FileStore files, TaskRows rows)
{
    public const int MaxPageSize = 50;
    private const int MaxLeft = 200;

    public async Task<TaskOverview> ReadAsync(Caller caller, Guid projectId, Guid taskId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var task = await work.TaskAsync(taskId, cancellationToken);
        var version = await work.VersionAsync(task.DatasetVersionId, cancellationToken);
        var items = work.Db.LabelItems.Where(i => i.TaskId == taskId);
        var states = await items
            .Where(i => !i.IsGold)
            .GroupBy(i => i.State)
            .Select(g => new { g.Key, Count = g.Count() })
            .ToDictionaryAsync(s => s.Key, s => s.Count, cancellationToken);
        var guidelines = await work
            .Db.TaskGuidelines.Where(g => g.TaskId == taskId)
            .OrderByDescending(g => g.Number)
            .Select(g => g.Markdown)
            .FirstOrDefaultAsync(cancellationToken);
        var assignees = task.Assignees;
        return new TaskOverview(
            task.Id,
            task.Name,
            task.Questions,
            task.QuestionsVersion,
            guidelines ?? "",
            task.GuidelinesVersion,
            task.Rules,
            task.Models,
            version.Dataset!.Name,
            version.Number,
            states.GetValueOrDefault(ItemState.Open),
            states.GetValueOrDefault(ItemState.InReview),
            states.GetValueOrDefault(ItemState.Agreed),
            states.GetValueOrDefault(ItemState.Approved),
            await items.CountAsync(i => i.IsGold, cancellationToken),
            await work
                .Db.Users.Where(u => assignees.Contains(u.Id))
                .OrderBy(u => u.DisplayName)
                .Select(u => u.DisplayName)
                .ToListAsync(cancellationToken),
            await PeopleAsync(work, task, cancellationToken),
            task.Assignees.Contains(caller.UserId) && work.Role.Allows(Permission.AnswerItems),
            work.Role.Allows(Permission.ManageLabeling),
            work.Role.Allows(Permission.ReviewItems),
            task.CreatedAt,
            task.PausedAt,
            task.ClosedAt
        );
    }

    /// <returns>The questions on which agreement means something.</returns>
    public async Task<IReadOnlyList<QuestionAgreement>> AgreementAsync(
        Caller caller,
        Guid projectId,
        Guid taskId,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var task = await work.TaskAsync(taskId, cancellationToken);
        var sheets = await TaskSheets.ReadAsync(work, task, rows, cancellationToken);
        return await Task.Run(
            async () =>
                TaskAgreement.Of(task, sheets, await NamesAsync(work, task, sheets.Select(s => s.UserId).Distinct(), cancellationToken)),
            cancellationToken
        );
    }

    /// <param name="state">Only items in this state; all when null.</param>
    public async Task<ItemPage> ItemsAsync(
        Caller caller,
        Guid projectId,
        Guid taskId,
        ItemState? state,
        int skip,
        int take,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var task = await work.TaskAsync(taskId, cancellationToken);
        await work.NoteReadAsync("labeling.items-read", taskId, cancellationToken);
        var version = await work.Db.VersionOfAsync(task, cancellationToken);
        var items = work.Db.LabelItems.AsNoTracking().Where(i => i.TaskId == taskId && (state == null || i.State == state));
        var page = await items
            .OrderBy(i => i.Ordinal)
            .Skip(skip)
            .Take(Math.Min(take, MaxPageSize))
            .Include(i => i.Assignments)
            .ToListAsync(cancellationToken);
        var lines = new List<ItemLine>(page.Count);
        foreach (var item in page)
        {
            var row = await lookup.FindAsync(files.PathOf(version.Sha256), item.RowId, cancellationToken);
            lines.Add(
                new ItemLine(
                    item.Id,
                    item.Ordinal,
                    row.Prompt,
                    item.State,
                    item.IsGold,
                    [.. item.Answers.Select(a => a.Values!).Order(StringComparer.Ordinal).Select(QuestionForm.Read)],
                    item.Final is { } final ? QuestionForm.Read(final) : null,
                    item.ReturnReason
                )
            );
        }

        return new ItemPage(lines, await items.CountAsync(cancellationToken));
    }

    /// <summary>Items that people skipped or discarded: those for which nobody is left first.</summary>
    public async Task<IReadOnlyList<LeftItem>> LeftItemsAsync(
        Caller caller,
        Guid projectId,
        Guid taskId,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var task = await work.TaskAsync(taskId, cancellationToken);
        await work.NoteReadAsync("labeling.items-read", taskId, cancellationToken);
        var version = await work.VersionAsync(task.DatasetVersionId, cancellationToken);
        var items = await work
            .Db.LabelItems.AsNoTracking()
            .Include(i => i.Assignments)
            .Where(i =>
                i.TaskId == taskId
                && !i.IsGold
                && i.Assignments.Any(a => a.State == AssignmentState.Skipped || a.State == AssignmentState.Discarded)
            )
            .OrderByDescending(i => i.State == ItemState.Open)
            .ThenBy(i => i.Ordinal)
            .Take(MaxLeft)
            .ToListAsync(cancellationToken);
        var names = await NamesAsync(work, task, items.SelectMany(i => i.Assignments).Select(a => a.UserId).Distinct(), cancellationToken);
        var lines = new List<LeftItem>(items.Count);
        foreach (var item in items)
        {
            var row = await lookup.FindAsync(files.PathOf(version.Sha256), item.RowId, cancellationToken);
            lines.Add(
                new LeftItem(
                    item.Id,
                    item.Ordinal,
                    row.Prompt,
                    item.State,
                    [
                        .. item
                            .Assignments.Where(a => a.State is AssignmentState.Skipped or AssignmentState.Discarded)
                            .Select(a => new LeftBy(names[a.UserId], a.SkipReason))
                            .OrderBy(b => b.Person, StringComparer.Ordinal),
                    ],
                    item.Missing,
                    item.NobodyIsLeft(task)
                )
            );
        }

        return [.. lines.OrderByDescending(l => l.NobodyIsLeft)];
    }

    /// <summary>What annotators wrote to the lead.</summary>
    public async Task<IReadOnlyList<LeadNote>> NotesAsync(Caller caller, Guid projectId, Guid taskId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var task = await work.TaskAsync(taskId, cancellationToken);
        var notes = await (
            from note in work.Db.ItemNotes
            join item in work.Db.LabelItems on note.ItemId equals item.Id
            where note.TaskId == taskId
            orderby note.Reply == null descending, note.At descending
            select new { note, item.Ordinal }
        )
            .Take(200)
            .ToListAsync(cancellationToken);
        var names = await NamesAsync(work, task, notes.Select(n => n.note.UserId), cancellationToken);
        return
        [
            .. notes.Select(n => new LeadNote(
                n.note.Id,
                n.Ordinal,
                names[n.note.UserId],
                n.note.IsFlag,
                n.note.Text,
                n.note.At,
                n.note.Reply
            )),
        ];
    }

    /// <summary>Answers the writer of a note; only they see it.</summary>
    public async Task ReplyAsync(Caller caller, Guid projectId, Guid noteId, string reply, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var note =
            await work.Db.ItemNotes.SingleOrDefaultAsync(
                n => n.Id == noteId && work.Db.LabelTasks.Any(t => t.Id == n.TaskId && t.ProjectId == projectId),
                cancellationToken
            ) ?? throw new NotFoundException("There is no such note.");
        note.Answer(reply, work.Now);
        work.Audit("labeling.note-answered", noteId);
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>Pseudonyms, or names once nobody can be swayed by them any more.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>> NamesAsync(
        ProjectWork work,
        LabelTask task,
        IEnumerable<string> people,
        CancellationToken cancellationToken
    )
    {
        var pseudonyms = Pseudonyms.Of(task, people);
        if (task.ClosedAt is null)
        {
            return pseudonyms;
        }

        var ids = pseudonyms.Keys.ToList();
        var names = await work.Db.Users.Where(u => ids.Contains(u.Id)).ToDictionaryAsync(u => u.Id, u => u.DisplayName, cancellationToken);
        return pseudonyms.ToDictionary(p => p.Key, p => names.GetValueOrDefault(p.Key, p.Value));
    }

    internal static async Task<IReadOnlyList<PersonProgress>> PeopleAsync(
        ProjectWork work,
        LabelTask task,
        CancellationToken cancellationToken
    )
    {
        var given = (await TaskSheets.AssignmentsAsync(work, task.Id, cancellationToken)).ToLookup(g => g.UserId);
        var decisions = await TaskSheets.DecisionsAsync(work, task.Id, cancellationToken);
        var gold = await work
            .Db.LabelItems.Where(i => i.TaskId == task.Id && i.IsGold)
            .ToDictionaryAsync(i => i.Id, i => i.Expected!, cancellationToken);
        var names = await NamesAsync(work, task, given.Select(g => g.Key), cancellationToken);
        return
        [
            .. names
                .Select(name => Progress(name.Value, [.. given[name.Key]], decisions, gold))
                .OrderBy(p => p.Person, StringComparer.CurrentCulture),
        ];
    }

    private static PersonProgress Progress(
        string name,
        List<GivenAssignment> mine,
        Dictionary<Guid, string?> decisions,
        Dictionary<Guid, string> gold
    )
    {
        var answered = mine.Where(a => a.State == AssignmentState.Answered).ToList();
        var seconds = answered.Select(a => a.Seconds).Where(s => s > 0).Order().ToList();
        var suggested = answered.Where(a => a.TookSuggestion is not null).ToList();
        var judged = answered.Where(a => decisions.ContainsKey(a.ItemId)).ToList();
        var known = answered.Where(a => gold.ContainsKey(a.ItemId)).ToList();
        return new PersonProgress(
            name,
            answered.Count,
            mine.Count(a => a.State == AssignmentState.Returned),
            mine.Count(a => a.State == AssignmentState.Skipped),
            mine.Count(a => a.State == AssignmentState.Discarded),
            judged.Count,
            judged.Count(a => decisions[a.ItemId] == a.Values),
            known.Count,
            known.Count(a => IsRight(gold[a.ItemId], a.Values!)),
            seconds.Count > 0 ? seconds[seconds.Count / 2] : null,
            suggested.Count > 0 ? suggested.Count(a => a.TookSuggestion == true) / (double)suggested.Count : null
        );
    }

    /// <summary>Only what is known counts; other questions of the item may have any answer.</summary>
    private static bool IsRight(string expected, string given)
    {
        var values = QuestionForm.Read(given);
        return QuestionForm.Read(expected).All(known => values.GetValueOrDefault(known.Key) == known.Value);
    }
}
