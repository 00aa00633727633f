using Microsoft.Data.Sqlite;
using WebTrainer.Data;

namespace WebTrainer.Portal.Hosting;

/// <summary>
/// <c>--backup FOLDER</c>: a copy of the data folder, whether a portal is up on it or not. The database comes first, as it is at one
/// moment, and the files after it: whatever it names was written before its row was.
/// </summary>
public static class Backup
{
    public const string Option = "backup";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <exception cref="StartFailureException">There is nothing to copy, or the target is no empty folder.</exception>
    public static void Make(DataFolder data, string target, CancellationToken cancellationToken)
    {
        if (!File.Exists(data.Database))
        {
            throw new StartFailureException(
                $"The folder {data.Root} holds no data yet. Name the right one with {DataFolders.Variable}=/some/folder."
            );
        }

        if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
        {
            throw new StartFailureException($"The folder {target} is not empty. Name a new one for the backup.");
        }

        var copy = new DataFolder(target);
        Directory.CreateDirectory(copy.Root, OwnerOnly);
        CopyDatabase(data.Database, copy.Database);
        foreach (
            var (from, to) in new[]
            {
                (data.Files, copy.Files),
                (data.Uploads, copy.Uploads),
                (data.Runs, copy.Runs),
                (data.Models, copy.Models),
                (data.Answers, copy.Answers),
                (data.Keys, copy.Keys),
            }
        )
        {
            CopyFolder(from, to, cancellationToken);
        }
    }

    private static void CopyDatabase(string from, string to)
    {
        using var source = new SqliteConnection($"Data Source={from};Mode=ReadOnly;Pooling=False");
        using var target = new SqliteConnection($"Data Source={to};Pooling=False");
        source.Open();
        target.Open();
        source.BackupDatabase(target);
    }

    private static void CopyFolder(string from, string to, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(to, OwnerOnly);
        foreach (var folder in Directory.EnumerateDirectories(from))
        {
            CopyFolder(folder, Path.Combine(to, Path.GetFileName(folder)), cancellationToken);
        }

        foreach (var file in Directory.EnumerateFiles(from))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
            }
            catch (FileNotFoundException)
            {
                // Discarded, or replaced by a newer checkpoint, while it was copied.
            }
        }
    }
}
