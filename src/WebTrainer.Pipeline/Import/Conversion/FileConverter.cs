namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>Makes of packed files, tables of offices and documents a text file that the readers of rows take.</summary>
/// <remarks>The same file always gives the same bytes, so rows made of them have the same ids whenever they are imported.</remarks>
public sealed class FileConverter
{
    /// <summary>Within which a PDF may begin: mail programs and web forms set their own lines before it.</summary>
    private const int HeadBytes = 1024;
    private static readonly string[] s_documents = ["md", "markdown"];
    private readonly ImportLimits _limits;
    private readonly DocumentPlace _documents;

    /// <summary>Keeps to the usual limits of <see cref="ImportLimits"/>.</summary>
    public FileConverter()
        : this(new ImportLimits()) { }

    /// <summary>Reads documents (PDF, DOCX) in a process of their own where its program lies beside what runs
    /// (<see cref="DocumentProcess"/>).</summary>
    public FileConverter(ImportLimits limits)
        : this(limits, DocumentPlace.Apart) { }

    internal FileConverter(ImportLimits limits, DocumentPlace documents) =>
        (_limits, _documents) = (limits, documents == DocumentPlace.Apart && DocumentProcess.IsThere ? documents : DocumentPlace.Here);

    /// <param name="target">Path to write to, which must not exist. On failure nothing is left there.</param>
    /// <returns>The converted file under <paramref name="target"/>; the file itself where it is text already.</returns>
    /// <exception cref="DataProblemException">The file is broken, holds nothing to read, or would unpack to more than the
    /// limits.</exception>
    public Task<SourceFile> ConvertAsync(SourceFile file, string target, CancellationToken cancellationToken = default) =>
        ConvertAsync(file, target, sheet: null, cancellationToken);

    /// <param name="sheet">The sheet of a workbook; null for the first that is shown and holds something.</param>
    /// <exception cref="DataProblemException">The file is broken, holds nothing to read, or would unpack to more than the limits; or there
    /// is no such sheet.</exception>
    public Task<SourceFile> ConvertAsync(SourceFile file, string target, string? sheet, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (File.Exists(target))
        {
            throw new IOException("The target exists already.");
        }

        return Task.Run(() => ConvertOrCleanUpAsync(file, target, sheet, cancellationToken), cancellationToken);
    }

    /// <summary>The sheets of a workbook that can be chosen from; none where the file is none.</summary>
    public static Task<IReadOnlyList<SheetName>> SheetsAsync(SourceFile file, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Task.Run(
            async () => IsZip(await HeadAsync(file.Path, cancellationToken)) && Unpacking.IsWorkbook(file) ? SheetText.Names(file) : [],
            cancellationToken
        );
    }

    private static bool IsZip(byte[] head) => head is [0x50, 0x4B, 0x03, 0x04, ..];

    private static bool IsPdf(byte[] head, SourceFile file) =>
        head.AsSpan().IndexOf("%PDF"u8) is var at && (at == 0 || at > 0 && file.Extension == "pdf");

    private async Task<SourceFile> ConvertOrCleanUpAsync(SourceFile file, string target, string? sheet, CancellationToken cancellationToken)
    {
        var done = false;
        try
        {
            var converted = await ConvertAnyAsync(file, target, sheet, cancellationToken);
            done = true;
            return converted;
        }
        finally
        {
            if (!done)
            {
                File.Delete(target);
            }
        }
    }

    private async Task<SourceFile> ConvertAnyAsync(SourceFile file, string target, string? sheet, CancellationToken cancellationToken) =>
        await HeadAsync(file.Path, cancellationToken) switch
        {
            [0x1F, 0x8B, ..] => await Unpacking.GzipAsync(file, target, _limits, cancellationToken),
            var head when IsZip(head) => await Unpacking.ZipAsync(file, target, sheet, _limits, this, cancellationToken),
            _ when sheet is not null => throw new DataProblemException($"'{file.Name}' is no workbook, so it has no sheet '{sheet}'."),
            var head when IsPdf(head, file) => await DocumentAsync(
                file,
                target,
                () => PdfText.Chunks(file, _limits, cancellationToken),
                cancellationToken
            ),
            [0x50, 0x41, 0x52, 0x45, ..] => throw new DataProblemException(
                $"'{file.Name}' is an encrypted Parquet file. Write it without encryption."
            ),
            [0x50, 0x41, 0x52, 0x31, ..] => ParquetText.Convert(file, target, _limits, cancellationToken),
            _ when s_documents.Contains(file.Extension)
                    || file.Extension == "txt" && await PlainText.IsProseAsync(file, _limits, cancellationToken) => await WriteAsync(
                file,
                target,
                await PlainText.ChunksAsync(file, _limits, cancellationToken),
                cancellationToken
            ),
            _ => file,
        };

    /// <param name="chunks">Reads the document, where that is to be done in this process.</param>
    internal Task<SourceFile> DocumentAsync(
        SourceFile file,
        string target,
        Func<IEnumerable<DocumentChunk>> chunks,
        CancellationToken cancellationToken
    ) =>
        _documents == DocumentPlace.Apart
            ? DocumentProcess.ConvertAsync(file, target, _limits, cancellationToken)
            : WriteAsync(file, target, chunks(), cancellationToken);

    internal static async Task<SourceFile> WriteAsync(
        SourceFile file,
        string target,
        IEnumerable<DocumentChunk> chunks,
        CancellationToken cancellationToken
    )
    {
        var any = false;
        await using (var writer = JsonLinesFile.Create(target))
        {
            foreach (var chunk in chunks)
            {
                cancellationToken.ThrowIfCancellationRequested();
                any = true;
                await writer.WriteAsync(chunk);
            }
        }

        return any
            ? new SourceFile(target, file.Name)
            : throw new DataProblemException($"'{file.Name}' holds no text; it may be a picture of a page.");
    }

    private static async Task<byte[]> HeadAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        var head = new byte[HeadBytes];
        var read = await stream.ReadAtLeastAsync(head, HeadBytes, throwOnEndOfStream: false, cancellationToken);
        return head[..read];
    }
}
