namespace WebTrainer.Pipeline.Export;

/// <summary>Files that rows can be handed out as. JSONL is UTF-8 without byte order mark, one object a line.</summary>
public enum ExportFormat
{
    /// <summary>JSONL with <c>messages</c>: the only one that keeps the turns of longer conversations apart.</summary>
    OpenAiChat,

    /// <summary>JSONL with <c>conversations</c> of <c>from</c> and <c>value</c>.</summary>
    ShareGpt,

    /// <summary>JSONL with <c>instruction</c>, <c>input</c> (empty), <c>output</c>, and <c>system</c> where there is one.</summary>
    Alpaca,

    /// <summary>JSONL with <c>prompt</c>, <c>completion</c>, and <c>system</c> where there is one.</summary>
    PromptCompletion,

    /// <summary>
    /// JSONL with <c>prompt</c>, <c>chosen</c>, <c>rejected</c>, and <c>system</c> where there is one: of the rows that have a rejected
    /// answer.
    /// </summary>
    Preference,

    /// <summary>CSV whose cells no spreadsheet runs as formulas; an import of ours takes the guards off again.</summary>
    Csv,

    /// <summary>
    /// Parquet with the columns of a version; only with where rows came from, since a version without that is such a file already.
    /// </summary>
    Parquet,
}
