using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Audit;
using WebTrainer.Domain.Projects;
using WebTrainer.Jobs;
using WebTrainer.Jobs.Kinds.Check;
using WebTrainer.Jobs.Kinds.Export;
using WebTrainer.Models;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Uploads;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Models;

/// <summary>Base models of the server: what there is, adding, trying, and taking away.</summary>
public sealed partial class ModelLibrary(
    Authorizer authorizer,
    ModelCatalog catalog,
    ModelUse use,
    Errands errands,
    UploadService uploads,
    FileStore files,
    DataFolder data,
    Quotas quotas,
    AddedModels added,
    IDbContextFactory<AppDb> databases,
    TimeProvider time
)
{
    /// <summary>A refusal names so many of those who use a model.</summary>
    private const int UsersNamed = 10;

    /// <summary>A model has been added: what waited for one can go on.</summary>
    public event Action? Added;

    public async Task<IReadOnlyList<BaseModel>> ListAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return catalog.List();
    }

    /// <summary>Whether pages offer to add models and to take them away.</summary>
    public Task<bool> MayManageAsync(Caller caller, CancellationToken cancellationToken) =>
        authorizer.MayManageModelsAsync(caller, cancellationToken);

    /// <summary>
    /// Makes a base model or an encoder of an uploaded ZIP archive, once it has loaded and done its work; the upload is discarded then.
    /// </summary>
    /// <param name="confirmedKeys">Keys of config.json that are not understood and of which the caller says that they change
    /// nothing.</param>
    /// <exception cref="RuleViolationException">The name or the archive is no good; the message says why.</exception>
    /// <exception cref="JobFailedException">The model can't be used here; nothing is left of it.</exception>
    public async Task<BaseModel> InstallAsync(
        Caller caller,
        Guid projectId,
        Guid uploadId,
        string name,
        CancellationToken cancellationToken,
        IReadOnlyList<string>? confirmedKeys = null
    )
    {
        await CheckNameAsync(caller, projectId, name, cancellationToken);
        string archive;
        await using (var work = await authorizer.OpenModelsAsync(caller, projectId, cancellationToken))
        {
            var upload =
                await work
                    .Db.Uploads.AsNoTracking()
                    .SingleOrDefaultAsync(u => u.Id == uploadId && u.ProjectId == projectId && u.CompletedAt != null, cancellationToken)
                ?? throw new NotFoundException("There is no such upload, or it has not arrived whole.");
            archive = files.PathOf(upload.Sha256!);
        }

        var model = await AddAsync(
            caller,
            projectId,
            name,
            ModelArchive.Measure(archive, FolderKind.Model),
            folder => ModelArchive.UnpackAsync(archive, folder, FolderKind.Model, cancellationToken),
            cancellationToken,
            confirmedKeys
        );
        await uploads.DiscardAsync(caller, projectId, uploadId, cancellationToken);
        return model;
    }

    /// <summary>Loads the model and lets it do its work; what it did is shown with it from now on.</summary>
    /// <exception cref="JobFailedException">It can't be used; the message says why.</exception>
    public async Task<ModelCheck> CheckAsync(Caller caller, Guid projectId, string id, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.SubmitRuns, cancellationToken);
        var model = catalog.Get(id);
        var check = await errands.DoAsync(CheckOf(model.Path), cancellationToken);
        catalog.Keep(model, check);
        work.Audit("model.checked", model.Id, null, new { check.LoadSeconds, check.TokensPerSecond });
        await work.SaveAsync(cancellationToken);
        return check;
    }

    /// <summary>A base model as a GGUF file, with a Modelfile and what was checked of it.</summary>
    /// <returns>A folder that is deleted when disposed.</returns>
    /// <exception cref="JobFailedException">It can't be written as GGUF; the message says why.</exception>
    public async Task<ExportedModel> GgufAsync(
        Caller caller,
        Guid projectId,
        string id,
        GgufWeights weights,
        CancellationToken cancellationToken
    )
    {
        BaseModel model;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.UseModels, cancellationToken))
        {
            model = catalog.Get(id);
            work.Audit("model.gguf-downloaded", model.Id, null, new { weights });
            await work.SaveAsync(cancellationToken);
        }

        return await errands.DoAsync(new ExportErrand(new ExportSpec { BaseModel = model.Path, Gguf = weights }), cancellationToken);
    }

    /// <summary>Takes a model away that was added here and that nothing stands on.</summary>
    public async Task RemoveAsync(Caller caller, Guid projectId, string id, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenModelsAsync(caller, projectId, cancellationToken);
        var model = catalog.Get(id);
        if (model.Shipped)
        {
            throw new RuleViolationException($"{id} came with the program; it can't be taken away here.");
        }

        if (await use.OfAsync(work.Db, model, cancellationToken) is { Count: > 0 } users)
        {
            throw new RuleViolationException(
                $"{id} is in use and stays: {string.Join(", ", users.Take(UsersNamed))}{(users.Count > UsersNamed ? $", and {users.Count - UsersNamed} more" : "")}."
            );
        }

        work.Audit("model.removed", id, new { model.Type, model.WeightBytes });
        await work.SaveAsync(cancellationToken);
        Directory.Delete(model.Path, recursive: true);
        added.Forget(id);
        await File.WriteAllTextAsync(TakenAwayMark(id), "", CancellationToken.None);
    }

    /// <summary>Writes down that a download is begun by somebody who may.</summary>
    internal async Task NoteDownloadAsync(Caller caller, Guid projectId, string name, string source, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenModelsAsync(caller, projectId, cancellationToken);
        work.Audit("model.download-started", name, null, new { Source = source });
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>Stops a download for somebody who may add models.</summary>
    /// <returns>False where there is none; then nothing is noted.</returns>
    internal async Task<bool> StopDownloadAsync(
        Caller caller,
        Guid projectId,
        string name,
        Func<string, bool> stop,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenModelsAsync(caller, projectId, cancellationToken);
        if (!stop(name))
        {
            return false;
        }

        work.Audit("model.download-stopped", name);
        await work.SaveAsync(cancellationToken);
        return true;
    }

    /// <summary>Refuses a name that is no folder's name or is taken, and callers who may not add models.</summary>
    internal async Task CheckNameAsync(Caller caller, Guid projectId, string name, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenModelsAsync(caller, projectId, cancellationToken);
        if (!ModelName().IsMatch(name))
        {
            throw new RuleViolationException(
                "A model's name has 1 to 80 letters, digits, dots, dashes and underscores, and begins with a letter or digit."
            );
        }

        if (catalog.List().Any(model => string.Equals(model.Id, name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new RuleViolationException($"This server already has a model '{name}'. Choose another name.");
        }
    }

    /// <summary>Whether somebody has taken this model away here, so that the server doesn't fetch it again by itself.</summary>
    internal bool WasTakenAway(string name) => File.Exists(TakenAwayMark(name));

    /// <summary>
    /// Adds a model that a person asked for, who must still be allowed to when it has loaded; it counts against their room and their
    /// project's.
    /// </summary>
    /// <param name="bytes">Of the model's files.</param>
    internal async Task<BaseModel> AddAsync(
        Caller caller,
        Guid projectId,
        string name,
        long bytes,
        Func<string, Task> fill,
        CancellationToken cancellationToken,
        IReadOnlyList<string>? confirmedKeys = null
    )
    {
        CheckKeys(confirmedKeys ?? []);
        await using var asked = await authorizer.OpenModelsAsync(caller, projectId, cancellationToken);
        using var room = await quotas.ReserveAsync(asked, bytes, cancellationToken);
        return await PlaceAsync(
            name,
            fill,
            async place =>
            {
                await using var work = await authorizer.OpenModelsAsync(caller, projectId, cancellationToken);
                var model = place();
                added.Note(name, new AddedModel(projectId, caller.UserId, bytes));
                work.Audit(
                    "model.added",
                    name,
                    null,
                    new
                    {
                        model.Type,
                        model.WeightBytes,
                        model.License,
                        ConfirmedKeys = confirmedKeys is { Count: > 0 } ? confirmedKeys : null,
                    }
                );
                await work.SaveAsync(CancellationToken.None); // it is there: its record must follow
            },
            cancellationToken,
            confirmedKeys
        );
    }

    /// <summary>Adds a model that the server fetched by itself.</summary>
    internal Task<BaseModel> AddForServerAsync(string name, Func<string, Task> fill, CancellationToken cancellationToken) =>
        PlaceAsync(
            name,
            fill,
            async place =>
            {
                await using var db = await databases.CreateDbContextAsync(cancellationToken);
                var model = place();
                db.Audit.Add(
                    new AuditEntry(
                        time.GetUtcNow(),
                        userId: "",
                        "This server",
                        projectId: null,
                        "model.added",
                        name,
                        before: null,
                        JsonSerializer.Serialize(
                            new
                            {
                                model.Type,
                                model.WeightBytes,
                                model.License,
                            }
                        )
                    )
                );
                await db.SaveChangesAsync(CancellationToken.None);
            },
            cancellationToken
        );

    /// <summary>Fills a folder, tries the model, and only then shows it: the folder appears whole or not at all.</summary>
    private async Task<BaseModel> PlaceAsync(
        string name,
        Func<string, Task> fill,
        Func<Func<BaseModel>, Task> record,
        CancellationToken cancellationToken,
        IReadOnlyList<string>? confirmedKeys = null
    )
    {
        var staging = Directory.CreateDirectory(Path.Combine(data.Temporary, "model-" + Guid.NewGuid().ToString("N"))).FullName;
        try
        {
            await fill(staging);
            ConfirmedKeys.Write(staging, confirmedKeys ?? []);
            CheckTables(staging);
            var check = await errands.DoAsync(CheckOf(staging), cancellationToken);
            await record(() =>
            {
                Directory.Move(staging, Path.Combine(data.Models, name));
                File.Delete(TakenAwayMark(name));
                var model = catalog.Get(name);
                catalog.Keep(model, check);
                return model;
            });
            Added?.Invoke();
            return catalog.Get(name);
        }
        finally
        {
            if (Directory.Exists(staging))
            {
                Directory.Delete(staging, recursive: true);
            }
        }
    }

    private static void CheckKeys(IReadOnlyList<string> keys)
    {
        if (keys.Count > ConfirmedKeys.Most || keys.Any(key => key is not { Length: > 0 and <= ConfirmedKeys.LongestName }))
        {
            throw new RuleViolationException(
                $"At most {ConfirmedKeys.Most} keys can be confirmed, each of 1 to {ConfirmedKeys.LongestName} characters."
            );
        }
    }

    /// <summary>Refuses weights that contradict themselves at once; a worker would first load all that it reads models with.</summary>
    private static void CheckTables(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*.safetensors"))
        {
            try
            {
                SafetensorsTable.Read(file);
            }
            catch (ModelFileException wrong)
            {
                throw new RuleViolationException($"{Path.GetFileName(file)}: {wrong.Message}");
            }
        }
    }

    private string TakenAwayMark(string name) => Path.Combine(data.Models, $".{name}.taken-away");

    private static CheckErrand CheckOf(string folder) => new(new CheckSpec { BaseModel = folder });

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$", RegexOptions.NonBacktracking)]
    private static partial Regex ModelName();
}
