using DuckDB.NET.Data;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Cleaning.Duplicates;

/// <summary>
/// The keys of all rows of a version, reckoned inside DuckDB where the text is plain: ASCII, with single spaces between words. Of such a text the normal form is
/// but its small letters; every other one comes out and is normalised here.
/// </summary>
internal static class KeyScan
{
    /// <summary>White space other than the space, and what a single space may not be.</summary>
    private const string IsPlain =
        "strlen(text) = length(text) AND NOT (contains(text, '  ') OR starts_with(text, ' ') OR ends_with(text, ' ') OR contains(text, chr(9)) OR contains(text, chr(10)) "
        + "OR contains(text, chr(11)) OR contains(text, chr(12)) OR contains(text, chr(13)))";

    /// <param name="found">Gets position, split and key of each row, as <see cref="TextKey.NormalMd5"/> of <see cref="DuplicateChoice.Text"/> gives it.</param>
    public static void Read(string version, DuplicateBy by, ImportLimits limits, Action<int, DataSplit?, UInt128> found, CancellationToken cancellationToken)
    {
        using var connection = DuckDb.Open(limits.DuckDbMemoryMiB, Path.GetTempPath());
        using var command = connection.CreateCommand();
        var text = by == DuplicateBy.Prompt ? "prompt" : "CASE WHEN coalesce(response, '') = '' THEN prompt ELSE prompt || ' ' || response END";
        command.CommandText =
            $"""
            WITH texts AS (SELECT file_row_number AS position, split, {text} AS text FROM {DuckDb.Parquet(version)}), looked AS (SELECT *, {IsPlain} AS plain FROM texts)
            SELECT position, split, CASE WHEN plain THEN md5_number_upper(lower(text)) END, CASE WHEN plain THEN md5_number_lower(lower(text)) END, CASE WHEN NOT plain THEN text END
            FROM looked
            """;
        command.UseStreamingMode = true;
        using var cancelling = cancellationToken.Register(command.Cancel);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var split = reader.IsDBNull(1) ? (DataSplit?)null : DataSplitNames.Parse(reader.GetString(1));
            found((int)reader.GetInt64(0), split, reader.IsDBNull(2) ? TextKey.NormalMd5(reader.GetString(4)) : Key(reader));
        }
    }

    /// <summary>DuckDB reads the sixteen bytes of the hash as two numbers with the lowest byte first.</summary>
    private static UInt128 Key(DuckDBDataReader reader) => new(Reversed(reader, 2), Reversed(reader, 3));

    private static ulong Reversed(DuckDBDataReader reader, int column) => System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(reader.GetFieldValue<ulong>(column));
}
