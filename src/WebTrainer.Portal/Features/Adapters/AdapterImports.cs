using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs;
using WebTrainer.Jobs.Kinds.Check;
using WebTrainer.Models;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Features.Uploads;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Adapters;

/// <summary>
/// Brings adapters in that were trained elsewhere. Each is tried on its base first, and becomes a run that has ended: whatever takes a
/// run's adapter takes it.
/// </summary>
public sealed class AdapterImports(
    Authorizer authorizer,
    ModelCatalog models,
    ModelHashes hashes,
    ModelDownloads downloads,
    RunService runs,
    Errands errands,
    RunFolders folders,
    UploadService uploads,
    FileStore files,
    DataFolder data,
    Quotas quotas,
    AddedModels added,
    AdapterUse use
)
{
    /// <summary>Of those who use an adapter, in a refusal.</summary>
    private const int UsersNamed = 3;

    /// <summary>Adapters that this project has brought in, the newest first.</summary>
    public async Task<IReadOnlyList<ImportedAdapter>> ListAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var imported = await work
            .Db.Runs.AsNoTracking()
            .Include(r => r.Job)
            .Where(r => r.ProjectId == projectId && r.ImportedFrom != null)
            .OrderByDescending(r => r.Number)
            .ToListAsync(cancellationToken);
        return imported.ConvertAll(run => new ImportedAdapter(run, runs.CheckOf(run)));
    }

    /// <summary>What an uploaded archive holds, and which models may be its base; nothing is kept.</summary>
    /// <exception cref="RuleViolationException">The archive holds no adapter; the message says why.</exception>
    public async Task<AdapterOffer> OfferAsync(Caller caller, Guid projectId, Guid uploadId, CancellationToken cancellationToken)
    {
        var (archive, fileName) = await UploadAsync(caller, projectId, uploadId, cancellationToken);
        using var staging = new Staging(data);
        await ModelArchive.UnpackAsync(archive, staging.Path, FolderKind.Adapter, cancellationToken);
        var facts = AdapterFacts.Read(staging.Path);
        return new AdapterOffer(fileName, facts.BaseName, facts.BasesAmong(Bases()));
    }

    /// <summary>Models that an adapter can be brought in for.</summary>
    public IReadOnlyList<BaseModel> Bases() => models.Decoders();

    /// <summary>
    /// Brings in an uploaded ZIP archive, once its adapter has loaded and answered on its base; the upload is discarded then.
    /// </summary>
    /// <param name="baseModel">Null for the one that the adapter's files tell.</param>
    /// <returns>The run that it became.</returns>
    /// <exception cref="RuleViolationException">Name, archive or base are no good; the message says why.</exception>
    /// <exception cref="JobFailedException">The adapter can't be used on this base; nothing is left of it.</exception>
    public async Task<Guid> ImportAsync(
        Caller caller,
        Guid projectId,
        Guid uploadId,
        string name,
        string? baseModel,
        CancellationToken cancellationToken
    )
    {
        var (archive, fileName) = await UploadAsync(caller, projectId, uploadId, cancellationToken);
        var run = await PlaceAsync(
            caller,
            projectId,
            new Incoming(name, fileName, baseModel, ModelArchive.Measure(archive, FolderKind.Adapter)),
            folder => ModelArchive.UnpackAsync(archive, folder, FolderKind.Adapter, cancellationToken),
            cancellationToken
        );
        await uploads.DiscardAsync(caller, projectId, uploadId, cancellationToken);
        return run;
    }

    /// <summary>
    /// Begins, or goes on with, the download of an adapter of the hub; it becomes a run when it has answered on its base.
    /// </summary>
    /// <param name="baseModel">As of an upload.</param>
    public async Task FetchAsync(
        Caller caller,
        Guid projectId,
        string hubName,
        string name,
        string? baseModel,
        CancellationToken cancellationToken
    )
    {
        await CheckRightsAsync(caller, projectId, cancellationToken);
        CheckName(name);
        if (baseModel is not null)
        {
            BaseOf(baseModel);
        }

        await downloads.BeginAsync(
            caller,
            projectId,
            hubName,
            name,
            FolderKind.Adapter,
            (bytes, fill, stop) => PlaceAsync(caller, projectId, new Incoming(name, $"{hubName} on the hub", baseModel, bytes), fill, stop),
            cancellationToken
        );
    }

    /// <summary>Takes an adapter away that was brought in and that nothing stands on; its run is gone with it.</summary>
    /// <exception cref="NotFoundException">The project has no such adapter.</exception>
    /// <exception cref="RuleViolationException">Something stands on it; the message says what.</exception>
    public async Task RemoveAsync(Caller caller, Guid projectId, Guid runId, CancellationToken cancellationToken)
    {
        await CheckRightsAsync(caller, projectId, cancellationToken);
        await using var work = await authorizer.OpenModelsAsync(caller, projectId, cancellationToken);
        var run =
            await work
                .Db.Runs.Include(r => r.Job)
                .SingleOrDefaultAsync(r => r.Id == runId && r.ProjectId == projectId && r.ImportedFrom != null, cancellationToken)
            ?? throw new NotFoundException("This project has brought in no such adapter.");
        if (await use.OfAsync(work.Db, run, cancellationToken) is { Count: > 0 } users)
        {
            throw new RuleViolationException(
                $"Run {run.Number} is in use and stays: {string.Join(", ", users.Take(UsersNamed))}{(users.Count > UsersNamed ? $", and {users.Count - UsersNamed} more" : "")}."
            );
        }

        work.Audit(
            "adapter.removed",
            run.Id,
            new
            {
                run.Number,
                run.Name,
                run.ImportedFrom,
                run.BaseModel,
            }
        );
        work.Db.Remove(run);
        work.Db.Remove(run.Job!);
        await work.SaveAsync(cancellationToken);
        Directory.Delete(folders.Of(run.JobId!.Value).Root, recursive: true);
        added.Forget(NoteOf(run.Id));
    }

    /// <summary>Under which it is counted among what was added to this server.</summary>
    private static string NoteOf(Guid runId) => $"run-{runId:N}";

    private async Task<(string Path, string Name)> UploadAsync(
        Caller caller,
        Guid projectId,
        Guid uploadId,
        CancellationToken cancellationToken
    )
    {
        await CheckRightsAsync(caller, projectId, cancellationToken);
        await using var work = await authorizer.OpenModelsAsync(caller, projectId, cancellationToken);
        var upload =
            await work
                .Db.Uploads.AsNoTracking()
                .SingleOrDefaultAsync(u => u.Id == uploadId && u.ProjectId == projectId && u.CompletedAt != null, cancellationToken)
            ?? throw new NotFoundException("There is no such upload, or it has not arrived whole.");
        return (files.PathOf(upload.Sha256!), upload.FileName);
    }

    /// <summary>
    /// It makes a run of the project, without the approval of a second person: who adds models may, where they may hand in runs.
    /// </summary>
    private async Task CheckRightsAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using (await authorizer.OpenAsync(caller, projectId, Permission.SubmitRuns, cancellationToken)) { }

        await using (await authorizer.OpenModelsAsync(caller, projectId, cancellationToken)) { }
    }

    private static void CheckName(string name)
    {
        if (name.Trim().Length is 0 or > Run.MaxNameLength)
        {
            throw new RuleViolationException($"An adapter's name has 1 to {Run.MaxNameLength} characters.");
        }
    }

    /// <summary>Fills a folder, tries the adapter, and only then makes the run: it appears whole or not at all.</summary>
    private async Task<Guid> PlaceAsync(
        Caller caller,
        Guid projectId,
        Incoming incoming,
        Func<string, Task> fill,
        CancellationToken cancellationToken
    )
    {
        CheckName(incoming.Name);
        await using var asked = await authorizer.OpenModelsAsync(caller, projectId, cancellationToken);
        using var room = await quotas.ReserveAsync(asked, incoming.Bytes, cancellationToken);
        using var staging = new Staging(data);
        await fill(staging.Path);
        var facts = AdapterFacts.Read(staging.Path);
        var model = incoming.BaseModel is { } named ? BaseOf(named) : ProposedBase(facts);
        var sha256 = hashes.Of(model);
        var check = await errands.DoAsync(
            new CheckErrand(new CheckSpec { BaseModel = model.Path, Adapter = staging.Path }),
            cancellationToken
        );
        await CheckRightsAsync(caller, projectId, cancellationToken);
        return await RecordAsync(caller, projectId, incoming, new Tried(model, sha256, check), staging, cancellationToken);
    }

    private async Task<Guid> RecordAsync(
        Caller caller,
        Guid projectId,
        Incoming incoming,
        Tried tried,
        Staging staging,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenModelsAsync(caller, projectId, cancellationToken);
        var project = await work.Db.Projects.SingleAsync(p => p.Id == projectId, cancellationToken);
        var id = Guid.CreateVersion7();
        var spec = SpecOf(id, tried).ToText();
        var run = Run.Imported(
            projectId,
            project.TakeNumber(),
            incoming.Name,
            tried.Model.Id,
            spec,
            JobSpec.Hash(spec),
            incoming.Origin,
            JobKind.Of<CheckSpec>().Name,
            caller.UserId,
            work.Now,
            id
        );
        work.Db.Runs.Add(run);
        work.Audit(
            "adapter.imported",
            run.Id,
            null,
            new
            {
                run.Number,
                run.Name,
                run.ImportedFrom,
                run.BaseModel,
                tried.Check.Adapter,
            }
        );
        var folder = folders.Create(
            run.JobId!.Value,
            new CheckSpec { BaseModel = tried.Model.Path, Adapter = folders.Of(run.JobId.Value).Adapter }
        );
        try
        {
            Directory.CreateDirectory(folder.Output);
            staging.MoveTo(folder.Adapter);
            AtomicFile.WriteAllText(folder.Check, System.Text.Json.JsonSerializer.Serialize(tried.Check, ProtocolJson.Document));
            await work.SaveAsync(cancellationToken);
        }
        catch
        {
            Directory.Delete(folder.Root, recursive: true);
            throw;
        }

        added.Note(NoteOf(run.Id), new AddedModel(projectId, caller.UserId, incoming.Bytes));
        return run.Id;
    }

    /// <summary>What the adapter's files tell of the run that made it. Prompts may be as long as the base reads.</summary>
    private static TrainSpec SpecOf(Guid runId, Tried tried)
    {
        var training = new TrainingSettings();
        return new TrainSpec
        {
            RunId = runId,
            BaseModel = tried.Model.Path,
            BaseModelSha256 = tried.Sha256,
            Method = tried.Check.Adapter ?? new MethodSpec(),
            Training = tried.Model.ContextTokens > 0 ? training with { ContextTokens = tried.Model.ContextTokens } : training,
        };
    }

    private BaseModel ProposedBase(AdapterFacts facts)
    {
        var offer = new AdapterOffer("", facts.BaseName, facts.BasesAmong(Bases()));
        return offer.Bases.Count > 0 ? offer.Bases[0] : throw new RuleViolationException(offer.Missing!);
    }

    private BaseModel BaseOf(string id) =>
        models.Get(id) is var model && Bases().Any(one => one.Id == model.Id)
            ? model
            : throw new RuleViolationException(
                $"{id} can't be the base of an adapter that is brought in: choose a decoder or an encoder-decoder. Beside an adapter of an encoder PEFT keeps no names of its labels."
            );

    /// <param name="Origin">The archive's name, or the name on the hub.</param>
    /// <param name="BaseModel">Null for the one that the files tell.</param>
    private sealed record Incoming(string Name, string Origin, string? BaseModel, long Bytes);

    private sealed record Tried(BaseModel Model, string Sha256, ModelCheck Check);

    /// <summary>A folder for what has not been tried yet; it is deleted unless it was moved away.</summary>
    private sealed class Staging(DataFolder data) : IDisposable
    {
        public string Path { get; } =
            Directory.CreateDirectory(System.IO.Path.Combine(data.Temporary, "adapter-" + Guid.NewGuid().ToString("N"))).FullName;

        public void MoveTo(string target) => Directory.Move(Path, target);

        public void Dispose()
        {
            if (Directory.Exists(Path))
            {
                Directory.Delete(Path, recursive: true);
            }
        }
    }
}
