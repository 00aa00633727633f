using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Import.Conversion;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Operations;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>What an uploaded file looks like, and how its rows would be read.</summary>
/// <param name="Raw">Its first lines as they stand in it.</param>
/// <param name="Sheets">Of a workbook; none where it is no workbook.</param>
public sealed record UploadLook(string FileName, FileInspection Inspection, ShapeProposal Proposal, IReadOnlyList<RawRow> Raw, IReadOnlyList<SheetName> Sheets);

/// <summary>From uploaded files to dataset versions.</summary>
public sealed partial class DatasetService
{
    private const int RawRowsShown = 12;

    /// <summary>Looks at a file without making anything of it.</summary>
    /// <param name="reading">What the caller says of the file; null to find all by looking.</param>
    public async Task<UploadLook> LookAsync(
        Caller caller, Guid projectId, Guid uploadId, FileReading? reading, IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        var source = await SourceAsync(caller, projectId, uploadId, ct);
        var (file, inspection) = await InspectAsync(source, reading, progress, ct);
        return new UploadLook(
            file.Name, inspection, await new ShapeDetector(limits).DetectAsync(file, inspection, ct),
            await RawRows.ReadAsync(file, inspection, RawRowsShown, ct), await FileConverter.SheetsAsync(source, ct));
    }

    private async Task<(SourceFile File, FileInspection Inspection)> InspectAsync(
        SourceFile source, FileReading? reading, IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        var said = reading ?? FileReading.ByLooking;
        said.Check();
        var file = await conversions.OfAsync(source, said.Sheet, ct);
        return (file, await inspections.OfAsync(file, said, progress, ct));
    }

    /// <summary>The first rows as this mapping would read them.</summary>
    public async Task<RowPreview> PreviewAsync(
        Caller caller, Guid projectId, Guid uploadId, ColumnMapping mapping, FileReading? reading, int rows, CancellationToken ct)
    {
        var (file, inspection) = await InspectAsync(await SourceAsync(caller, projectId, uploadId, ct), reading, progress: null, ct);
        return await new ShapeDetector(limits).PreviewAsync(file, inspection, mapping, rows, ct);
    }

    /// <summary>Makes a version of a file: the first of a new dataset, or the next of the dataset of that name.</summary>
    /// <param name="mapping">How to read the rows; null to read them as proposed by looking.</param>
    /// <param name="reading">How to read the file; null to find that by looking too.</param>
    public async Task<VersionView> ImportAsync(
        Caller caller, Guid projectId, Guid uploadId, string name, ColumnMapping? mapping, CancellationToken ct, FileReading? reading = null) =>
        await ResultAsync(caller, projectId, await StartImportAsync(caller, projectId, uploadId, name, mapping, ct, reading), ct);

    /// <summary>As <see cref="ImportAsync"/>, without waiting for its end.</summary>
    public async Task<DatasetOperation> StartImportAsync(
        Caller caller, Guid projectId, Guid uploadId, string name, ColumnMapping? mapping, CancellationToken ct, FileReading? reading = null)
    {
        var file = await SourceAsync(caller, projectId, uploadId, ct);
        mapping?.Check();
        reading?.Check();
        _ = new Dataset(projectId, name, caller.UserId, default); // refuses a bad name before the work, not after
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, ct);
        return await operations.StartAsync(work, DataJobKind.Import, uploadId, $"Import {file.Name}", new ImportRequest(uploadId, name, mapping, reading), ct);
    }

    private async Task<VersionKey> ImportAsync(DatasetOperation operation, ImportRequest asked, CancellationToken ct)
    {
        var (caller, projectId, uploadId) = (operation.Caller, operation.ProjectId, asked.UploadId);
        var (file, inspection) = await InspectAsync(await SourceAsync(caller, projectId, uploadId, ct), asked.Reading, operation, ct);
        var mapping = asked.Mapping ?? await ProposedAsync(file, inspection, ct);
        var target = store.NewTemporaryPath();
        try
        {
            var report = await new DatasetImporter(limits).ImportAsync(file, inspection, mapping, target, operation, ct);
            await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, ct);
            var made = new NewVersion(
                VersionKind.Imported, report.Version, uploadId, [],
                new ImportRecipe(file.Name, report.SourceSha256, inspection, mapping),
                ImportSummary.Of(report, report.Version.DistinctLabels));
            return await RecordAsync(operation, work, w => DatasetOfAsync(w, asked.Name, ct), made, "dataset.imported", ct);
        }
        finally
        {
            File.Delete(target); // not there any more when the store has taken it
        }
    }

    private async Task<ColumnMapping> ProposedAsync(SourceFile file, FileInspection inspection, CancellationToken ct)
    {
        var proposal = await new ShapeDetector(limits).DetectAsync(file, inspection, ct);
        return proposal.Mapping ?? throw new DataProblemException(proposal.Refusal
            ?? $"'{file.Name}' has the fields {string.Join(", ", proposal.Fields.Take(20))}. Say which of them holds the text and which the answer or label.");
    }

    private static async Task<Dataset> DatasetOfAsync(ProjectWork work, string name, CancellationToken ct)
    {
        var dataset = new Dataset(work.ProjectId, name, work.Caller.UserId, work.Now);
        if (await work.Db.Datasets.SingleOrDefaultAsync(d => d.ProjectId == work.ProjectId && d.Name == dataset.Name, ct) is { } existing)
            return existing;
        work.Db.Datasets.Add(dataset);
        return dataset;
    }

    private async Task<SourceFile> SourceAsync(Caller caller, Guid projectId, Guid uploadId, CancellationToken ct)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, ct);
        var upload = await work.Db.Uploads.AsNoTracking().SingleOrDefaultAsync(u => u.Id == uploadId && u.ProjectId == projectId, ct)
            ?? throw new NotFoundException("There is no such upload; it may have been discarded.");
        if (upload.Sha256 is not { } sha256)
            throw new RuleViolationException($"{upload.FileName} has not fully arrived. Finish the upload first.");
        return new SourceFile(store.PathOf(sha256), upload.FileName, sha256);
    }
}
