namespace WebTrainer.Pipeline.Import;

public enum FileKind
{
    /// <summary>One JSON object a line.</summary>
    JsonLines,

    /// <summary>One JSON list of objects.</summary>
    JsonArray,

    /// <summary>Fields set apart by a delimiter: CSV, TSV and their kin.</summary>
    Delimited,
}

public enum TextEncoding
{
    Utf8,
    Utf8WithBom,
    Utf16LittleEndian,
    Utf16BigEndian,

    /// <summary>Arabic and Persian, as older Windows programs write them.</summary>
    Windows1256,

    /// <summary>The languages of Western Europe.</summary>
    Windows1252,

    /// <summary>Those of its middle.</summary>
    Windows1250,

    /// <summary>Cyrillic.</summary>
    Windows1251,

    /// <summary>Japanese.</summary>
    ShiftJis,

    /// <summary>Chinese, simplified; also what GBK and GB 2312 wrote.</summary>
    Gb18030,

    /// <summary>Chinese, traditional.</summary>
    Big5,

    /// <summary>Korean.</summary>
    EucKr,
}

/// <summary>What a file turned out to be; enough to read its rows.</summary>
public sealed record FileInspection
{
    public required FileKind Kind { get; init; }
    public required TextEncoding Encoding { get; init; }

    /// <summary>How to cut lines into fields; null unless <see cref="Kind"/> is <see cref="FileKind.Delimited"/>.</summary>
    public CsvDialect? Csv { get; init; }
    public required long Bytes { get; init; }
    public required long Lines { get; init; }

    /// <summary>Lines that aren't valid text in <see cref="Encoding"/>; their rows will be left out.</summary>
    public required long InvalidLines { get; init; }

    /// <summary>The first of them, counted from 1.</summary>
    public long? FirstInvalidLine { get; init; }

    /// <summary>What a person said of the file; all else was found by looking.</summary>
    public FileReading Reading { get; init; } = FileReading.ByLooking;
}
