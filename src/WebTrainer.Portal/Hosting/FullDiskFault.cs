using Microsoft.Data.Sqlite;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Hosting;

/// <summary>Tells a full disk from other faults, whoever met it: the file system, DuckDB or SQLite.</summary>
public static class FullDiskFault
{
    /// <summary>SQLITE_FULL.</summary>
    private const int SqliteFull = 13;

    /// <summary>SQLITE_IOERR_SHMSIZE: there is no room for the index of what was written last.</summary>
    private const int SqliteNoSharedMemory = 4874;

    public const string Sentence =
        "The server's disk is full. Nothing was changed, and what you sent is not lost where it is shown as received. Ask an administrator for room, then try again.";

    public static bool Caused(Exception? exception) =>
        exception switch
        {
            null => false,
            SqliteException { SqliteErrorCode: SqliteFull } or SqliteException { SqliteExtendedErrorCode: SqliteNoSharedMemory } => true,
            IOException io when FullDisk.Caused(io) => true,
            // DuckDB says so in words only.
            _ when exception.Message.Contains("No space left on device", StringComparison.Ordinal) => true,
            _ => Caused(exception.InnerException),
        };
}
