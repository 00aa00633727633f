using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Vectors;
using WebTrainer.Pipeline.Vectors.Maps;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Operations;
using static WebTrainer.Portal.Features.Datasets.VersionQueries;

namespace WebTrainer.Portal.Features.Datasets.Vectors;

/// <summary>Vectors that a version has.</summary>
/// <param name="Encoder">The model that made them; <see cref="VectorSource.BuiltIn"/> for the embedder of the program.</param>
/// <param name="Texts">Prompts that differ.</param>
/// <param name="Dimensions">Numbers of a vector.</param>
/// <param name="Bytes">Of the file.</param>
/// <param name="IsCurrent">False where the model is gone or has other weights now.</param>
public sealed record VectorsView(string Encoder, int Texts, int Dimensions, long Bytes, bool IsCurrent);

/// <summary>Makes a vector of each row of a version, once, and keeps them beside it.</summary>
public sealed class VersionVectors(
    Authorizer authorizer,
    FileStore store,
    VectorShelf shelf,
    DatasetOperations operations,
    InstalledEncoders encoders,
    ImportLimits limits
) : IDatasetWork
{
    private sealed record VectorRequest(VersionKey Version, string Encoder);

    public IReadOnlyCollection<DataJobKind> Kinds { get; } = [DataJobKind.Embed];

    /// <summary>Vectors that a version has, the best first.</summary>
    public async Task<IReadOnlyList<VectorsView>> ListAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var version = await FindAsync(work, datasetId, number, cancellationToken);
        return
        [
            .. shelf
                .Of(version.Sha256)
                .Select(kept => new VectorsView(
                    kept.Head.Source.Encoder,
                    kept.Head.Texts,
                    kept.Head.Dimensions,
                    kept.Bytes,
                    encoders.SourceOf(kept.Head.Source.Encoder) == kept.Head.Source
                )),
        ];
    }

    /// <summary>Makes vectors, and waits for them.</summary>
    /// <inheritdoc cref="StartAsync"/>
    public async Task<IReadOnlyList<VectorsView>> MakeAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        string encoder,
        CancellationToken cancellationToken
    )
    {
        var operation = await StartAsync(caller, projectId, datasetId, number, encoder, cancellationToken);
        await operation.Completion.WaitAsync(cancellationToken);
        return await ListAsync(caller, projectId, datasetId, number, cancellationToken);
    }

    /// <summary>
    /// Begins to make vectors, and the map by them; vectors of the texts that an earlier version has are taken from it. Versions of more
    /// than
    /// <see cref="MapMaker.MostRows"/> rows get no map.
    /// </summary>
    /// <param name="encoder">A model of the server, or <see cref="VectorSource.BuiltIn"/>.</param>
    /// <exception cref="RuleViolationException">There is no such encoder, or the version has too many rows.</exception>
    public async Task<DatasetOperation> StartAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        string encoder,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        var version = await FindAsync(work, datasetId, number, cancellationToken);
        Source(encoder);
        if (version.Rows > KeptVectors.MostRows)
        {
            throw new RuleViolationException(
                $"Vectors are made of versions of at most {KeptVectors.MostRows:N0} rows; this one has {version.Rows:N0}. Clean or split it to a smaller one first."
            );
        }

        return await operations.StartAsync(
            work,
            DataJobKind.Embed,
            version.Id,
            $"Make vectors of {version.Dataset!.Name} version {number}",
            new VectorRequest(new VersionKey(datasetId, number), encoder),
            cancellationToken
        );
    }

    public async Task<VersionKey> DoAsync(DatasetOperation operation, CancellationToken cancellationToken)
    {
        var (key, encoder) = operation.Asked<VectorRequest>();
        var source = Source(encoder);
        DatasetVersion version;
        KeptVectors? earlier;
        await using (
            var reading = await authorizer.OpenAsync(operation.Caller, operation.ProjectId, Permission.ManageData, cancellationToken)
        )
        {
            version = await FindAsync(reading, key.DatasetId, key.Number, cancellationToken);
            earlier = await EarlierAsync(reading, version, source, cancellationToken);
        }

        var (vectors, report) = await new VectorMaker(limits, store.NewTemporaryPath).MakeAsync(
            store.PathOf(version.Sha256),
            source,
            encoders.All(brief: false).GetValueOrDefault(encoder),
            earlier,
            operation,
            cancellationToken
        );
        VectorFile.Write(vectors, shelf.PathOf(version.Sha256, encoder), store.NewTemporaryPath());
        if (version.Rows <= MapMaker.MostRows)
        {
            var map = await new MapMaker(limits).MakeAsync(store.PathOf(version.Sha256), vectors, operation, cancellationToken);
            map.Write(shelf.MapOf(version.Sha256), store.NewTemporaryPath());
        }

        await NoteAsync(operation, key, version, encoder, report, cancellationToken);
        return key;
    }

    private async Task NoteAsync(
        DatasetOperation operation,
        VersionKey key,
        DatasetVersion version,
        string encoder,
        VectorReport report,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(operation.Caller, operation.ProjectId, Permission.ManageData, cancellationToken);
        work.Audit(
            "version.embedded",
            version.Id,
            null,
            new
            {
                version.Number,
                Encoder = encoder,
                report.Texts,
                report.Reused,
                report.Truncated,
            }
        );
        await VersionRecorder.EndJobAsync(work, operation, key, cancellationToken);
        await work.SaveAsync(cancellationToken);
    }

    private VectorSource Source(string encoder) =>
        encoders.SourceOf(encoder)
        ?? throw new RuleViolationException(
            $"This server has no encoder '{encoder}'. It has: {string.Join(", ", encoders.List().Select(e => e.Name).Prepend(VectorSource.BuiltIn))}."
        );

    /// <summary>Vectors of the version that is most like this one: what it was made of, else another of its dataset; the latest first.
    /// </summary>
    private async Task<KeptVectors?> EarlierAsync(
        ProjectWork work,
        DatasetVersion version,
        VectorSource source,
        CancellationToken cancellationToken
    )
    {
        var ancestors = await AncestorsAsync(work, version, cancellationToken);
        var siblings = await work
            .Db.DatasetVersions.AsNoTracking()
            .Where(v => v.ProjectId == work.ProjectId && v.DatasetId == version.DatasetId)
            .ToListAsync(cancellationToken);
        var sha256 = ancestors
            .Where(v => v.Id != version.Id)
            .OrderByDescending(v => v.CreatedAt)
            .Concat(siblings.OrderByDescending(v => v.Number))
            .Select(v => v.Sha256)
            .FirstOrDefault(sha256 => VectorFile.Head(shelf.PathOf(sha256, source.Encoder))?.Source == source);
        return sha256 is null ? null : await shelf.ReadAsync(sha256, source.Encoder, cancellationToken);
    }
}
