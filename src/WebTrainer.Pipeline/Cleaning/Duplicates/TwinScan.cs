using DuckDB.NET.Data;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Cleaning.Duplicates;

/// <summary>
/// Rows that repeat another one, found inside DuckDB, so that of a million rows only the repetitions come out. A text that is plain, ASCII
/// with single spaces between words, has its small letters as its normal form; every other one is normalised here.
/// </summary>
/// <remarks>
/// Equal normal forms have equal hashes, and a hash of 64 bits costs a fraction of an MD5. So the hash says which rows may repeat one
/// another, and of these few the MD5 says which do.
/// </remarks>
internal static class TwinScan
{
    /// <summary>
    /// What judges stays before what is learned from, as in <see cref="DuplicateChoice.Rank(int, DataSplit?, DuplicateKeep)"/>.
    /// </summary>
    private static readonly string s_judges =
        $"CASE split WHEN '{DataSplit.Test.ToName()}' THEN 0 WHEN '{DataSplit.Validation.ToName()}' THEN 1 ELSE 2 END";

    /// <param name="keep"><see cref="DuplicateKeep.First"/> or <see cref="DuplicateKeep.Last"/>.</param>
    /// <returns>Position of each row that repeats another, and of the row that stays for it; and how many rows stay though their text is
    /// that of one of another class.</returns>
    public static (Dictionary<int, int> Twins, long Crossing) Find(
        string version,
        DuplicateBy by,
        DuplicateWithin within,
        DuplicateKeep keep,
        ImportLimits limits,
        CancellationToken cancellationToken
    )
    {
        using var connection = DuckDb.Open(limits.DuckDbMemoryMiB, limits.ScratchFolder);
        connection.RegisterScalarFunction<string, string>(
            "normal_form",
            (texts, normal, count) =>
            {
                for (ulong i = 0; i < count; i++)
                {
                    normal.WriteValue(TextKey.Normal(texts[0].GetValue<string>(i)), i);
                }
            }
        );
        var text =
            by == DuplicateBy.Prompt ? "prompt" : "CASE WHEN coalesce(response, '') = '' THEN prompt ELSE prompt || ' ' || response END";
        string Keys(string table, string hash, string rows, string more = "") =>
            $"""
                CREATE TABLE {table} AS
                WITH texts AS (SELECT file_row_number AS position, {s_judges} AS judges, {text} AS text, {ClassOf(
                    within
                )} AS class FROM {DuckDb.Parquet(version)} WHERE {rows})
                SELECT position, judges, {hash}({Normal("text")}) AS key{more} FROM texts
                """;
        DuckDb.Execute(connection, Keys("hashes", "hash", "true"), cancellationToken);
        DuckDb.Execute(
            connection,
            "CREATE TABLE suspects AS SELECT position FROM hashes WHERE key IN (SELECT key FROM hashes GROUP BY key HAVING count(*) > 1); DROP TABLE hashes",
            cancellationToken
        );
        DuckDb.Execute(
            connection,
            Keys("keys", "md5_number", "file_row_number IN (FROM suspects)", $", md5_number({Normal("class")}) AS class"),
            cancellationToken
        );
        return (Read(connection, keep, cancellationToken), Crossing(connection));
    }

    /// <summary>
    /// The text's own small letters where it is nothing but printable ASCII, with no two spaces in a row and none at an end.
    /// </summary>
    private static string Normal(string text) =>
        $"CASE WHEN regexp_matches({text}, '[^ -~]|  ') OR starts_with({text}, ' ') OR ends_with({text}, ' ') THEN normal_form({text}) ELSE lower({text}) END";

    /// <summary>As <see cref="DuplicateChoice.Class"/>.</summary>
    private static string ClassOf(DuplicateWithin within) =>
        within switch
        {
            DuplicateWithin.Label => "coalesce(label, '')",
            DuplicateWithin.Answer => "concat(label, chr(10), chr(10), response)",
            _ => "''",
        };

    private static long Crossing(DuckDBConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(DISTINCT (key, class)) - count(DISTINCT key) FROM keys";
        return (long)command.ExecuteScalar()!;
    }

    private static Dictionary<int, int> Read(DuckDBConnection connection, DuplicateKeep keep, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT position, kept
            FROM keys JOIN (SELECT key, class, arg_min(position, (judges, {(
                keep == DuplicateKeep.Last ? "-position" : "position"
            )})) AS kept FROM keys GROUP BY key, class HAVING count(*) > 1) AS repeated USING (key, class)
            WHERE position <> kept
            """;
        return DuckDb.ReadAll(command, reader => ((int)reader.GetInt64(0), (int)reader.GetInt64(1)), cancellationToken).ToDictionary();
    }
}
