namespace WebTrainer.Pipeline.Export;

/// <summary>The header of exported CSV; by it an import knows that apostrophes guard formulas.</summary>
internal static class CsvColumns
{
    public static readonly string[] All = ["id", "split", "system", "prompt", "response", "label"];

    /// <summary>The same with where rows came from.</summary>
    public static readonly string[] WithOrigin = [.. All, .. ParquetExport.OriginColumns];

    /// <summary>Of the rows' own columns those whose names the file doesn't have already.</summary>
    public static IReadOnlyList<string> Own(IReadOnlyList<string> extra, IReadOnlyList<string> columns) =>
        [.. extra.Where(name => !columns.Contains(name, StringComparer.OrdinalIgnoreCase))];

    /// <summary>Whether a header is of a file that was written here.</summary>
    public static bool IsOf(IReadOnlyList<string> header) => header.Take(All.Length).SequenceEqual(All);
}
