using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Datasets;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Import;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Operations;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>Long work as it is asked for and done, perhaps after a restart.</summary>
public sealed partial class DatasetService : IDatasetWork
{
    private sealed record ImportRequest(Guid UploadId, string Name, ColumnMapping? Mapping, FileReading? Reading = null);

    private sealed record CleanRequest(VersionKey Version, CleanRecipe Recipe);

    private sealed record SplitRequest(VersionKey Version, SplitRecipe Recipe);

    private sealed record PublishRequest(VersionKey Version);

    public IReadOnlyCollection<DataJobKind> Kinds { get; } =
    [DataJobKind.Import, DataJobKind.Clean, DataJobKind.Split, DataJobKind.Publish, DataJobKind.Sync];

    public Task<VersionKey> DoAsync(DatasetOperation operation, CancellationToken cancellationToken) =>
        operation.Job.Kind switch
        {
            DataJobKind.Import => ImportAsync(operation, Asked<ImportRequest>(operation), cancellationToken),
            DataJobKind.Clean => CleanAsync(operation, Asked<CleanRequest>(operation), cancellationToken),
            DataJobKind.Split => SplitAsync(operation, Asked<SplitRequest>(operation), cancellationToken),
            DataJobKind.Publish => PublishAsync(operation, Asked<PublishRequest>(operation), cancellationToken),
            DataJobKind.Sync => SyncAsync(operation, Asked<SyncRequest>(operation), cancellationToken),
            _ => throw new InvalidOperationException($"A job of the kind {operation.Job.Kind} is done elsewhere."),
        };

    private static T Asked<T>(DatasetOperation operation) => RecipeJson.Read<T>(operation.Job.Request)!;

    private static async Task EndJobAsync(
        ProjectWork work,
        DatasetOperation operation,
        VersionKey made,
        CancellationToken cancellationToken
    ) => (await work.Db.DataJobs.SingleAsync(j => j.Id == operation.Id, cancellationToken)).Done(made.DatasetId, made.Number, work.Now);
}
