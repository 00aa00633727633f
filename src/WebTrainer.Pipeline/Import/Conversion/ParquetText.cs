using DuckDB.NET.Data;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>The rows of a Parquet file as JSONL, which keeps lists and objects.</summary>
internal static class ParquetText
{
    public static SourceFile Convert(SourceFile file, string target, ImportLimits limits, CancellationToken cancellationToken)
    {
        using var scratch = new ScratchFolder(target + ".tmp");
        using var connection = DuckDb.Open(limits.DuckDbLongRowMemoryMiB, scratch.Path);
        var part = Path.Combine(scratch.Path, "rows.jsonl");
        try
        {
            DuckDb.Execute(
                connection, $"COPY (SELECT * EXCLUDE (file_row_number) FROM {DuckDb.Parquet(file.Path)}) TO {DuckDb.Literal(part)} (FORMAT json)", cancellationToken);
        }
        catch (DuckDBException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new DataProblemException($"'{file.Name}' is a Parquet file that can't be read; it may be cut off.", cause: e);
        }

        File.Move(part, target);
        return new SourceFile(target, file.Name);
    }
}
