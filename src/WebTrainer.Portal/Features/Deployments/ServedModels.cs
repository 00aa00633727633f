using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Serving;
using WebTrainer.Models;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Deployments;

/// <summary>A model that a project can ask: a base, or a run's adapter on it.</summary>
/// <param name="Id">How requests name it: the base's id, or <c>run-12</c>.</param>
/// <param name="WorkerName">How the serving worker knows it.</param>
public sealed record CallableModel(
    string Id,
    string WorkerName,
    BaseModel Base,
    DateTimeOffset CreatedAt,
    IReadOnlyList<NamedAdapter> Adapters
);

/// <summary>What a project can ask, and the asking. Rights are the caller's matter.</summary>
public sealed class ServedModels(IDbContextFactory<AppDb> databases, ModelCatalog models, RunService runs, ServingPool pool)
{
    /// <summary>The bases of this server, and every adapter of the project that is whole.</summary>
    public async Task<IReadOnlyList<CallableModel>> ListAsync(Guid projectId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var ended = await EndedRuns(db, projectId).ToListAsync(cancellationToken);
        return [.. models.Tunable().SelectMany(model => Of(model, ended))];
    }

    /// <summary>One of <see cref="ListAsync"/>, without reading the others' folders: each request to an endpoint asks.</summary>
    /// <returns>Null where the project has no such model.</returns>
    public async Task<CallableModel?> FindAsync(Guid projectId, string? id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var ended = EndedRuns(db, projectId);
        var baseId = AdapterNames.RunNumber(id) is { } number
            ? await ended.Where(r => r.Number == number).Select(r => r.BaseModel).SingleOrDefaultAsync(cancellationToken) ?? id
            : id;
        if (baseId is null || models.Find(baseId) is not { IsTunable: true } model)
        {
            return null;
        }

        return Of(model, await ended.Where(r => r.BaseModel == baseId).ToListAsync(cancellationToken)).FirstOrDefault(m => m.Id == id);
    }

    /// <param name="precision">How the base's weights are kept; null as the server's settings say.</param>
    public IAsyncEnumerable<GenerateChunk> GenerateAsync(
        CallableModel model,
        GenerateRequest request,
        WeightPrecision? precision,
        CancellationToken cancellationToken
    ) => pool.GenerateAsync(new(model.Base.Path, precision), model.Adapters, request with { Model = model.WorkerName }, cancellationToken);

    /// <summary>Waits until the model's worker is ready.</summary>
    public Task WarmAsync(CallableModel model, WeightPrecision? precision, CancellationToken cancellationToken) =>
        pool.WarmAsync(new(model.Base.Path, precision), model.Adapters, cancellationToken);

    private static IQueryable<Run> EndedRuns(AppDb db, Guid projectId) =>
        db
            .Runs.AsNoTracking()
            .Include(r => r.Job)
            .Where(r => r.ProjectId == projectId && (r.Job!.State == JobState.Completed || r.Job.State == JobState.Stopped))
            .OrderBy(r => r.Number);

    private IEnumerable<CallableModel> Of(BaseModel model, IReadOnlyList<Run> ended)
    {
        var tuned = ended
            .Where(r => r.BaseModel == model.Id)
            .Select(r => (Run: r, Name: AdapterNames.Of(r), Folder: runs.AdapterFolder(r)))
            .Where(t => t.Folder is not null)
            .ToList();
        // Runs of different projects share a worker, so the worker's name of an adapter carries the run's own id.
        NamedAdapter[] adapters =
        [
            .. tuned.Select(t => new NamedAdapter(t.Run.Id.ToString("N"), t.Folder!) { WrittenAt = WrittenAt(t.Folder!) }),
        ];
        // An untuned encoder has no labels to say.
        if (!model.IsEncoder)
        {
            yield return new CallableModel(model.Id, EvaluationReport.BaseName, model, DateTimeOffset.UnixEpoch, adapters);
        }

        foreach (var (run, name, _) in tuned)
        {
            yield return new CallableModel(name, run.Id.ToString("N"), model, run.Job!.EndedAt ?? run.SubmittedAt, adapters);
        }
    }

    // What was restored or replaced since a worker read it is read anew.
    private static DateTime WrittenAt(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles().Select(file => file.LastWriteTimeUtc).DefaultIfEmpty().Max();
}
