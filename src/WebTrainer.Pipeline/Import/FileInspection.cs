namespace WebTrainer.Pipeline.Import;

/// <summary>How a text file is cut into records.</summary>
public enum FileKind
{
    /// <summary>One JSON object a line.</summary>
    JsonLines,

    /// <summary>One JSON list of objects.</summary>
    JsonArray,

    /// <summary>Fields set apart by a delimiter: CSV, TSV and their kin.</summary>
    Delimited,
}

/// <summary>
/// The encodings that files are read in. UTF-8, UTF-16, Windows-1256, Windows-1252 and Shift JIS are recognised; the others a person has to
/// name.
/// </summary>
public enum TextEncoding
{
    /// <summary>Also plain ASCII.</summary>
    Utf8,

    /// <summary>UTF-8 after the bytes EF BB BF, as spreadsheets write it.</summary>
    Utf8WithBom,

    /// <summary>After the bytes FF FE, or told by its zeros: "Unicode" of Windows programs.</summary>
    Utf16LittleEndian,

    /// <summary>After the bytes FE FF, or told by its zeros.</summary>
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
    /// <summary>How the file is cut into records.</summary>
    public required FileKind Kind { get; init; }

    /// <summary>What all of it is read in; chosen by a person, by its first bytes, or by the lines that aren't UTF-8.</summary>
    public required TextEncoding Encoding { get; init; }

    /// <summary>How to cut lines into fields; null unless <see cref="Kind"/> is <see cref="FileKind.Delimited"/>.</summary>
    public CsvDialect? Csv { get; init; }

    /// <summary>Size of the file as it is stored, before it is decoded.</summary>
    public required long Bytes { get; init; }

    /// <summary>Lines of the text, empty ones too; for <see cref="FileKind.JsonArray"/> more or fewer than its elements.</summary>
    public required long Lines { get; init; }

    /// <summary>Lines that aren't valid text in <see cref="Encoding"/>; their rows will be left out.</summary>
    public required long InvalidLines { get; init; }

    /// <summary>The first of them, counted from 1.</summary>
    public long? FirstInvalidLine { get; init; }

    /// <summary>What a person said of the file; all else was found by looking.</summary>
    public FileReading Reading { get; init; } = FileReading.ByLooking;
}
