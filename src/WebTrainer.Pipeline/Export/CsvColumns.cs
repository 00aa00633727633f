namespace WebTrainer.Pipeline.Export;

/// <summary>The header of exported CSV; by it an import knows that apostrophes guard formulas.</summary>
internal static class CsvColumns
{
    public static readonly string[] All = ["id", "split", "system", "prompt", "response", "label"];

    /// <summary>The same with where rows came from.</summary>
    public static readonly string[] WithOrigin = [.. All, .. ParquetExport.OriginColumns];
}
