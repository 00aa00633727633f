using Microsoft.Data.Sqlite;

namespace WebTrainer.Portal.Hosting;

/// <summary>
/// Tells what passes by itself, so that the same can be tried again, from what stays wrong: a full disk, a locked database.
/// </summary>
public static class PassingFault
{
    /// <summary>SQLITE_BUSY and SQLITE_LOCKED.</summary>
    private const int SqliteBusy = 5,
        SqliteLocked = 6;

    public const string LockedSentence =
        "The server's database is busy just now. Nothing was changed, and what you sent is not lost where it is still shown. Try again in a moment.";

    public static bool Is(Exception exception) => FullDiskFault.Caused(exception) || IsLocked(exception);

    public static bool IsLocked(Exception? exception) =>
        exception switch
        {
            null => false,
            SqliteException { SqliteErrorCode: SqliteBusy or SqliteLocked } => true,
            _ => IsLocked(exception.InnerException),
        };
}
