using System.IO.Compression;
using WebTrainer.Domain;
using WebTrainer.Pipeline.Import.Conversion;
using WebTrainer.Protocol;

namespace WebTrainer.Models;

/// <summary>
/// Unpacks a ZIP archive of a model's or an adapter's folder. Only files that such a folder consists of are taken, by name and flat, but
/// for
/// the one that says how an encoder pools, whose place is fixed: no path of the archive is ever followed. Pickled weights, which could run
/// code, are never written.
/// </summary>
public static class ModelArchive
{
    /// <summary>Bytes of a model's files together, unpacked: 500 GiB.</summary>
    public const long MaxBytes = 500L << 30;
    private const int MaxEntries = 1000;
    private const long MaxTextBytes = 64 << 20;

    /// <summary>
    /// Weights are noise to a packer, which makes them smaller by a half at most; texts of this size are let shrink as they do.
    /// </summary>
    private const int MaxRatio = 20;
    private const long MaxBytesWhateverRatio = 64 << 20;

    /// <summary>Bytes that the folder has when it is unpacked.</summary>
    /// <exception cref="RuleViolationException">The archive holds no such folder.</exception>
    public static long Measure(string path, FolderKind kind)
    {
        using var archive = Open(path, kind);
        return Wanted(archive, path, kind).Values.Sum(entry => entry.Length);
    }

    /// <exception cref="RuleViolationException">The archive holds no such folder, or more than it says.</exception>
    public static async Task UnpackAsync(string path, string folder, FolderKind kind, CancellationToken cancellationToken)
    {
        using var archive = Open(path, kind);
        var wanted = Wanted(archive, path, kind);
        if (wanted.ContainsKey(SentenceFiles.Pooling))
        {
            Directory.CreateDirectory(Path.Combine(folder, SentenceFiles.PoolingFolder));
        }

        foreach (var (name, entry) in wanted)
        {
            await using var from = await entry.OpenAsync(cancellationToken);
            await using var to = new FileStream(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write);
            await CopyAsync(from, to, entry.Length, name, cancellationToken);
        }
    }

    private static string InWords(long bytes) => bytes < 1e9 ? $"{bytes / 1e6:0.0} MB" : $"{bytes / 1e9:0.0} GB";

    private static ZipArchive Open(string path, FolderKind kind)
    {
        if (ZipDirectory.CountEntries(path, MaxEntries) > MaxEntries)
        {
            throw new RuleViolationException($"The archive holds too many files; a folder of a {kind.Word} has at most {MaxEntries}.");
        }

        try
        {
            return ZipFile.OpenRead(path);
        }
        catch (InvalidDataException)
        {
            throw new RuleViolationException(
                $"The file is no ZIP archive. Pack the {kind.Word}'s folder ({kind.Mark}, {kind.WeightsInWords}{(kind == FolderKind.Model ? ", tokenizer.json" : "")}) into one ZIP file."
            );
        }
    }

    private static Dictionary<string, ZipArchiveEntry> Wanted(ZipArchive archive, string path, FolderKind kind)
    {
        // The shallowest file that marks such a folder says which folder of the archive it is.
        var mark =
            archive.Entries.Where(entry => entry.Name == kind.Mark).MinBy(entry => entry.FullName.Length)
            ?? throw new RuleViolationException(
                kind.OtherOf(archive.Entries.Select(entry => entry.Name)) is { } other
                    ? $"The archive holds a folder of another kind (with {other.Mark}): add it as {(other == FolderKind.Adapter ? "an adapter" : "a base model")}."
                    : $"The archive has no {kind.Mark}: pack the {kind.Word}'s whole folder."
            );
        var prefix = mark.FullName[..^mark.Name.Length];
        var found = archive
            .Entries.Where(entry =>
                entry.FullName.StartsWith(prefix, StringComparison.Ordinal) && kind.IsWanted(entry.FullName[prefix.Length..])
            )
            .DistinctBy(entry => entry.FullName)
            .ToDictionary(entry => entry.FullName[prefix.Length..]);
        if (!found.Keys.Any(kind.IsWeights))
        {
            throw new RuleViolationException(
                archive.Entries.Any(entry =>
                    entry.Name.EndsWith(".bin", StringComparison.OrdinalIgnoreCase)
                    || entry.Name.EndsWith(".pt", StringComparison.OrdinalIgnoreCase)
                )
                    ? "The archive has pickled weights only (.bin, .pt), which can run code and are never read here. Convert them to safetensors first."
                    : $"The archive has no weights: {kind.WeightsInWords} must lie beside {kind.Mark}."
            );
        }

        if (found.Values.FirstOrDefault(entry => !kind.IsWeights(entry.Name) && entry.Length > MaxTextBytes) is { } large)
        {
            throw new RuleViolationException($"{large.Name} has {InWords(large.Length)}; at most {InWords(MaxTextBytes)} are read.");
        }

        var (unpacked, packed) = (found.Values.Sum(entry => entry.Length), new FileInfo(path).Length);
        if (unpacked > MaxBytes)
        {
            throw new RuleViolationException($"Unpacked, the folder has more than {InWords(MaxBytes)}.");
        }

        return unpacked <= MaxBytesWhateverRatio || unpacked / MaxRatio <= packed
            ? found
            : throw new RuleViolationException(
                $"Unpacked, the folder has {InWords(unpacked)}, {unpacked / packed:N0} times the archive; weights don't shrink so, and at most {MaxRatio} times is taken."
            );
    }

    /// <summary>An entry may hold more than the archive's list says; it may not be written.</summary>
    private static async Task CopyAsync(Stream from, FileStream to, long announced, string name, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 20];
        for (int read; (read = await from.ReadAsync(buffer, cancellationToken)) > 0; )
        {
            if (to.Length + read > announced)
            {
                throw new RuleViolationException($"{name} is larger than the archive says; it was not taken.");
            }

            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }
}
