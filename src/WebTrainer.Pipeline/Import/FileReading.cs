namespace WebTrainer.Pipeline.Import;

/// <summary>What a person says of a file; what is null is found out by looking.</summary>
public sealed record FileReading
{
    /// <summary>Nothing is said.</summary>
    public static FileReading ByLooking { get; } = new();

    /// <summary>What the file is written in.</summary>
    public TextEncoding? Encoding { get; init; }

    /// <summary>The character between two fields of a table.</summary>
    public char? Delimiter { get; init; }

    /// <summary>Whether the first record of a table names its columns.</summary>
    public bool? HasHeader { get; init; }

    /// <summary>The line where a table begins, counted from 1: titles and notes stand above.</summary>
    public long? FirstLine { get; init; }

    /// <summary>The sheet of a workbook.</summary>
    public string? Sheet { get; init; }

    /// <summary>Whether it says how a table is laid out.</summary>
    internal bool IsOfTable => Delimiter is not null || HasHeader is not null || FirstLine is not null;

    /// <summary>Says what can't be meant, before a file is looked at.</summary>
    /// <exception cref="DataProblemException">A setting is none that a file can have.</exception>
    public void Check()
    {
        if (FirstLine < 1)
        {
            throw new DataProblemException($"firstLine is {FirstLine}; the first line of a file is 1.");
        }

        if (Delimiter is '"' or '\r' or '\n' or '\0' || Delimiter is { } sign && (char.IsLetterOrDigit(sign) || char.IsSurrogate(sign)))
        {
            throw new DataProblemException(
                "delimiter is a letter, a digit, a quote or the end of a line; it must be a sign that stands between fields, such as a comma."
            );
        }
    }
}
