using Microsoft.EntityFrameworkCore.Migrations;

namespace WebTrainer.Data.Migrations;

/// <summary>
/// Carries the tasks of one question over to tasks of several: what people answered before the change is kept. Each old task becomes one question
/// named <c>answer</c>, each old answer an assignment; approval by a reviewer stays what ends an item.
/// </summary>
internal static class LabelingConversion
{
    /// <summary>Keeps copies of what the generated steps rename or drop.</summary>
    public static void Before(MigrationBuilder migration)
    {
        migration.Sql("""CREATE TABLE "OldLabelTasks" AS SELECT * FROM "LabelTasks" """);
        migration.Sql("""CREATE TABLE "OldLabelAnswers" AS SELECT * FROM "LabelAnswers" """);
    }

    public static void After(MigrationBuilder migration)
    {
        migration.Sql(
            """
            UPDATE "LabelTasks" SET
                "Questions" = (SELECT json_array(json_object(
                    'key', 'answer', 'kind', old."Kind", 'text', old."Question", 'options', json(old."Options"),
                    'min', 1, 'max', CASE old."Kind" WHEN 'Rate' THEN 5 ELSE 0 END, 'required', json('true')))
                    FROM "OldLabelTasks" AS old WHERE old."Id" = "LabelTasks"."Id"),
                "Rules" = (SELECT json_object(
                    'overlap', old."AnswersPerItem", 'maxOverlap', max(old."AnswersPerItem", 5), 'order', 'AsGiven', 'agreedIsDone', json('false'))
                    FROM "OldLabelTasks" AS old WHERE old."Id" = "LabelTasks"."Id"),
                "QuestionsVersion" = 1, "Filter" = '{}', "Models" = '[]'
            """);
        migration.Sql(
            """
            UPDATE "LabelItems" SET
                "Wanted" = (SELECT old."AnswersPerItem" FROM "OldLabelTasks" AS old WHERE old."Id" = "LabelItems"."TaskId"),
                "Places" = (SELECT old."AnswersPerItem" FROM "OldLabelTasks" AS old WHERE old."Id" = "LabelItems"."TaskId")
                    - (SELECT count(*) FROM "OldLabelAnswers" AS answer WHERE answer."ItemId" = "LabelItems"."Id"),
                "Shuffle" = "Ordinal", "Candidates" = '[]',
                "Final" = CASE WHEN "Final" IS NULL THEN NULL ELSE json_object('answer', "Final") END
            """);
        migration.Sql(
            """
            INSERT INTO "Assignments"
                ("Id", "TaskId", "ItemId", "UserId", "State", "TakenAt", "ExpiresAt", "Values", "AnsweredAt", "Seconds", "QuestionsVersion", "GuidelinesVersion")
            SELECT answer."Id", item."TaskId", answer."ItemId", answer."UserId", CASE WHEN answer."Returned" THEN 'Returned' ELSE 'Answered' END,
                answer."At", answer."At", json_object('answer', answer."Value"), answer."At", 0, 1, 0
            FROM "OldLabelAnswers" AS answer JOIN "LabelItems" AS item ON item."Id" = answer."ItemId"
            """);
        migration.Sql("""DROP TABLE "OldLabelTasks" """);
        migration.Sql("""DROP TABLE "OldLabelAnswers" """);
    }
}
