using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace WebTrainer.Pipeline.Import;

/// <summary>Finds out by looking what a stored upload is, in one pass and with one row in memory at a time.</summary>
public sealed class FileInspector(ImportLimits limits)
{
    private const int LinesBetweenReports = 10_000;

    /// <summary>Keeps to the usual limits of <see cref="ImportLimits"/>.</summary>
    public FileInspector()
        : this(new ImportLimits()) { }

    /// <summary>Looks at a file of which nobody has said anything.</summary>
    /// <exception cref="DataProblemException">The file is empty, too large, no text, or of no known kind; or a row is too long.</exception>
    public Task<FileInspection> InspectAsync(
        SourceFile file,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => InspectAsync(file, FileReading.ByLooking, progress, cancellationToken);

    /// <param name="reading">What a person says of the file; what they leave out is found by looking.</param>
    /// <exception cref="DataProblemException">The file is empty, too large, no text, of no known kind, or not of the kind that was said; or
    /// a row is too long.</exception>
    public Task<FileInspection> InspectAsync(
        SourceFile file,
        FileReading reading,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(reading);
        reading.Check();
        // Looking at gigabytes is work for the processor too: not on the context of whoever waits for it.
        return Task.Run(() => LookAsync(file, reading, progress, cancellationToken), cancellationToken);
    }

    private async Task<FileInspection> LookAsync(
        SourceFile file,
        FileReading reading,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        await RefuseWhatIsNoTextAsync(file, reading, cancellationToken);
        var scan = await ScanAsync(file, reading, reading.Encoding, progress, cancellationToken);
        if (reading.Encoding is null && scan.Guess is { } guess)
        {
            scan = await ScanAsync(file, reading, guess, progress, cancellationToken);
        }

        if (scan.Kind == FileKind.JsonLines && scan.FirstText.Trim() == "{")
        {
            throw OneObject(file);
        }

        if (scan.Kind != FileKind.Delimited && reading.IsOfTable)
        {
            throw NoTable(file);
        }

        var found = new FileInspection
        {
            Kind = scan.Kind,
            Encoding = scan.Encoding,
            Csv = scan.Kind == FileKind.Delimited ? FindDialect(scan.Sample, file, reading) : null,
            Bytes = scan.Bytes,
            Lines = scan.Lines,
            InvalidLines = scan.Invalid,
            FirstInvalidLine = scan.FirstInvalid,
            Reading = reading,
        };
        progress?.Report(new WorkProgress("Reading", scan.Bytes, scan.Bytes));
        return found;
    }

    private async Task<Scan> ScanAsync(
        SourceFile file,
        FileReading reading,
        TextEncoding? encoding,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        await using var source = await SourceStream.OpenAsync(file.Path, encoding, cancellationToken);
        var isArray = reading.Delimiter is null && await IsJsonArrayAsync(file, encoding, cancellationToken);
        var scan = isArray
            ? await ScanArrayAsync(source, file, progress, cancellationToken)
            : await ScanLinesAsync(source, file, reading, progress, cancellationToken);
        (scan.Encoding, scan.Bytes) = (source.Encoding, source.Length);
        return scan;
    }

    private async Task RefuseWhatIsNoTextAsync(SourceFile file, FileReading reading, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(file.Path);
        if (stream.Length == 0)
        {
            throw new DataProblemException($"'{file.Name}' is empty.");
        }

        if (stream.Length > limits.MaxFileBytes)
        {
            throw new DataProblemException($"'{file.Name}' is larger than {limits.MaxFileBytes / 1024 / 1024:N0} MiB.");
        }

        var head = new byte[4096];
        var read = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        if (MagicBytes.Recognise(head.AsSpan(0, read), file.Extension, reading.Encoding) is { } fault)
        {
            throw new DataProblemException($"'{file.Name}' {fault}.");
        }
    }

    private static async Task<bool> IsJsonArrayAsync(SourceFile file, TextEncoding? encoding, CancellationToken cancellationToken)
    {
        await using var source = await SourceStream.OpenAsync(file.Path, encoding, cancellationToken);
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await source.Text.ReadAsync(buffer, cancellationToken)) > 0)
        {
            var text = buffer.AsSpan(0, read).TrimStart(" \t\r\n"u8);
            if (!text.IsEmpty)
            {
                return text[0] == '[';
            }
        }

        throw new DataProblemException($"'{file.Name}' holds nothing but empty lines.");
    }

    private async Task<Scan> ScanArrayAsync(
        SourceStream source,
        SourceFile file,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var splitter = new JsonArraySplitter(source.Text, file.Name, limits.MaxLineBytes);
        var scan = new Scan { Kind = FileKind.JsonArray };
        for (long rows = 1; await splitter.ReadAsync(cancellationToken); rows++)
        {
            scan.Check(splitter.Element.Span, splitter.ElementLine);
            Report(progress, source, rows);
        }

        scan.Lines = splitter.Line;
        return scan;
    }

    private async Task<Scan> ScanLinesAsync(
        SourceStream source,
        SourceFile file,
        FileReading reading,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var lines = new Utf8LineReader(source.Text, file.Name, limits.MaxLineBytes);
        var scan = new Scan { Kind = FileKind.Delimited };
        long sampled = 0;
        var first = true;
        while (await lines.ReadAsync(cancellationToken))
        {
            scan.Check(lines.Line.Span, lines.Number);
            Report(progress, source, lines.Number);
            if (sampled > limits.SampleBytes)
            {
                continue;
            }

            scan.Sample.Add(Encoding.UTF8.GetString(lines.Line.Span));
            sampled += lines.Line.Length + 1;
            if (!first || lines.Line.Span.Trim(" \t\r"u8).IsEmpty)
            {
                continue;
            }

            if (reading.Delimiter is null && lines.Line.Span.TrimStart(" \t"u8)[0] == '{')
            {
                scan.Kind = FileKind.JsonLines;
            }

            first = false;
        }

        scan.Lines = lines.Number;
        return scan;
    }

    private CsvDialect FindDialect(List<string> sample, SourceFile file, FileReading reading)
    {
        var dialect = CsvSniffer.Sniff(
            sample,
            allowOneColumn: reading.IsOfTable || file.Extension is "csv" or "tsv" or "xlsx" or "xlsm",
            limits,
            reading
        );
        return dialect
            ?? throw new DataProblemException(
                $"'{file.Name}' is neither JSONL, a JSON list nor a table (CSV, TSV): its lines have no columns in common."
            );
    }

    private static DataProblemException OneObject(SourceFile file) =>
        new($"'{file.Name}' is one JSON object over many lines; give a list of objects ([...]) or one object a line.", line: 1);

    private static DataProblemException NoTable(SourceFile file) =>
        new(
            $"'{file.Name}' holds JSON, which has no delimiter, no header and no first line to choose. Leave these out, or choose a delimiter to read it as a table."
        );

    private static void Report(IProgress<WorkProgress>? progress, SourceStream source, long rows)
    {
        if (rows % LinesBetweenReports == 0)
        {
            progress?.Report(new WorkProgress("Reading", source.Position, source.Length));
        }
    }

    private sealed class Scan
    {
        private readonly List<byte> _invalid = [];
        private bool _hasUtf8;

        public FileKind Kind { get; set; }
        public TextEncoding Encoding { get; set; }
        public long Bytes { get; set; }
        public long Lines { get; set; }
        public long Invalid { get; private set; }
        public long? FirstInvalid { get; private set; }
        public List<string> Sample { get; } = [];

        /// <summary>The first line that isn't empty.</summary>
        public string FirstText => Sample.Find(line => !string.IsNullOrWhiteSpace(line)) ?? "";

        /// <summary>What the lines seem to be written in that aren't valid; null where others of the file show that it is UTF-8.</summary>
        public TextEncoding? Guess => _hasUtf8 || Invalid == 0 ? null : TextEncodings.Guess(CollectionsMarshal.AsSpan(_invalid));

        public void Check(ReadOnlySpan<byte> text, long line)
        {
            if (Ascii.IsValid(text) && !text.Contains((byte)0))
            {
                return;
            }

            var isValid = Utf8.IsValid(text);
            if (isValid && !text.Contains((byte)0))
            {
                _hasUtf8 = true;
                return;
            }

            Invalid++;
            FirstInvalid ??= line;
            // What is valid and holds NUL was no better readable in another encoding.
            if (isValid)
            {
                _hasUtf8 = true;
            }
            else if (_invalid.Count < TextEncodings.HeadBytes)
            {
                _invalid.AddRange([.. text, (byte)'\n']);
            }
        }
    }
}
