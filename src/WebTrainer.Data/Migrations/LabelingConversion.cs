using Microsoft.EntityFrameworkCore.Migrations;

namespace WebTrainer.Data.Migrations;

/// <summary>
/// Carries the tasks of one question over to tasks of several: what people answered before the change is kept. Each old task becomes one question
/// named <c>answer</c>, each old answer an assignment; approval by a reviewer stays what ends an item.
/// </summary>
internal static class LabelingConversion
{
    /// <summary>Sets the old tables aside; the generated steps make the new ones.</summary>
    public static void Before(MigrationBuilder migration)
    {
        foreach (var table in (string[])["LabelAnswers", "LabelItems", "LabelTasks"])
        {
            migration.Sql($"""CREATE TABLE "Old{table}" AS SELECT * FROM "{table}" """);
            migration.DropTable(table);
        }
    }

    public static void After(MigrationBuilder migration)
    {
        migration.Sql(
            """
            INSERT INTO "LabelTasks"
                ("Id", "ProjectId", "DatasetVersionId", "Name", "Questions", "QuestionsVersion", "Rules", "Filter", "Assignees", "GuidelinesVersion", "Models",
                 "CreatedBy", "CreatedAt", "ClosedAt")
            SELECT "Id", "ProjectId", "DatasetVersionId", "Name",
                json_array(json_object(
                    'key', 'answer', 'kind', "Kind", 'text', "Question", 'options', json("Options"),
                    'min', 1, 'max', CASE "Kind" WHEN 'Rate' THEN 5 ELSE 0 END, 'required', json('true'))),
                1,
                json_object('overlap', "AnswersPerItem", 'maxOverlap', max("AnswersPerItem", 5), 'order', 'AsGiven', 'agreedIsDone', json('false')),
                '{}', "Assignees", 0, '[]', "CreatedBy", "CreatedAt", "ClosedAt"
            FROM "OldLabelTasks"
            """);
        migration.Sql(
            """
            INSERT INTO "LabelItems"
                ("Id", "TaskId", "Ordinal", "RowId", "State", "Priority", "Shuffle", "Wanted", "Places", "IsGold", "Candidates", "Final",
                 "ReviewedBy", "ReviewedAt", "ReturnReason", "Revision")
            SELECT item."Id", item."TaskId", item."Ordinal", item."RowId", item."State", 0, item."Ordinal", task."AnswersPerItem",
                task."AnswersPerItem" - (SELECT count(*) FROM "OldLabelAnswers" AS answer WHERE answer."ItemId" = item."Id"),
                0, '[]', CASE WHEN item."Final" IS NULL THEN NULL ELSE json_object('answer', item."Final") END,
                item."ReviewedBy", item."ReviewedAt", item."ReturnReason", item."Revision"
            FROM "OldLabelItems" AS item JOIN "OldLabelTasks" AS task ON task."Id" = item."TaskId"
            """);
        migration.Sql(
            """
            INSERT INTO "Assignments"
                ("Id", "TaskId", "ItemId", "UserId", "State", "TakenAt", "ExpiresAt", "Values", "AnsweredAt", "Seconds", "QuestionsVersion", "GuidelinesVersion")
            SELECT answer."Id", item."TaskId", answer."ItemId", answer."UserId", CASE WHEN answer."Returned" THEN 'Returned' ELSE 'Answered' END,
                answer."At", answer."At", json_object('answer', answer."Value"), answer."At", 0, 1, 0
            FROM "OldLabelAnswers" AS answer JOIN "OldLabelItems" AS item ON item."Id" = answer."ItemId"
            """);
        foreach (var table in (string[])["LabelAnswers", "LabelItems", "LabelTasks"])
            migration.Sql($"""DROP TABLE "Old{table}" """);
    }
}
