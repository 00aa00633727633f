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

    public IReadOnlyCollection<DataJobKind> Kinds { get; } = [DataJobKind.Import, DataJobKind.Clean, DataJobKind.Split, DataJobKind.Publish, DataJobKind.Sync];

    public Task<VersionKey> DoAsync(DatasetOperation operation, CancellationToken ct) => operation.Job.Kind switch
    {
        DataJobKind.Import => ImportAsync(operation, Asked<ImportRequest>(operation), ct),
        DataJobKind.Clean => CleanAsync(operation, Asked<CleanRequest>(operation), ct),
        DataJobKind.Split => SplitAsync(operation, Asked<SplitRequest>(operation), ct),
        DataJobKind.Publish => PublishAsync(operation, Asked<PublishRequest>(operation), ct),
        DataJobKind.Sync => SyncAsync(operation, Asked<SyncRequest>(operation), ct),
        _ => throw new InvalidOperationException($"A job of the kind {operation.Job.Kind} is done elsewhere."),
    };

    private static T Asked<T>(DatasetOperation operation) => RecipeJson.Read<T>(operation.Job.Request)!;

    private static async Task EndJobAsync(ProjectWork work, DatasetOperation operation, VersionKey made, CancellationToken ct) =>
        (await work.Db.DataJobs.SingleAsync(j => j.Id == operation.Id, ct)).Done(made.DatasetId, made.Number, work.Now);
}
