namespace WebTrainer.Pipeline.Queries;

/// <summary>What the program that runs a query is told, as JSON, on its standard input.</summary>
/// <param name="Version">Path of the version.</param>
/// <param name="Columns">What the table <c>rows</c> has of it.</param>
/// <param name="Query">One SELECT.</param>
/// <param name="Scratch">The folder it may write to.</param>
internal sealed record QueryRequest(string Version, QueryColumns Columns, string Query, string Scratch)
{
    public required int MemoryMiB { get; init; }
    public required int ScratchMiB { get; init; }
    public required int Threads { get; init; }
    public required int Rows { get; init; }
    public required int AnswerBytes { get; init; }
}

/// <summary>Columns of the table <c>rows</c>.</summary>
internal enum QueryColumns
{
    /// <summary>As the version has them.</summary>
    All,

    /// <summary>
    /// For rules that give labels: <c>id</c>, <c>line</c>, <c>system</c>, <c>text</c>, <c>response</c>; a rule that reads the answer is no
    /// rule.
    /// </summary>
    Texts,
}

/// <summary>A line that it answers by, as JSON on its standard output: the columns, then rows, then how it ended.</summary>
internal sealed record QueryLine
{
    public IReadOnlyList<string>? Columns { get; init; }
    public IReadOnlyList<string?>? Row { get; init; }
    public QueryEnd? End { get; init; }
}

/// <param name="Refusal">Why there is no answer, in a sentence; null where there is one.</param>
/// <param name="IsCut">Whether there was more than is given.</param>
internal sealed record QueryEnd(string? Refusal, bool IsCut, double Seconds);
