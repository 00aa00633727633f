using System.Formats.Tar;
using System.Text.Json;

namespace WebTrainer.Portal.Hosting.Backups;

/// <summary>Reads a backup from its beginning to its end, and holds each file against the manifest.</summary>
public static class BackupReader
{
    private const int MostNamed = 10;

    /// <summary>Looks through the whole archive.</summary>
    /// <param name="take">Gets each file with its content; null where it is only looked at.</param>
    /// <exception cref="StartFailureException">It can't be read, or isn't as it was written: each file that differs is named.</exception>
    public static BackupManifest Read(string file, Action<string, Stream>? take, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, BackupFile>(StringComparer.Ordinal);
        var last = "its beginning";
        try
        {
            using var archive = File.OpenRead(file);
            using var tar = new TarReader(archive);
            BackupManifest? manifest = null;
            while (tar.GetNextEntry() is { } entry)
            {
                cancellationToken.ThrowIfCancellationRequested();
                last = entry.Name;
                if (manifest is not null || !IsOurs(entry) || found.ContainsKey(entry.Name))
                {
                    throw Refused(file, [$"{entry.Name} does not belong into it"]);
                }

                if (entry.Name == BackupManifest.Name)
                {
                    manifest = BackupManifest.Read(entry.DataStream ?? Stream.Null);
                    continue;
                }

                found.Add(entry.Name, Measure(entry, take));
            }

            return Compare(file, manifest ?? throw Refused(file, ["its end is missing"]), found);
        }
        catch (Exception fault)
            when (fault is IOException or UnauthorizedAccessException or InvalidDataException or FormatException or JsonException)
        {
            throw new StartFailureException($"The backup {file} can't be read behind {last}: {fault.Message}", fault);
        }
    }

    private static BackupFile Measure(TarEntry entry, Action<string, Stream>? take)
    {
        using var content = new HashingStream(entry.DataStream ?? Stream.Null, entry.Length);
        if (take is null)
        {
            content.CopyTo(Stream.Null);
        }
        else
        {
            take(entry.Name, content);
        }

        return new BackupFile(entry.Name, content.Length, content.TakeSha256());
    }

    /// <summary>A plain file, by a path that stays where the archive is unpacked.</summary>
    private static bool IsOurs(TarEntry entry) =>
        entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile
        && !Path.IsPathRooted(entry.Name)
        && entry.Name.Split('/').All(part => part is not ("" or "." or ".."));

    private static BackupManifest Compare(string file, BackupManifest manifest, Dictionary<string, BackupFile> found)
    {
        if (manifest.Format != BackupManifest.KnownFormat)
        {
            throw new StartFailureException(
                $"The backup {file} has format {manifest.Format}, which this version doesn't know. Use a newer one."
            );
        }

        var wanted = manifest.Files.DistinctBy(one => one.Path).ToDictionary(one => one.Path, StringComparer.Ordinal);
        List<string> wrong =
        [
            .. wanted.Values.Where(one => !found.ContainsKey(one.Path)).Select(one => $"{one.Path} is missing"),
            .. found.Values.Where(one => !wanted.ContainsKey(one.Path)).Select(one => $"{one.Path} does not belong into it"),
            .. found
                .Values.Where(one => wanted.TryGetValue(one.Path, out var was) && was != one)
                .Select(one => $"{one.Path} is not what was written"),
        ];
        return wrong.Count == 0 ? manifest : throw Refused(file, wrong);
    }

    private static StartFailureException Refused(string file, IReadOnlyCollection<string> wrong) =>
        new(
            $"The backup {file} is damaged or was changed: {string.Join("; ", wrong.Take(MostNamed))}{(wrong.Count > MostNamed ? $"; and {wrong.Count - MostNamed} more" : "")}. Nothing of it is used. Take another one."
        );
}
