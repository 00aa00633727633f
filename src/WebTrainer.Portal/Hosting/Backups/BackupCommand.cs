using WebTrainer.Data;

namespace WebTrainer.Portal.Hosting.Backups;

/// <summary>
/// <c>backup FILE</c>, <c>restore FILE</c>, <c>check</c> of the data folder and <c>check FILE</c> of a backup. All but <c>restore</c> may
/// be
/// asked for while a portal is up. Paths are relative to the content root.
/// </summary>
public static class BackupCommand
{
    private const string Backup = "backup",
        RestoreName = "restore",
        Check = "check";

    public static IReadOnlyList<string> Names { get; } = [Backup, RestoreName, Check];

    /// <returns>0 where all is well, 1 for a data folder that is not whole.</returns>
    /// <exception cref="StartFailureException">It can't be done, or a backup is not as it was written; the sentence says why.</exception>
    public static int Run(
        CommandWords command,
        IConfiguration configuration,
        IHostEnvironment environment,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var data = DataFolders.Find(configuration, environment);
        switch (command.Name, command.Words)
        {
            case (Backup, [var file]):
                Tell("Written", BackupWriter.Write(data, Absolute(file), clock.GetUtcNow(), cancellationToken));
                return 0;
            case (RestoreName, [var file]):
                Tell("Restored", Restore.Into(data, Absolute(file), cancellationToken));
                return Look(data, cancellationToken);
            case (Check, [var file]):
                Tell("The backup is whole", BackupReader.Read(Absolute(file), null, cancellationToken));
                return 0;
            case (Check, []):
                return Look(data, cancellationToken);
            default:
                throw new StartFailureException(
                    "Say 'backup FILE', 'restore FILE', 'check FILE' for a backup, or 'check' for the data folder."
                );
        }

        string Absolute(string file) => Path.GetFullPath(file, environment.ContentRootPath);
    }

    private static void Tell(string what, BackupManifest backup) =>
        Console.WriteLine(
            $"{what}: {backup.Files.Count:N0} files, {backup.Files.Sum(file => file.Bytes) / 1e6:N1} MB, as of {backup.MadeAt:yyyy-MM-dd HH:mm:ss} UTC."
        );

    private static int Look(DataFolder data, CancellationToken cancellationToken)
    {
        var report = FolderCheck.Look(data, cancellationToken);
        Console.WriteLine(
            report.Findings.Count == 0
                ? $"{data.Root} is whole: the database, {report.Files:N0} files by their hashes, the folders of {report.Jobs:N0} jobs. The audit log has a check of its own ('audit verify')."
                : $"{data.Root} is not whole:"
        );
        foreach (var finding in report.Findings)
        {
            Console.WriteLine(finding);
        }

        return report.Findings.Count == 0 ? 0 : 1;
    }
}
