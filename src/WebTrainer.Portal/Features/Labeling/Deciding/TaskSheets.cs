using System.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Labels;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>How one item lies with one person.</summary>
/// <param name="Values">Their answers; null without any.</param>
internal sealed record GivenAssignment(
    Guid ItemId,
    string UserId,
    AssignmentState State,
    double Seconds,
    bool? TookSuggestion,
    string? Values
);

/// <summary>
/// Reads all answers of a task: hundreds of thousands, so without joins and without the objects that EF Core would make of them.
/// </summary>
internal static class TaskSheets
{
    /// <summary>All answers that count, without those to known items.</summary>
    public static Task<List<GivenSheet>> ReadAsync(ProjectWork work, Guid taskId, CancellationToken cancellationToken) =>
        ListAsync(
            work,
            taskId,
            """
            SELECT "ItemId", "UserId", "Values" FROM "Assignments"
            WHERE "TaskId" = $task AND "State" = 'Answered' AND "ItemId" NOT IN (SELECT "Id" FROM "LabelItems" WHERE "TaskId" = $task AND "IsGold")
            """,
            (reader, people) => new GivenSheet(reader.GetGuid(0), Once(people, reader.GetString(1)), reader.GetString(2)),
            cancellationToken
        );

    /// <summary>
    /// The same with the length of each text, where the task has marks: how much of a text could be marked is what chance is reckoned from.
    /// </summary>
    public static async Task<List<GivenSheet>> ReadAsync(
        ProjectWork work,
        LabelTask task,
        TaskRows rows,
        CancellationToken cancellationToken
    )
    {
        var sheets = await ReadAsync(work, task.Id, cancellationToken);
        if (task.Find(QuestionKind.Spans) is null)
        {
            return sheets;
        }

        var version = await work.Db.VersionOfAsync(task, cancellationToken);
        var lengths = await rows.ReadAsync(version, cancellationToken)
            .ToDictionaryAsync(r => r.Id, r => r.Prompt.Length, cancellationToken: cancellationToken);
        var rowOf = await work.Db.LabelItems.Where(i => i.TaskId == task.Id).ToDictionaryAsync(i => i.Id, i => i.RowId, cancellationToken);
        return sheets.ConvertAll(s => s with { TextLength = lengths[rowOf[s.ItemId]] });
    }

    /// <summary>Everything that was handed out.</summary>
    /// <remarks>By the index whose order is about that of the table's pages; SQLite would take the one by person and read each page again
    /// and again.</remarks>
    public static Task<List<GivenAssignment>> AssignmentsAsync(ProjectWork work, Guid taskId, CancellationToken cancellationToken) =>
        ListAsync(
            work,
            taskId,
            """SELECT "ItemId", "UserId", "State", "Seconds", "TookSuggestion", "Values" FROM "Assignments" INDEXED BY "IX_Assignments_TaskId_State_ExpiresAt" WHERE "TaskId" = $task""",
            (reader, texts) =>
                new GivenAssignment(
                    reader.GetGuid(0),
                    Once(texts, reader.GetString(1)),
                    Enum.Parse<AssignmentState>(Once(texts, reader.GetString(2))),
                    reader.GetDouble(3),
                    reader.IsDBNull(4) ? null : reader.GetBoolean(4),
                    reader.IsDBNull(5) ? null : reader.GetString(5)
                ),
            cancellationToken
        );

    /// <summary>What became of the items that are decided.</summary>
    public static async Task<Dictionary<Guid, string?>> DecisionsAsync(
        ProjectWork work,
        Guid taskId,
        CancellationToken cancellationToken
    ) =>
        (
            await ListAsync(
                work,
                taskId,
                """SELECT "Id", "Final" FROM "LabelItems" WHERE "TaskId" = $task AND NOT "IsGold" AND "State" IN ('Approved', 'Agreed')""",
                (reader, texts) => (Id: reader.GetGuid(0), Final: reader.IsDBNull(1) ? null : Once(texts, reader.GetString(1))),
                cancellationToken
            )
        ).ToDictionary(d => d.Id, d => d.Final);

    private static Task<List<T>> ListAsync<T>(
        ProjectWork work,
        Guid taskId,
        string sql,
        Func<SqliteDataReader, Dictionary<string, string>, T> read,
        CancellationToken cancellationToken
    ) =>
        Task.Run(
            async () =>
            {
                await work.Db.Database.OpenConnectionAsync(cancellationToken);
                await using var command = (SqliteCommand)work.Db.Database.GetDbConnection().CreateCommand();
                command.CommandText = sql;
                command.Parameters.AddWithValue("$task", taskId);
                var (found, texts) = (new List<T>(), new Dictionary<string, string>(StringComparer.Ordinal));
                await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SingleResult, cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    found.Add(read(reader, texts));
                }

                return found;
            },
            cancellationToken
        );

    private static string Once(Dictionary<string, string> known, string text)
    {
        if (!known.TryGetValue(text, out var same))
        {
            known[text] = same = text;
        }

        return same;
    }
}
