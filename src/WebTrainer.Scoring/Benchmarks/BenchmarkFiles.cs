using System.IO.Compression;
using System.Text;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>A benchmark's file can't be used; the message says why in a sentence.</summary>
public sealed class BenchmarkException(string message, Exception? inner = null) : Exception(message, inner);

/// <param name="Name">Path inside the archive, or the file's own name.</param>
/// <param name="Text">All of it.</param>
public sealed record BenchmarkText(string Name, string Text);

/// <summary>Reads a benchmark's published files: one, or a ZIP of them, in bounded memory.</summary>
public static class BenchmarkFiles
{
    /// <summary>Files of an archive that are allowed, those that are not read among them.</summary>
    public const int MaxEntries = 2000;

    /// <summary>UTF-16 units of all texts together, however small an archive makes them.</summary>
    public const long MaxBytes = 256L << 20;

    /// <param name="path">The stored file.</param>
    /// <param name="name">The file's published name; a content-addressed store knows none.</param>
    /// <exception cref="BenchmarkException">The file is too large, or no text.</exception>
    public static IReadOnlyList<BenchmarkText> Read(string path, string name)
    {
        using var stream = File.OpenRead(path);
        return IsZip(stream) ? ReadArchive(stream) : [new(name, ReadText(stream, name, new Allowance()))];
    }

    private static bool IsZip(FileStream stream)
    {
        Span<byte> start = stackalloc byte[4];
        var read = stream.ReadAtLeast(start, 4, throwOnEndOfStream: false);
        stream.Position = 0;
        return read == 4 && start is [(byte)'P', (byte)'K', 3, 4];
    }

    private static List<BenchmarkText> ReadArchive(FileStream stream)
    {
        try
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read);
            if (archive.Entries.Count > MaxEntries)
            {
                throw new BenchmarkException($"The archive has {archive.Entries.Count} files; {MaxEntries} are allowed.");
            }

            var allowance = new Allowance();
            var texts = new List<BenchmarkText>();
            foreach (var entry in archive.Entries.Where(IsWanted).OrderBy(entry => entry.FullName, StringComparer.Ordinal))
            {
                using var content = entry.Open();
                texts.Add(new(entry.FullName.Replace('\\', '/'), ReadText(content, entry.FullName, allowance)));
            }

            return texts;
        }
        catch (InvalidDataException exception)
        {
            throw new BenchmarkException("The archive is damaged: " + exception.Message, exception);
        }
    }

    /// <summary>Folders, licences and a system's own litter are not read.</summary>
    private static bool IsWanted(ZipArchiveEntry entry) =>
        entry.Name.Length > 0
        && !entry.FullName.Contains("__MACOSX", StringComparison.Ordinal)
        && Path.GetExtension(entry.Name).ToLowerInvariant() is ".csv" or ".tsv" or ".jsonl" or ".json" or ".txt";

    private static string ReadText(Stream stream, string name, Allowance allowance)
    {
        try
        {
            using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
            var text = new StringBuilder();
            var buffer = new char[1 << 16];
            for (int read; (read = reader.Read(buffer)) > 0; )
            {
                allowance.Take(read);
                text.Append(buffer, 0, read);
            }

            return text.ToString();
        }
        catch (DecoderFallbackException exception)
        {
            throw new BenchmarkException($"{name} is no UTF-8 text.", exception);
        }
    }

    /// <summary>Counts what really comes out: an archive's own figures may lie.</summary>
    private sealed class Allowance
    {
        private long _left = MaxBytes;

        public void Take(int characters)
        {
            if ((_left -= characters) < 0)
            {
                throw new BenchmarkException($"The files are larger than {MaxBytes >> 20} MB together.");
            }
        }
    }
}
