using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Labels;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>Hands items out: each claim is one statement in one transaction, so that no place of an item is given twice.</summary>
public sealed class Claims(WriteGate gate)
{
    /// <summary>
    /// A shuffled task draws from so many items at once, so that people begin at different ones and early items still get finished.
    /// </summary>
    private const int ShuffleWindow = 60;

    /// <summary>Within the most urgent few the order differs by person too.</summary>
    private const int PriorityWindow = 20;
    private const int Prime = 1_000_003;

    /// <summary>A lease ends to the minute; looking for ended ones at each claim would be a good part of its cost.</summary>
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _looked = new();

    /// <summary>Takes the next item for a person.</summary>
    /// <returns>The item's id; null when there is none left for them.</returns>
    public Task<Guid?> TakeAsync(ProjectWork work, LabelTask task, CancellationToken cancellationToken) =>
        gate.RunAsync<Guid?>(
            async () =>
            {
                await using var transaction = await work.Db.Database.BeginTransactionAsync(cancellationToken);
                await LapseAsync(work, task, cancellationToken);
                var taken = await GoldIsDueAsync(work, task, cancellationToken) ? await TakeGoldAsync(work, task, cancellationToken) : null;
                taken ??= await IsCappedAsync(work, task, cancellationToken) ? null : await TakeOpenAsync(work, task, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return taken;
            },
            cancellationToken
        );

    /// <summary>Gives back what a person holds and has begun nothing of.</summary>
    public Task LetGoAsync(ProjectWork work, Guid taskId, CancellationToken cancellationToken) =>
        gate.RunAsync(
            async () =>
            {
                await using var transaction = await work.Db.Database.BeginTransactionAsync(cancellationToken);
                await FreeAsync(work, taskId, before: DateTimeOffset.MinValue, work.Caller.UserId, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return true;
            },
            cancellationToken
        );

    private async Task LapseAsync(ProjectWork work, LabelTask task, CancellationToken cancellationToken)
    {
        var (id, now) = (task.Id, work.Now);
        if (_looked.TryGetValue(id, out var last) && now - last < s_lookEvery)
        {
            return;
        }

        _looked[id] = now;
        if (
            await work.Db.Assignments.AnyAsync(
                a => a.TaskId == id && a.State == AssignmentState.Held && a.ExpiresAt < now,
                cancellationToken
            )
        )
        {
            await FreeAsync(work, id, before: now, unbegunOf: "", cancellationToken);
        }
    }

    /// <summary>Gives back what lapsed before a time, and what a person has begun nothing of.</summary>
    private static async Task FreeAsync(
        ProjectWork work,
        Guid taskId,
        DateTimeOffset before,
        string unbegunOf,
        CancellationToken cancellationToken
    )
    {
        var ticks = before.UtcTicks;
        await work.Db.Database.ExecuteSqlAsync(
            $"""
            UPDATE "LabelItems" SET "Revision" = "Revision" + 1,
                "Places" = "Places" + CASE WHEN "IsGold" THEN 0 ELSE (
                    SELECT count(*) FROM "Assignments" AS a WHERE a."ItemId" = "LabelItems"."Id" AND a."TaskId" = {taskId} AND a."State" = 'Held'
                        AND (a."ExpiresAt" < {ticks} OR (a."UserId" = {unbegunOf} AND a."Draft" IS NULL))) END
            WHERE "Id" IN (
                SELECT a."ItemId" FROM "Assignments" AS a WHERE a."TaskId" = {taskId} AND a."State" = 'Held'
                    AND (a."ExpiresAt" < {ticks} OR (a."UserId" = {unbegunOf} AND a."Draft" IS NULL)))
            """,
            cancellationToken
        );
        await work.Db.Database.ExecuteSqlAsync(
            $"""
            UPDATE "Assignments" SET "State" = 'Lapsed'
            WHERE "TaskId" = {taskId} AND "State" = 'Held' AND ("ExpiresAt" < {ticks} OR ("UserId" = {unbegunOf} AND "Draft" IS NULL))
            """,
            cancellationToken
        );
    }

    private static async Task<bool> IsCappedAsync(ProjectWork work, LabelTask task, CancellationToken cancellationToken) =>
        task.Rules.MaxPerPerson is { } cap && await work.Db.TakenAsync(task, work.Caller.UserId, cancellationToken) >= cap;

    private static async Task<bool> GoldIsDueAsync(ProjectWork work, LabelTask task, CancellationToken cancellationToken) =>
        task.Rules.GoldEvery > 0 && (await work.Db.TakenAsync(task, work.Caller.UserId, cancellationToken) + 1) % task.Rules.GoldEvery == 0;

    private static async Task<Guid?> TakeGoldAsync(ProjectWork work, LabelTask task, CancellationToken cancellationToken)
    {
        var (id, me) = (task.Id, work.Caller.UserId);
        var next = await work
            .Db.LabelItems.Where(i => i.TaskId == id && i.IsGold && !i.Assignments.Any(a => a.UserId == me))
            .OrderBy(i => i.Shuffle)
            .Select(i => (Guid?)i.Id)
            .FirstOrDefaultAsync(cancellationToken);
        if (next is { } item)
        {
            work.Db.Assignments.Add(new Assignment(id, item, me, work.Now, work.Now.AddMinutes(task.Rules.LeaseMinutes)));
            await work.SaveAsync(cancellationToken);
        }

        return next;
    }

    private static async Task<Guid?> TakeOpenAsync(ProjectWork work, LabelTask task, CancellationToken cancellationToken)
    {
        var (me, now, until) = (work.Caller.UserId, work.Now.UtcTicks, work.Now.AddMinutes(task.Rules.LeaseMinutes).UtcTicks);
        var window = task.Rules.Order switch
        {
            ItemOrder.AsGiven => 1,
            ItemOrder.Random => ShuffleWindow,
            _ => PriorityWindow,
        };
        var (factor, shift) = Shuffle(task, me);
        // ON CONFLICT: an item whose lease lapsed comes to the same person again.
        var taken = await work
            .Db.Database.SqlQuery<Guid>(
                $"""
                INSERT INTO "Assignments" ("Id", "TaskId", "ItemId", "UserId", "State", "TakenAt", "ExpiresAt", "Seconds", "QuestionsVersion", "GuidelinesVersion", "Revision")
                SELECT {Guid.CreateVersion7()}, {task.Id}, open."Id", {me}, 'Held', {now}, {until}, 0, 0, 0, 0
                FROM (SELECT i."Id", i."Shuffle" FROM "LabelItems" AS i
                      WHERE i."TaskId" = {task.Id} AND i."State" = 'Open' AND i."Places" > 0
                        AND NOT EXISTS (SELECT 1 FROM "Assignments" AS mine WHERE mine."ItemId" = i."Id" AND mine."UserId" = {me} AND mine."State" <> 'Lapsed')
                      ORDER BY i."Priority" DESC, i."Shuffle" LIMIT {window}) AS open
                WHERE 1 = 1 ORDER BY (open."Shuffle" * {factor} + {shift}) % {Prime} LIMIT 1
                ON CONFLICT ("ItemId", "UserId") DO UPDATE SET "State" = 'Held', "TakenAt" = excluded."TakenAt", "ExpiresAt" = excluded."ExpiresAt"
                RETURNING "ItemId" AS "Value"
                """
            )
            .ToListAsync(cancellationToken);
        if (taken.Count == 0)
        {
            return null;
        }

        var item = taken[0];
        await work.Db.Database.ExecuteSqlAsync(
            $"""UPDATE "LabelItems" SET "Places" = "Places" - 1, "Revision" = "Revision" + 1 WHERE "Id" = {item}""",
            cancellationToken
        );
        return item;
    }

    /// <summary>A person's own order of the same items: multiplying by another factor modulo a prime is another permutation.</summary>
    private static (long Factor, long Shift) Shuffle(LabelTask task, string userId)
    {
        var hash = (uint)StableHash.Of(task.Id, userId);
        return (1 + (hash % (Prime - 1)), hash / Prime);
    }
}
