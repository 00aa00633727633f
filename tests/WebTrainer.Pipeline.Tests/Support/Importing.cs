using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Tests.Support;

internal static class Importing
{
    /// <summary>Inspects, detects and imports, as a person does who accepts every proposal.</summary>
    public static async Task<ImportReport> ImportAsync(
        this TemporaryFolder folder,
        SourceFile file,
        Func<ColumnMapping, ColumnMapping>? correct = null,
        string name = "version.parquet"
    )
    {
        var inspection = await new FileInspector().InspectAsync(file);
        var proposal = await new ShapeDetector().DetectAsync(file, inspection);
        Assert.Null(proposal.Refusal);
        var mapping = correct is null ? proposal.Mapping! : correct(proposal.Mapping!);
        return await new DatasetImporter().ImportAsync(file, inspection, mapping, folder.At(name));
    }

    public static async Task<List<CanonicalRow>> RowsAsync(this VersionFile version) =>
        await new VersionReader().ReadAsync(version.Path).ToListAsync();

    public static async Task<VersionFile> WriteAsync(
        this TemporaryFolder folder,
        IEnumerable<CanonicalRow> rows,
        string name = "rows.parquet"
    ) => await new VersionWriter().WriteAsync(rows.ToAsyncEnumerable(), folder.At(name));
}
