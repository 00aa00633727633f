using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Import.Conversion;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Operations;
using WebTrainer.Portal.Features.Datasets.Policies;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>What an uploaded file looks like, and how its rows would be read.</summary>
/// <param name="Raw">Its first lines as they stand in it.</param>
/// <param name="Sheets">Of a workbook; none where it is no workbook.</param>
public sealed record UploadLook(
    string FileName,
    FileInspection Inspection,
    ShapeProposal Proposal,
    IReadOnlyList<RawRow> Raw,
    IReadOnlyList<SheetName> Sheets
);

/// <summary>Uploaded files become datasets.</summary>
public sealed class DatasetImports(
    Authorizer authorizer,
    FileStore store,
    DatasetOperations operations,
    VersionRecorder recorder,
    Conversions conversions,
    Inspections inspections,
    ImportLimits limits
) : IDatasetWork
{
    private sealed record ImportRequest(Guid UploadId, string Name, ColumnMapping? Mapping, FileReading? Reading = null);

    private const int RawRowsShown = 12;

    /// <summary>Looks at a file without making anything of it.</summary>
    /// <param name="reading">What the caller says of the file; null to find all by looking.</param>
    public async Task<UploadLook> LookAsync(
        Caller caller,
        Guid projectId,
        Guid uploadId,
        FileReading? reading,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var source = await SourceAsync(caller, projectId, uploadId, cancellationToken);
        var (file, inspection) = await InspectAsync(source, reading, progress, cancellationToken);
        return new UploadLook(
            file.Name,
            inspection,
            await new ShapeDetector(limits).DetectAsync(file, inspection, cancellationToken),
            await RawRows.ReadAsync(file, inspection, RawRowsShown, cancellationToken),
            await FileConverter.SheetsAsync(source, cancellationToken)
        );
    }

    private async Task<(SourceFile File, FileInspection Inspection)> InspectAsync(
        SourceFile source,
        FileReading? reading,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var said = reading ?? FileReading.ByLooking;
        said.Check();
        var file = await conversions.OfAsync(source, said.Sheet, cancellationToken);
        return (file, await inspections.OfAsync(file, said, progress, cancellationToken));
    }

    /// <summary>The first rows as this mapping would read them.</summary>
    public async Task<RowPreview> PreviewAsync(
        Caller caller,
        Guid projectId,
        Guid uploadId,
        ColumnMapping mapping,
        FileReading? reading,
        int rows,
        CancellationToken cancellationToken
    )
    {
        var (file, inspection) = await InspectAsync(
            await SourceAsync(caller, projectId, uploadId, cancellationToken),
            reading,
            progress: null,
            cancellationToken
        );
        return await new ShapeDetector(limits).PreviewAsync(file, inspection, mapping, rows, cancellationToken);
    }

    /// <summary>Makes a version of a file: the first of a new dataset, or the next of the dataset of that name.</summary>
    /// <param name="mapping">How to read the rows; null to read them as proposed by looking.</param>
    /// <param name="reading">How to read the file; null to find that by looking too.</param>
    public async Task<VersionView> ImportAsync(
        Caller caller,
        Guid projectId,
        Guid uploadId,
        string name,
        ColumnMapping? mapping,
        CancellationToken cancellationToken,
        FileReading? reading = null
    ) =>
        await recorder.ResultAsync(
            caller,
            projectId,
            await StartImportAsync(caller, projectId, uploadId, name, mapping, cancellationToken, reading),
            cancellationToken
        );

    private async Task<VersionKey> ImportAsync(DatasetOperation operation, ImportRequest asked, CancellationToken cancellationToken)
    {
        var (caller, projectId, uploadId) = (operation.Caller, operation.ProjectId, asked.UploadId);
        var (file, inspection) = await InspectAsync(
            await SourceAsync(caller, projectId, uploadId, cancellationToken),
            asked.Reading,
            operation,
            cancellationToken
        );
        var mapping = asked.Mapping ?? await ProposedAsync(file, inspection, limits, cancellationToken);
        var target = store.NewTemporaryPath();
        try
        {
            var report = await new DatasetImporter(limits).ImportAsync(file, inspection, mapping, target, operation, cancellationToken);
            await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
            var made = new NewVersion(
                VersionKind.Imported,
                report.Version,
                uploadId,
                [],
                new ImportRecipe(file.Name, report.SourceSha256, inspection, mapping),
                ImportSummary.Of(report, report.Version.DistinctLabels)
            );
            return await recorder.RecordAsync(
                operation,
                work,
                w => DatasetOfAsync(w, asked.Name, cancellationToken),
                made,
                "dataset.imported",
                cancellationToken
            );
        }
        finally
        {
            File.Delete(target); // not there any more when the store has taken it
        }
    }

    /// <summary>As <see cref="ImportAsync"/>, without waiting for its end.</summary>
    public async Task<DatasetOperation> StartImportAsync(
        Caller caller,
        Guid projectId,
        Guid uploadId,
        string name,
        ColumnMapping? mapping,
        CancellationToken cancellationToken,
        FileReading? reading = null
    )
    {
        var file = await SourceAsync(caller, projectId, uploadId, cancellationToken);
        mapping?.Check();
        reading?.Check();
        _ = new Dataset(projectId, name, caller.UserId, default); // refuses a bad name before the work, not after
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        await work.CheckPolicyAsync(
            await work.Db.Uploads.AsNoTracking().SingleAsync(u => u.Id == uploadId, cancellationToken),
            cancellationToken
        );
        return await operations.StartAsync(
            work,
            DataJobKind.Import,
            uploadId,
            $"Import {file.Name}",
            new ImportRequest(uploadId, name, mapping, reading),
            cancellationToken
        );
    }

    internal static async Task<ColumnMapping> ProposedAsync(
        SourceFile file,
        FileInspection inspection,
        ImportLimits limits,
        CancellationToken cancellationToken
    )
    {
        var proposal = await new ShapeDetector(limits).DetectAsync(file, inspection, cancellationToken);
        return proposal.Mapping
            ?? throw new DataProblemException(
                proposal.Refusal
                    ?? $"'{file.Name}' has the fields {string.Join(", ", proposal.Fields.Take(20))}. Say which of them holds the text and which the answer or label."
            );
    }

    internal static async Task<Dataset> DatasetOfAsync(ProjectWork work, string name, CancellationToken cancellationToken)
    {
        var dataset = new Dataset(work.ProjectId, name, work.Caller.UserId, work.Now);
        if (
            await work.Db.Datasets.SingleOrDefaultAsync(d => d.ProjectId == work.ProjectId && d.Name == dataset.Name, cancellationToken) is
            { } existing
        )
        {
            return existing;
        }

        work.Db.Datasets.Add(dataset);
        return dataset;
    }

    private async Task<SourceFile> SourceAsync(Caller caller, Guid projectId, Guid uploadId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        var upload =
            await work.Db.Uploads.AsNoTracking().SingleOrDefaultAsync(u => u.Id == uploadId && u.ProjectId == projectId, cancellationToken)
            ?? throw new NotFoundException("There is no such upload; it may have been discarded.");
        if (upload.Sha256 is not { } sha256)
        {
            throw new RuleViolationException($"{upload.FileName} has not fully arrived. Finish the upload first.");
        }

        await work.NoteReadAsync("upload.read", upload.Id, cancellationToken);
        return new SourceFile(store.PathOf(sha256), upload.FileName, sha256);
    }

    public IReadOnlyCollection<DataJobKind> Kinds { get; } = [DataJobKind.Import];

    public Task<VersionKey> DoAsync(DatasetOperation operation, CancellationToken cancellationToken) =>
        ImportAsync(operation, operation.Asked<ImportRequest>(), cancellationToken);
}
