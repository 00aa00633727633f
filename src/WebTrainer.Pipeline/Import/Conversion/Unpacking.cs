using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>What is in packed files. Names inside are shown to people and never used as paths.</summary>
internal static partial class Unpacking
{
    private const string GzipEnding = ".gz";
    private static readonly string[] s_packed = ["zip", "gz", "xlsx", "docx", "7z", "rar", "xz", "bz2", "zst", "tar"];
    private static readonly string[] s_prose = ["txt", "md", "markdown"];

    public static async Task<SourceFile> GzipAsync(SourceFile file, string target, ImportLimits limits, CancellationToken cancellationToken)
    {
        await using var packed = File.OpenRead(file.Path);
        await using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
        await CopyAsync(unpacked, target, packed.Length, file.Name, limits, cancellationToken);
        RefuseCutOff(file, new FileInfo(target).Length);
        var name = file.Name.EndsWith(GzipEnding, StringComparison.OrdinalIgnoreCase) ? file.Name[..^GzipEnding.Length] : file.Name;
        return new SourceFile(target, name);
    }

    /// <summary>
    /// The framework takes a stream that ends early for a whole one. The last four bytes hold the size of what was packed.
    /// </summary>
    /// <remarks>A file of several packed streams holds the size of the last: less than all, and no fault.</remarks>
    private static void RefuseCutOff(SourceFile file, long unpacked)
    {
        using var stream = File.OpenRead(file.Path);
        Span<byte> size = stackalloc byte[4];
        stream.Position = Math.Max(0, stream.Length - size.Length);
        stream.ReadExactly(size[..(int)Math.Min(size.Length, stream.Length)]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(size) > unpacked)
        {
            throw new DataProblemException(
                $"'{file.Name}' is a packed file that can't be unpacked to its end; it was cut off. Upload it again."
            );
        }
    }

    /// <summary>A workbook, a Word document, or an archive: of one file of rows, or of texts that belong together.</summary>
    public static async Task<SourceFile> ZipAsync(
        SourceFile file,
        string target,
        string? sheet,
        ImportLimits limits,
        FileConverter converter,
        CancellationToken cancellationToken
    )
    {
        if (ZipDirectory.CountEntries(file.Path, limits.MaxArchiveEntries) > limits.MaxArchiveEntries)
        {
            throw new DataProblemException(
                $"'{file.Name}' is a ZIP archive of too many files; at most {limits.MaxArchiveEntries:N0} are read."
            );
        }

        using var archive = Bounds.Read(file.Name, "ZIP archive", () => ZipFile.OpenRead(file.Path));
        var entries = Bounds.Read(file.Name, "ZIP archive", () => archive.Entries);
        foreach (var entry in entries)
        {
            Bounds.RefuseBomb(entry.Length, entry.CompressedLength, file.Name, limits);
        }

        Bounds.RefuseBomb(entries.Sum(e => e.Length), new FileInfo(file.Path).Length, file.Name, limits);
        if (Workbook.Is(archive))
        {
            return await SheetText.ConvertAsync(file, target, sheet, limits, cancellationToken);
        }

        RefuseOtherOffices(file, entries, sheet);
        if (entries.FirstOrDefault(e => WordBody().IsMatch(e.FullName)) is { } word)
        {
            Bounds.RefuseLargeDocument(word.Length, file.Name, limits);
            return await converter.DocumentAsync(file, target, () => WordText.Chunks(file), cancellationToken);
        }

        return await ArchiveAsync(file, target, [.. entries.Where(IsContent)], limits, cancellationToken);
    }

    /// <summary>Whether a ZIP archive is a workbook; one that can't be opened is none.</summary>
    public static bool IsWorkbook(SourceFile file)
    {
        using var archive = Bounds.Read(file.Name, "ZIP archive", () => ZipFile.OpenRead(file.Path));
        return Workbook.Is(archive);
    }

    private static void RefuseOtherOffices(SourceFile file, IReadOnlyList<ZipArchiveEntry> entries, string? sheet)
    {
        if (entries.Any(e => e.FullName.EndsWith("workbook.bin", StringComparison.OrdinalIgnoreCase)))
        {
            throw new DataProblemException($"'{file.Name}' is a binary workbook (XLSB), which can't be read. Save it as XLSX or CSV.");
        }

        if (entries.Any(e => e.FullName == "mimetype") && entries.Any(e => e.FullName == "content.xml"))
        {
            throw new DataProblemException($"'{file.Name}' is an OpenDocument file, which can't be read. Save it as XLSX, CSV or DOCX.");
        }

        if (sheet is not null)
        {
            throw new DataProblemException($"'{file.Name}' is no workbook, so it has no sheet '{sheet}'.");
        }
    }

    private static async Task<SourceFile> ArchiveAsync(
        SourceFile file,
        string target,
        IReadOnlyList<ZipArchiveEntry> entries,
        ImportLimits limits,
        CancellationToken cancellationToken
    )
    {
        if (entries.Count == 0)
        {
            throw new DataProblemException($"'{file.Name}' is a ZIP archive without a file in it.");
        }

        if (entries.FirstOrDefault(e => s_packed.Contains(Ending(e))) is { } packed)
        {
            throw new DataProblemException(
                $"'{file.Name}' is a ZIP archive that holds another packed file, '{NameOf(packed)}'. Upload that one by itself."
            );
        }

        if (entries.All(e => s_prose.Contains(Ending(e))))
        {
            return await ProseAsync(file, target, entries, limits, cancellationToken);
        }

        if (entries.Count > 1)
        {
            await TableSet.WriteAsync(UnpackedAsync(file, target, entries, limits, cancellationToken), target, limits, cancellationToken);
            return new SourceFile(target, file.Name + ".jsonl");
        }

        await using var unpacked = Bounds.Read(file.Name, "ZIP archive", entries[0].Open);
        await CopyAsync(unpacked, target, entries[0].CompressedLength, file.Name, limits, cancellationToken);
        return new SourceFile(target, NameOf(entries[0]));
    }

    /// <summary>Each file in turn, as text, in a place that is gone after it.</summary>
    private static async IAsyncEnumerable<SourceFile> UnpackedAsync(
        SourceFile file,
        string target,
        IReadOnlyList<ZipArchiveEntry> entries,
        ImportLimits limits,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var converter = new FileConverter(limits);
        foreach (var entry in entries)
        {
            using var scratch = new Storage.ScratchFolder(target + ".tmp");
            var path = Path.Combine(scratch.Path, "entry");
            await using (var unpacked = Bounds.Read(file.Name, "ZIP archive", entry.Open))
            {
                await CopyAsync(unpacked, path, entry.CompressedLength, file.Name, limits, cancellationToken);
            }

            yield return await converter.ConvertAsync(
                new SourceFile(path, NameOf(entry)),
                Path.Combine(scratch.Path, "text"),
                cancellationToken
            ) with
            {
                Name = NameOf(entry),
            };
        }
    }

    private static async Task<SourceFile> ProseAsync(
        SourceFile file,
        string target,
        IReadOnlyList<ZipArchiveEntry> entries,
        ImportLimits limits,
        CancellationToken cancellationToken
    )
    {
        var texts = new List<DocumentChunk>();
        foreach (var entry in entries)
        {
            Bounds.RefuseLargeDocument(entries.Sum(e => e.Length), file.Name, limits);
            using var text = new MemoryStream();
            await using (var unpacked = Bounds.Read(file.Name, "ZIP archive", entry.Open))
            {
                await Bounds.CopyAsync(unpacked, text, entry.CompressedLength, file.Name, limits, cancellationToken);
            }

            text.Position = 0;
            using var reader = new StreamReader(text);
            texts.AddRange(DocumentChunker.Join(PlainText.Parts(await reader.ReadToEndAsync(cancellationToken)), entry.FullName));
        }

        return await FileConverter.WriteAsync(file, target, texts, cancellationToken);
    }

    private static async Task CopyAsync(
        Stream unpacked,
        string target,
        long packedBytes,
        string name,
        ImportLimits limits,
        CancellationToken cancellationToken
    )
    {
        await using var to = new FileStream(target, FileMode.CreateNew);
        try
        {
            await Bounds.CopyAsync(unpacked, to, packedBytes, name, limits, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw new DataProblemException($"'{name}' is a packed file that can't be unpacked; it may be damaged.", cause: e);
        }
    }

    // Directories, and what programs leave beside the files of people.
    private static bool IsContent(ZipArchiveEntry entry) =>
        NameOf(entry) is { Length: > 0 } name && !name.StartsWith('.') && !entry.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal);

    // Other systems set folders apart by backslashes.
    private static string NameOf(ZipArchiveEntry entry) => entry.FullName[(entry.FullName.LastIndexOfAny(['/', '\\']) + 1)..];

    /// <summary>Programs of Microsoft's cloud call it document2.xml.</summary>
    [GeneratedRegex(@"^word/document\d*\.xml$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex WordBody();

    private static string Ending(ZipArchiveEntry entry) => Path.GetExtension(NameOf(entry)).TrimStart('.').ToLowerInvariant();
}
