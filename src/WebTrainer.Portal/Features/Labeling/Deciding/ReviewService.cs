using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>Equal sheets of answers as one choice for the adjudicator, who learns how many gave it and never who.</summary>
public sealed record GivenAnswer(IReadOnlyDictionary<string, string> Values, int People, int OfAll);

/// <param name="Revision">What the adjudicator saw; a decision about anything else is refused.</param>
/// <param name="Left">Of each who did not answer, why they skipped it; null where they discarded it.</param>
/// <param name="Likely">For each question of labels what is most likely true, by everybody's other answers; nothing while they are too few
/// to tell.</param>
public sealed record ReviewItem(
    Guid Id,
    int Ordinal,
    int Revision,
    ItemContent Content,
    IReadOnlyList<Candidate> Candidates,
    IReadOnlyList<GivenAnswer> Answers,
    IReadOnlyList<string?> Left,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Likely,
    IReadOnlyList<string> Notes
)
{
    public ItemShape Shape => Content.Shape(Candidates.Count);
}

/// <param name="Item">Null when nothing waits in that direction.</param>
/// <param name="Own">Items with the caller's own answer, on which somebody else decides.</param>
public sealed record ReviewDesk(AnswerTask Task, ReviewItem? Item, int Waiting, int Own, int Done, int Total);

/// <summary>One adjudicator at work: an item with its answers side by side, to accept, correct, send back or ask one more about.</summary>
public sealed class ReviewService(Authorizer authorizer, RowLookup rows, FileStore files, WriteGate gate, TimeProvider time)
{
    private static readonly TimeSpan s_likelyFor = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<Guid, Likelihoods> _likely = new();

    private sealed record Likelihoods(
        DateTimeOffset Until,
        IReadOnlyDictionary<string, IReadOnlyDictionary<Guid, IReadOnlyDictionary<string, double>>> ByQuestion
    );

    /// <summary>The item that waits next to <paramref name="from"/>, or the first that waits when there is none further on.</summary>
    public async Task<ReviewDesk> GoAsync(
        Caller caller,
        Guid projectId,
        Guid taskId,
        int from,
        bool forward,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ReviewItems, cancellationToken);
        var task = await work.TaskAsync(taskId, cancellationToken);
        await work.NoteReadAsync("labeling.items-read", taskId, cancellationToken);
        var all = work.Db.LabelItems.AsNoTracking().Where(i => i.TaskId == taskId && !i.IsGold);
        var me = caller.UserId;
        var waiting = all.Where(i => i.State == ItemState.InReview && !i.Assignments.Any(a => a.UserId == me && a.Values != null));
        var ahead = forward
            ? waiting.OrderByDescending(i => i.Ordinal > from).ThenBy(i => i.Ordinal)
            : waiting.OrderByDescending(i => i.Ordinal < from).ThenByDescending(i => i.Ordinal);
        var item = await ahead.Include(i => i.Assignments).FirstOrDefaultAsync(cancellationToken);
        var waitingCount = await waiting.CountAsync(cancellationToken);
        return new ReviewDesk(
            new AnswerTask(
                task.Id,
                task.Name,
                task.Questions,
                task.GuidelinesVersion,
                task.Rules.IdleSeconds,
                task.ClosedAt is not null,
                task.PausedAt is not null
            ),
            item is null ? null : await ViewAsync(work, task, item, cancellationToken),
            waitingCount,
            await all.CountAsync(i => i.State == ItemState.InReview, cancellationToken) - waitingCount,
            await all.CountAsync(i => i.State == ItemState.Approved || i.State == ItemState.Agreed, cancellationToken),
            await all.CountAsync(cancellationToken)
        );
    }

    /// <summary>Takes a sheet of answers, or the adjudicator's better one.</summary>
    public Task ApproveAsync(
        Caller caller,
        Guid projectId,
        Guid itemId,
        int revision,
        IReadOnlyDictionary<string, string> values,
        CancellationToken cancellationToken
    ) =>
        DecideAsync(
            caller,
            projectId,
            itemId,
            revision,
            async (work, task, item) =>
            {
                var version = await work.Db.VersionOfAsync(task, cancellationToken);
                var content = ItemContent.Of(
                    await rows.FindAsync(files.PathOf(version.Sha256), item.RowId, cancellationToken),
                    task.Questions
                );
                item.Approve(task, caller.UserId, task.Accept(values, content.Shape(item.Candidates.Count)), work.Now);
                work.Audit("labeling.approved", itemId, null, new { corrected = !item.Answers.Any(a => a.Values == item.Final) });
            },
            cancellationToken
        );

    /// <summary>Sends the item back to those who answered it, with the reason that they will read.</summary>
    public Task ReturnAsync(Caller caller, Guid projectId, Guid itemId, int revision, string reason, CancellationToken cancellationToken) =>
        DecideAsync(
            caller,
            projectId,
            itemId,
            revision,
            (work, _, item) =>
            {
                item.Return(caller.UserId, reason, work.Now);
                work.Audit("labeling.returned", itemId);
                return Task.CompletedTask;
            },
            cancellationToken
        );

    /// <summary>Has one more person answer it.</summary>
    public Task AskFurtherAsync(Caller caller, Guid projectId, Guid itemId, int revision, CancellationToken cancellationToken) =>
        DecideAsync(
            caller,
            projectId,
            itemId,
            revision,
            (work, task, item) =>
            {
                if (!task.IsOpen)
                {
                    throw new RuleViolationException("This task is closed or paused, so nobody further can answer. Decide it yourself.");
                }

                if (task.Assignees.All(person => item.Assignments.Exists(a => a.UserId == person)))
                {
                    throw new RuleViolationException(
                        "Everybody who is assigned has had this item. Decide it yourself, or assign more people."
                    );
                }

                item.AskFurther(caller.UserId, work.Now);
                work.Audit("labeling.asked-further", itemId);
                return Task.CompletedTask;
            },
            cancellationToken
        );

    private Task DecideAsync(
        Caller caller,
        Guid projectId,
        Guid itemId,
        int revision,
        Func<ProjectWork, LabelTask, LabelItem, Task> decide,
        CancellationToken cancellationToken
    ) =>
        gate.RunAsync(
            async () =>
            {
                await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ReviewItems, cancellationToken);
                var item = await work.ItemAsync(itemId, cancellationToken);
                var task = await work.TaskAsync(item.TaskId, cancellationToken);
                if (item.Revision != revision)
                {
                    throw new ConflictException(
                        "This item was changed a moment ago, so what you saw is no longer what it says. Look at it again."
                    );
                }

                await decide(work, task, item);
                await work.SaveAsync(cancellationToken);
                return true;
            },
            cancellationToken
        );

    private async Task<ReviewItem> ViewAsync(ProjectWork work, LabelTask task, LabelItem item, CancellationToken cancellationToken)
    {
        var version = await work.Db.VersionOfAsync(task, cancellationToken);
        var row = await rows.FindAsync(files.PathOf(version.Sha256), item.RowId, cancellationToken);
        var answers = item
            .Assignments.Where(a => a.State is AssignmentState.Answered or AssignmentState.Returned)
            .Select(a => a.Values!)
            .ToList();
        var notes = await work
            .Db.ItemNotes.Where(n => n.ItemId == item.Id)
            .OrderBy(n => n.At)
            .Select(n => n.Text)
            .ToListAsync(cancellationToken);
        var likely = await LikelyAsync(work, task, cancellationToken);
        return new ReviewItem(
            item.Id,
            item.Ordinal,
            item.Revision,
            ItemContent.Of(row, task.Questions),
            await AnswerService.CandidatesAsync(work, item, work.Caller.UserId, cancellationToken),
            [
                .. answers
                    .CountBy(a => a)
                    .OrderByDescending(a => a.Value)
                    .ThenBy(a => a.Key, StringComparer.Ordinal)
                    .Select(a => new GivenAnswer(QuestionForm.Read(a.Key), a.Value, answers.Count)),
            ],
            [
                .. item
                    .Assignments.Where(a => a.State is AssignmentState.Discarded or AssignmentState.Skipped)
                    .Select(a => a.SkipReason)
                    .Order(StringComparer.Ordinal),
            ],
            likely.Where(q => q.Value.ContainsKey(item.Id) && !IsTie(answers, q.Key)).ToDictionary(q => q.Key, q => q.Value[item.Id]),
            notes
        );
    }

    /// <summary>
    /// On a tie the estimate rests on who is thought to be right more often and on nothing else; simulated, it is far too sure of that.
    /// </summary>
    private static bool IsTie(IEnumerable<string> sheets, string question)
    {
        var votes = sheets
            .Select(QuestionForm.Read)
            .Where(v => v.ContainsKey(question))
            .CountBy(v => v[question])
            .Select(v => v.Value)
            .OrderDescending()
            .ToList();
        return votes is [var first, var second, ..] && first == second;
    }

    private async Task<IReadOnlyDictionary<string, IReadOnlyDictionary<Guid, IReadOnlyDictionary<string, double>>>> LikelyAsync(
        ProjectWork work,
        LabelTask task,
        CancellationToken cancellationToken
    )
    {
        if (_likely.TryGetValue(task.Id, out var known) && known.Until > time.GetUtcNow())
        {
            return known.ByQuestion;
        }

        var sheets = await TaskSheets.ReadAsync(work, task.Id, cancellationToken);
        var found = task.Questions.ToDictionary(q => q.Key, q => TaskAgreement.Posteriors(q, sheets));
        _likely[task.Id] = new Likelihoods(time.GetUtcNow() + s_likelyFor, found);
        return found;
    }
}
