using WebTrainer.Data;

namespace WebTrainer.Portal.Hosting.Backups;

/// <summary>Unpacks a backup into a data folder that holds nothing yet, once all of it was read and found whole.</summary>
public static class Restore
{
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
        FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // Until all the rest is there, so that no portal starts on half of it.
    private const string Unfinished = ".part";

    /// <exception cref="StartFailureException">The folder holds something, or the backup isn't as it was written; then nothing was
    /// unpacked.</exception>
    public static BackupManifest Into(DataFolder data, string file, CancellationToken cancellationToken)
    {
        if (Directory.Exists(data.Root) && Directory.EnumerateFileSystemEntries(data.Root).Any())
        {
            throw new StartFailureException(
                $"The folder {data.Root} is not empty. Name a new one for what is restored with {DataFolders.Variable}=/some/folder."
            );
        }

        BackupReader.Read(file, null, cancellationToken);
        try
        {
            Directory.CreateDirectory(data.Root, FolderMode);
            var manifest = BackupReader.Read(file, (name, content) => Write(data, name, content), cancellationToken);
            File.Move(data.Database + Unfinished, data.Database);
            return manifest;
        }
        catch (Exception fault)
        {
            foreach (var entry in new DirectoryInfo(data.Root).EnumerateDirectories())
            {
                entry.Delete(recursive: true);
            }

            File.Delete(data.Database + Unfinished);
            if (fault is IOException or UnauthorizedAccessException)
            {
                throw new StartFailureException($"The folder {data.Root} can't be written: {fault.Message}", fault);
            }

            throw;
        }
    }

    private static void Write(DataFolder data, string name, Stream content)
    {
        var path = Path.Combine(data.Root, name);
        if (path == data.Database)
        {
            path += Unfinished;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!, FolderMode);
        using var target = new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = System.IO.FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = FileMode,
            }
        );
        content.CopyTo(target);
        if (path == data.Database + Unfinished)
        {
            target.Flush(flushToDisk: true);
        }
    }
}
