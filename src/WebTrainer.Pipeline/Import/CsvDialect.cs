namespace WebTrainer.Pipeline.Import;

/// <summary>How a delimited file is cut into fields.</summary>
/// <param name="Delimiter">Between two fields.</param>
/// <param name="Quote">Around fields that hold the delimiter, line breaks or quotes (doubled); null where quotes are plain
/// characters.</param>
/// <param name="HasHeader">Whether the first record names the columns.</param>
/// <param name="Columns">The names, from the header or <c>column1</c>, <c>column2</c>, ….</param>
public sealed record CsvDialect(char Delimiter, char? Quote, bool HasHeader, IReadOnlyList<string> Columns)
{
    /// <summary>Whether an apostrophe before a formula sign was put there by an export of ours and is taken off again.</summary>
    public bool GuardsFormulas { get; init; }

    /// <summary>Line where the table begins, counted from 1: titles stand above.</summary>
    public long FirstLine { get; init; } = 1;
}
