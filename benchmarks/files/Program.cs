using System.Globalization;
using WebTrainer.Benchmarks.Files;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["read", var folder, var target]:
        await Reading.AllAsync(folder, target);
        return 0;
    case ["duckdb", var folder, var target]:
        DuckDbReading.All(folder, target);
        return 0;
    case ["parquet", var file]:
        await ParquetMemory.ImportAsync(file);
        return 0;
    case ["make-parquet", var file]:
        ParquetMemory.Make(file);
        return 0;
    default:
        await Console.Error.WriteLineAsync(
            "read or duckdb, then a folder of files and one to write to | make-parquet or parquet, then a file"
        );
        return 2;
}
