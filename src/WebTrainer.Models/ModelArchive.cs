using System.IO.Compression;
using WebTrainer.Domain;
using WebTrainer.Pipeline.Import.Conversion;
using WebTrainer.Protocol;

namespace WebTrainer.Models;

/// <summary>
/// Unpacks a ZIP archive of a Hugging Face folder. Only files that a model consists of are taken, by name and flat, but for the one that
/// says how an encoder pools, whose place is fixed: no path of the archive is ever followed. Pickled weights, which could run code, are
/// never written.
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
    private static readonly string[] s_texts =
    [
        "config.json",
        "generation_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
        "vocab.json",
        "merges.txt",
        "vocab.txt",
        "tokenizer.model",
        "spiece.model",
        "model.safetensors.index.json",
        "README.md",
        "LICENSE",
        "LICENSE.txt",
        "NOTICE",
        "chat_template.jinja",
        "heldout.txt",
        SentenceFiles.Modules,
        SentenceFiles.Settings,
        SentenceFiles.Pooling,
    ];

    /// <summary>Whether a model's folder may hold a file at this place in it.</summary>
    public static bool IsWanted(string name) => s_texts.Contains(name, StringComparer.Ordinal) || IsWeights(name);

    /// <summary>Whether a name is that of weights at the top of a model's folder, in safetensors; pickled ones never count.</summary>
    public static bool IsWeights(string name) => name.EndsWith(".safetensors", StringComparison.Ordinal) && Path.GetFileName(name) == name;

    /// <summary>Bytes that the model has when it is unpacked.</summary>
    /// <exception cref="RuleViolationException">The archive is no model.</exception>
    public static long Measure(string path)
    {
        using var archive = Open(path);
        return Wanted(archive, path).Values.Sum(entry => entry.Length);
    }

    /// <exception cref="RuleViolationException">The archive is no model, or more than it says it is.</exception>
    public static async Task UnpackAsync(string path, string folder, CancellationToken cancellationToken)
    {
        using var archive = Open(path);
        var wanted = Wanted(archive, path);
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

    private static ZipArchive Open(string path)
    {
        if (ZipDirectory.CountEntries(path, MaxEntries) > MaxEntries)
        {
            throw new RuleViolationException($"The archive holds too many files; a model has at most {MaxEntries}.");
        }

        try
        {
            return ZipFile.OpenRead(path);
        }
        catch (InvalidDataException)
        {
            throw new RuleViolationException(
                "The file is no ZIP archive. Pack the model's folder (config.json, *.safetensors, tokenizer.json) into one ZIP file."
            );
        }
    }

    private static Dictionary<string, ZipArchiveEntry> Wanted(ZipArchive archive, string path)
    {
        // The shallowest config.json says which folder of the archive is the model.
        var config =
            archive.Entries.Where(entry => entry.Name == "config.json").MinBy(entry => entry.FullName.Length)
            ?? throw new RuleViolationException("The archive has no config.json: pack the model's whole folder.");
        var prefix = config.FullName[..^config.Name.Length];
        var found = archive
            .Entries.Where(entry =>
                entry.FullName.StartsWith(prefix, StringComparison.Ordinal) && IsWanted(entry.FullName[prefix.Length..])
            )
            .DistinctBy(entry => entry.FullName)
            .ToDictionary(entry => entry.FullName[prefix.Length..]);
        if (!found.Keys.Any(IsWeights))
        {
            throw new RuleViolationException(
                archive.Entries.Any(entry =>
                    entry.Name.EndsWith(".bin", StringComparison.OrdinalIgnoreCase)
                    || entry.Name.EndsWith(".pt", StringComparison.OrdinalIgnoreCase)
                )
                    ? "The archive has pickled weights only (.bin, .pt), which can run code and are never read here. Convert them to safetensors first."
                    : "The archive has no weights: a model needs at least one .safetensors file beside its config.json."
            );
        }

        if (found.Values.FirstOrDefault(entry => !IsWeights(entry.Name) && entry.Length > MaxTextBytes) is { } large)
        {
            throw new RuleViolationException($"{large.Name} has {InWords(large.Length)}; at most {InWords(MaxTextBytes)} are read.");
        }

        var (unpacked, packed) = (found.Values.Sum(entry => entry.Length), new FileInfo(path).Length);
        if (unpacked > MaxBytes)
        {
            throw new RuleViolationException($"Unpacked, the model has more than {InWords(MaxBytes)}.");
        }

        return unpacked <= MaxBytesWhateverRatio || unpacked / MaxRatio <= packed
            ? found
            : throw new RuleViolationException(
                $"Unpacked, the model has {InWords(unpacked)}, {unpacked / packed:N0} times the archive; weights don't shrink so, and at most {MaxRatio} times is taken."
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
