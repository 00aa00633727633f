namespace WebTrainer.Pipeline;

/// <summary>What is taken from foreign files at most; beyond it a file is refused by name and line, never read on.</summary>
public sealed record ImportLimits
{
    /// <summary>Bytes of a file as it is read: of an upload, and of what a packed one unpacks to.</summary>
    public long MaxFileBytes { get; init; } = 20L * 1024 * 1024 * 1024;

    /// <summary>Files in an archive.</summary>
    public int MaxArchiveEntries { get; init; } = 10_000;

    /// <summary>How many times its packed size a file may unpack to; text seldom exceeds thirty.</summary>
    public int MaxUnpackRatio { get; init; } = 200;

    /// <summary>Bytes that any file may unpack to, however small it is: they do no harm.</summary>
    public long UnpackedBytesAnyRatio { get; init; } = 64L * 1024 * 1024;

    /// <summary>Bytes of a document (PDF, DOCX, Markdown, text), which is read whole.</summary>
    public long MaxDocumentBytes { get; init; } = 200L * 1024 * 1024;

    /// <summary>Seconds that reading a document may take.</summary>
    public int MaxDocumentSeconds { get; init; } = 600;

    /// <summary>Memory of objects that reading a document may take, in MiB.</summary>
    public int MaxDocumentMemoryMiB { get; init; } = 2_048;

    /// <summary>Pages of a PDF.</summary>
    public int MaxPages { get; init; } = 5_000;

    /// <summary>Bytes of one row: a line of JSONL, an element of a JSON array, a record of CSV.</summary>
    public int MaxLineBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Lines over which a quoted CSV field may run, before its quote counts as forgotten.</summary>
    public int MaxCsvRecordLines { get; init; } = 10_000;

    /// <summary>Columns of a table; a candidate delimiter that gives more is none, a wider sheet is refused.</summary>
    public int MaxColumns { get; init; } = 1_000;

    /// <summary>Nesting of objects and lists in one row.</summary>
    public int MaxJsonDepth { get; init; } = 64;

    /// <summary>Messages of one conversation.</summary>
    public int MaxMessages { get; init; } = 1_000;

    /// <summary>Broken rows that are listed one by one; the others are only counted.</summary>
    public int MaxProblemsListed { get; init; } = 1_000;

    /// <summary>Rows looked at to find delimiter, header and shape.</summary>
    public int SampleRows { get; init; } = 200;

    /// <summary>Bytes looked at to find kind, delimiter and header.</summary>
    public int SampleBytes { get; init; } = 1024 * 1024;

    /// <summary>Distinct labels up to which a dataset counts as classification.</summary>
    public int MaxLabels { get; init; } = 1_000;

    /// <summary>Memory that DuckDB may take for writing a version before it spills to disk, in MiB.</summary>
    public int DuckDbMemoryMiB { get; init; } = 512;

    /// <summary>As above where rows are long, and for reading: thousands of rows must fit in memory at once.</summary>
    public int DuckDbLongRowMemoryMiB { get; init; } = 2_048;

    /// <summary>
    /// Where DuckDB writes what does not fit in its memory: rows of datasets lie there for a while, so that it must be private.
    /// </summary>
    public string ScratchFolder { get; init; } = Path.GetTempPath();
}
