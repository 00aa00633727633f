using System.Text;
using System.Text.Unicode;

namespace WebTrainer.Pipeline.Import;

/// <summary>Finds out by looking what a stored upload is, in one pass and with one row in memory at a time.</summary>
public sealed class FileInspector(ImportLimits limits)
{
    private const int LinesBetweenReports = 10_000;

    public FileInspector()
        : this(new ImportLimits())
    {
    }

    /// <exception cref="DataProblemException">The file is empty, too large, no text, or of no known kind; or a row is too long.</exception>
    public Task<FileInspection> InspectAsync(
        SourceFile file, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        // Looking at gigabytes is work for the processor too: not on the context of whoever waits for it.
        return Task.Run(() => LookAsync(file, progress, cancellationToken), cancellationToken);
    }

    private async Task<FileInspection> LookAsync(SourceFile file, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        await using var source = await SourceStream.OpenAsync(file.Path, cancellationToken);
        await RefuseWhatIsNoTextAsync(file, cancellationToken);
        var scan = await IsJsonArrayAsync(file, cancellationToken)
            ? await ScanArrayAsync(source, file, progress, cancellationToken)
            : await ScanLinesAsync(source, file, progress, cancellationToken);
        if (scan.Kind == FileKind.JsonLines && scan.Sample[0].Trim() == "{") throw OneObject(file);
        var found = new FileInspection
        {
            Kind = scan.Kind,
            Encoding = source.Encoding,
            Csv = scan.Kind == FileKind.Delimited ? FindDialect(scan.Sample, file) : null,
            Bytes = source.Length,
            Lines = scan.Lines,
            InvalidLines = scan.Invalid,
            FirstInvalidLine = scan.FirstInvalid,
        };
        progress?.Report(new WorkProgress("Reading", source.Length, source.Length));
        return found;
    }

    private async Task RefuseWhatIsNoTextAsync(SourceFile file, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(file.Path);
        if (stream.Length == 0) throw new DataProblemException($"'{file.Name}' is empty.");
        if (stream.Length > limits.MaxFileBytes)
            throw new DataProblemException($"'{file.Name}' is larger than {limits.MaxFileBytes / 1024 / 1024:N0} MiB.");
        var head = new byte[4096];
        var read = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        if (MagicBytes.Recognise(head.AsSpan(0, read), file.Extension) is { } fault)
            throw new DataProblemException($"'{file.Name}' {fault}.");
    }

    private static async Task<bool> IsJsonArrayAsync(SourceFile file, CancellationToken cancellationToken)
    {
        await using var source = await SourceStream.OpenAsync(file.Path, cancellationToken);
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await source.Text.ReadAsync(buffer, cancellationToken)) > 0)
        {
            var text = buffer.AsSpan(0, read).TrimStart(" \t\r\n"u8);
            if (!text.IsEmpty) return text[0] == '[';
        }

        throw new DataProblemException($"'{file.Name}' holds nothing but empty lines.");
    }

    private async Task<Scan> ScanArrayAsync(
        SourceStream source, SourceFile file, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
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
        SourceStream source, SourceFile file, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var lines = new Utf8LineReader(source.Text, file.Name, limits.MaxLineBytes);
        var scan = new Scan { Kind = FileKind.Delimited };
        long sampled = 0;
        var first = true;
        while (await lines.ReadAsync(cancellationToken))
        {
            scan.Check(lines.Line.Span, lines.Number);
            Report(progress, source, lines.Number);
            if (sampled > limits.SampleBytes || lines.Line.Span.Trim(" \t\r"u8).IsEmpty) continue;
            if (first && lines.Line.Span.TrimStart(" \t"u8)[0] == '{') scan.Kind = FileKind.JsonLines;
            first = false;
            scan.Sample.Add(Encoding.UTF8.GetString(lines.Line.Span));
            sampled += lines.Line.Length;
        }

        scan.Lines = lines.Number;
        return scan;
    }

    private CsvDialect FindDialect(List<string> sample, SourceFile file)
    {
        var dialect = CsvSniffer.Sniff(sample, allowOneColumn: file.Extension is "csv" or "tsv", limits);
        return dialect ?? throw new DataProblemException(
            $"'{file.Name}' is neither JSONL, a JSON list nor a table (CSV, TSV): its lines have no columns in common.");
    }

    private static DataProblemException OneObject(SourceFile file) => new(
        $"'{file.Name}' is one JSON object over many lines; give a list of objects ([...]) or one object a line.", line: 1);

    private static void Report(IProgress<WorkProgress>? progress, SourceStream source, long rows)
    {
        if (rows % LinesBetweenReports == 0) progress?.Report(new WorkProgress("Reading", source.Position, source.Length));
    }

    private sealed class Scan
    {
        public FileKind Kind { get; set; }
        public long Lines { get; set; }
        public long Invalid { get; private set; }
        public long? FirstInvalid { get; private set; }
        public List<string> Sample { get; } = [];

        public void Check(ReadOnlySpan<byte> text, long line)
        {
            if (Utf8.IsValid(text) && !text.Contains((byte)0)) return;
            Invalid++;
            FirstInvalid ??= line;
        }
    }
}
