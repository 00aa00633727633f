using System.Formats.Tar;
using Microsoft.Data.Sqlite;
using WebTrainer.Data;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Hosting.Backups;

/// <summary>
/// Writes the data folder into one file, whether a portal is up on it or not: a tar archive with the hash of each file at its end. The
/// database, as it is at one moment, comes before the files: whatever it names was written before its row was. Only the audit log's heads
/// come before it: none may reach further.
/// </summary>
public sealed class BackupWriter : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string Unfinished = ".part";
    private const int Tries = 3; // of a file that becomes shorter while it is read

    private readonly DataFolder _data;
    private readonly FileStream _archive;
    private readonly TarWriter _tar;
    private readonly List<BackupFile> _files = [];
    private readonly CancellationToken _cancellationToken;

    private BackupWriter(DataFolder data, string path, CancellationToken cancellationToken)
    {
        _data = data;
        _cancellationToken = cancellationToken;
        _archive = new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.ReadWrite,
                UnixCreateMode = OwnerOnly, // keys are in it
            }
        );
        _tar = new TarWriter(_archive, TarEntryFormat.Pax, leaveOpen: true);
    }

    /// <returns>What the file holds; it is there only when it is whole.</returns>
    /// <exception cref="StartFailureException">There is nothing to copy, the file is there already, or it can't be written.</exception>
    public static BackupManifest Write(DataFolder data, string file, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!File.Exists(data.Database))
        {
            throw new StartFailureException(
                $"The folder {data.Root} holds no data yet. Name the right one with {DataFolders.Variable}=/some/folder."
            );
        }

        if (Path.Exists(file))
        {
            throw new StartFailureException($"{file} is there already. Name a new file for the backup.");
        }

        var (unfinished, database) = (file + Unfinished, file + ".db" + Unfinished);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            using var writer = new BackupWriter(data, unfinished, cancellationToken);
            var manifest = writer.WriteAll(database, now);
            File.Move(unfinished, file);
            return manifest;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new StartFailureException($"The backup {file} can't be written: {fault.Message}", fault);
        }
        finally
        {
            File.Delete(database);
            File.Delete(unfinished);
        }
    }

    public void Dispose()
    {
        _tar.Dispose();
        _archive.Dispose();
    }

    private BackupManifest WriteAll(string database, DateTimeOffset now)
    {
        AddFolder(_data.Audit);
        CopyDatabase(_data.Database, database);
        if (!TryAdd(database, NameOf(_data.Database)))
        {
            throw new IOException("the copy of the database is gone.");
        }

        foreach (var folder in (string[])[_data.Files, _data.Uploads, _data.Runs, _data.Models, _data.Answers, _data.Traffic, _data.Keys])
        {
            AddFolder(folder);
        }

        var manifest = new BackupManifest(BackupManifest.KnownFormat, now, _files);
        using var text = new MemoryStream(manifest.ToBytes());
        _tar.WriteEntry(Entry(BackupManifest.Name, text));
        _tar.Dispose(); // writes the end
        _archive.Flush(flushToDisk: true);
        return manifest;
    }

    private static void CopyDatabase(string from, string to)
    {
        File.Delete(to); // of a backup that was killed
        using var source = new SqliteConnection($"Data Source={from};Mode=ReadOnly;Pooling=False");
        using var target = new SqliteConnection($"Data Source={to};Pooling=False");
        source.Open();
        target.Open();
        source.BackupDatabase(target);
    }

    private void AddFolder(string folder)
    {
        foreach (var path in FilesBelow(folder))
        {
            _cancellationToken.ThrowIfCancellationRequested();
            TryAdd(path, NameOf(path));
        }
    }

    /// <summary>Folders that go while they are looked through have nothing any more.</summary>
    private static IEnumerable<string> FilesBelow(string folder)
    {
        string[] entries;
        try
        {
            entries = Directory.GetFileSystemEntries(folder);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }

        Array.Sort(entries, StringComparer.Ordinal);
        return entries.SelectMany(entry =>
            Directory.Exists(entry) ? FilesBelow(entry)
            : IsKept(entry) ? [entry]
            : []
        );
    }

    /// <summary>A worker's lease is held by a process and means nothing elsewhere; sockets and links are none of the portal's
    /// files.</summary>
    private static bool IsKept(string path) =>
        Path.GetFileName(path) != Path.GetFileName(new RunFolder("").Lease)
        && !File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint)
        && !File.GetAttributes(path).HasFlag(FileAttributes.Device);

    private string NameOf(string path) => Path.GetRelativePath(_data.Root, path).Replace(Path.DirectorySeparatorChar, '/');

    /// <returns>False where it was discarded, or replaced by a newer checkpoint, before it was read.</returns>
    private bool TryAdd(string path, string name)
    {
        for (var left = Tries; ; left--)
        {
            var begin = _archive.Position;
            try
            {
                using var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var content = new HashingStream(source, source.Length);
                _tar.WriteEntry(Entry(name, content));
                _files.Add(new BackupFile(name, content.Length, content.TakeSha256()));
                return true;
            }
            catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
            {
                return false;
            }
            catch (EndOfStreamException) when (left > 1)
            {
                _archive.SetLength(begin); // it became shorter: its beginning is read again
                _archive.Position = begin;
            }
        }
    }

    private static PaxTarEntry Entry(string name, Stream content) =>
        new(TarEntryType.RegularFile, name) { Mode = OwnerOnly, DataStream = content };
}
