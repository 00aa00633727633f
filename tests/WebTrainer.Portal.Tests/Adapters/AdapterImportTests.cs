using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WebTrainer.Domain;
using WebTrainer.Domain.Judging;
using WebTrainer.Domain.Projects;
using WebTrainer.Jobs;
using WebTrainer.Models;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Connectors;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Adapters;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Deployments;
using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Tests.Datasets;
using WebTrainer.Protocol;
using WebTrainer.Tests.Shared;

namespace WebTrainer.Portal.Tests.Adapters;

/// <summary>Adapters of the shipped base come in as archives and from a hub in this process, and are tried by the real worker.</summary>
public sealed class AdapterImportTests : DatasetsTest
{
    private const string Base = "webtrainer-base-8m";
    private static readonly TimeSpan s_wait = TimeSpan.FromMinutes(3);
    private static readonly string s_worker = Path.Combine(
        AppContext.BaseDirectory.Replace(
            Path.Combine("tests", "WebTrainer.Portal.Tests"),
            Path.Combine("src", "WebTrainer.Worker"),
            StringComparison.Ordinal
        ),
        "WebTrainer.Worker.dll"
    );

    private readonly TinyAdapter _adapter = new();
    private readonly ConnectorOptions _hub = new() { AllowedHosts = ["127.0.0.1"] };

    private AdapterImports Imports => Portal.Get<AdapterImports>();

    private RunService Runs => Portal.Get<RunService>();

    protected override void AddFeatures(IServiceCollection services) =>
        services
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .Configure<JobsOptions>(o => o.WorkerPath = File.Exists(s_worker) ? s_worker : typeof(AdapterImportTests).Assembly.Location)
            .AddSingleton<Microsoft.Extensions.Options.IOptions<ConnectorOptions>>(_ => Microsoft.Extensions.Options.Options.Create(_hub))
            .AddRuns()
            .AddModels()
            .AddAdapters()
            .AddEvaluations()
            .AddDeployments();

    [Fact]
    public async Task Archive_IsTriedOnItsBase_AndBecomesARunThatHasEnded()
    {
        var run = await ImportAsync();
        var view = await Runs.GetAsync(Reviewer, Project, run, Ct);
        Assert.Equal(
            ("Manners", Base, "manners.zip", "completed"),
            (view.Run.Name, view.Run.BaseModel, view.Run.ImportedFrom, view.Status.Word)
        );
        Assert.Null(view.Data);
        Assert.Equal(["Base model", "Method", "Rank", "Alpha", "Rank-stabilised", "Targets"], view.Settings.Select(line => line.Name));
        Assert.Equal(
            _adapter.WeightBytes,
            await File.ReadAllBytesAsync(Path.Combine(Runs.AdapterFolder(view.Run)!, PeftFiles.Weights), Ct)
        );
        var (imported, check) = Assert.Single(await Imports.ListAsync(Reviewer, Project, Ct));
        Assert.Equal(run, imported.Id);
        Assert.Equal(2, check!.Adapter!.Rank);
        Assert.Equal(check.Readings.Count, check.BaseReadings.Count);
        Assert.True(check.Readings.Count > 0);
        await using var db = Portal.OpenDb();
        var entry = await db.Audit.SingleAsync(e => e.Action == "adapter.imported", Ct);
        Assert.Equal((run.ToString(), Lead.UserId), (entry.Subject, entry.UserId));
        Assert.Empty(await Uploads.WaitingAsync(Lead, Project, Ct)); // the archive has done its work
        Assert.Empty(Directory.GetFileSystemEntries(Folder.Temporary));
        Assert.True(Assert.Single(Portal.Get<AddedModels>().List()).Bytes > _adapter.WeightBytes.Length);
        Assert.Contains(
            "run 1 of",
            Assert.Single(await Portal.Get<ModelUse>().OfAsync(db, Portal.Get<ModelCatalog>().Get(Base), Ct)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Adapter_IsTakenAway_UnlessSomethingStandsOnIt()
    {
        var run = await ImportAsync();
        await Assert.ThrowsAsync<ForbiddenException>(() => Imports.RemoveAsync(Reviewer, Project, run, Ct));
        var folder = Runs.AdapterFolder((await Runs.GetAsync(Lead, Project, run, Ct)).Run)!;
        var version = await PublishAsync();
        await Portal.Get<EvaluationService>().StartAsync(Lead, Project, new EvaluationRequest([run]) { DatasetVersionId = version }, Ct);
        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() => Imports.RemoveAsync(Lead, Project, run, Ct));
        Assert.Contains("is in use and stays: evaluation", refusal.Message, StringComparison.Ordinal);

        var second = await ImportAsync();
        var other = Runs.AdapterFolder((await Runs.GetAsync(Lead, Project, second, Ct)).Run)!;
        await using (var judged = Portal.OpenDb())
        {
            var judge = new Judge(Project, JudgeSource.Local, Lead.UserId, DateTimeOffset.UtcNow);
            judge.Change("Ours", "", $"run-{(await judged.Runs.SingleAsync(r => r.Id == second, Ct)).Number}", "Be fair.", 64, 1);
            judged.Judges.Add(judge);
            await judged.SaveChangesAsync(Ct);
            refusal = await Assert.ThrowsAsync<RuleViolationException>(() => Imports.RemoveAsync(Lead, Project, second, Ct));
            Assert.Contains("the judge Ours", refusal.Message, StringComparison.Ordinal);
            judged.Judges.Remove(judge);
            await judged.SaveChangesAsync(Ct);
        }

        await Imports.RemoveAsync(Lead, Project, second, Ct);
        Assert.False(Directory.Exists(other));
        Assert.True(Directory.Exists(folder));
        Assert.Equal(run, Assert.Single(await Imports.ListAsync(Lead, Project, Ct)).Run.Id);
        Assert.Single(Portal.Get<AddedModels>().List());
        await using var db = Portal.OpenDb();
        Assert.Equal(second.ToString(), (await db.Audit.SingleAsync(e => e.Action == "adapter.removed", Ct)).Subject);
        await Assert.ThrowsAsync<NotFoundException>(() => Imports.RemoveAsync(Lead, Project, second, Ct));
    }

    [Fact]
    public async Task Run_ThatWasBroughtIn_IsServedAndJudgedOnNamedData_AndNotRepeated()
    {
        var run = await ImportAsync();
        var version = await PublishAsync();
        var served = (await Portal.Get<ServedModels>().FindAsync(Project, "run-1", Ct))!;
        Assert.Equal((Base, 1), (served.Base.Id, served.Adapters.Count));

        var evaluations = Portal.Get<EvaluationService>();
        var unnamed = await Assert.ThrowsAsync<RuleViolationException>(() =>
            evaluations.StartAsync(Lead, Project, new EvaluationRequest([run]), Ct)
        );
        Assert.Contains("datasetVersionId", unnamed.Message, StringComparison.Ordinal);
        var evaluation = await evaluations.StartAsync(Lead, Project, new EvaluationRequest([run]) { DatasetVersionId = version }, Ct);
        var started = (await evaluations.GetAsync(Lead, Project, evaluation, Ct)).Evaluation;
        var spec = JobSpec.Read<EvaluateSpec>(started.Spec);
        Assert.Equal(version, started.DatasetVersionId);
        Assert.Equal("run-1", Assert.Single(spec.Evaluation!.Adapters).Name);
        Assert.Equal(512, spec.ContextTokens); // as long as its base reads

        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() => Runs.RequestOfAsync(Lead, Project, run, Ct));
        Assert.Contains("not trained here", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_GoesOnFromAnAdapterThatWasBroughtIn_ByItsOwnMethodOnly()
    {
        var start = await ImportAsync();
        var given = (await Runs.GetAsync(Lead, Project, start, Ct)).Spec.Method;
        var request = new RunRequest
        {
            DatasetVersionId = await PublishAsync(),
            BaseModel = Base,
            StartRunId = start,
            Method = StartPoints.MethodOf(given, new MethodSpec { Dropout = 0.1 }),
        };
        var view = await Runs.GetAsync(Lead, Project, await Runs.SubmitAsync(Lead, Project, request, Ct), Ct);
        Assert.Equal("run-1", view.Spec.StartsFrom!.Name);
        Assert.Equal(ModelHash.Of(view.Spec.StartsFrom.Path), view.Spec.StartsFrom.Sha256);
        Assert.Equal((2, 0.1), (view.Spec.Method.Rank, view.Spec.Method.Dropout));
        Assert.Contains(view.Settings, line => line is { Name: "Goes on from", Value: "run-1" });
        Assert.Equal(start, (await Runs.RequestOfAsync(Lead, Project, view.Run.Id, Ct)).StartRunId);

        var another = await Assert.ThrowsAsync<RuleViolationException>(() =>
            Runs.SubmitAsync(Lead, Project, request with { Method = new MethodSpec { Rank = 8 } }, Ct)
        );
        Assert.Contains("LoRA, rank 2, alpha 4", another.Message, StringComparison.Ordinal);
        var unended = await Assert.ThrowsAsync<RuleViolationException>(() =>
            Runs.SubmitAsync(Lead, Project, request with { StartRunId = view.Run.Id }, Ct)
        );
        Assert.Contains("has no adapter yet", unended.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NotFoundException>(() =>
            Runs.SubmitAsync(Lead, Project, request with { StartRunId = Guid.NewGuid() }, Ct)
        );
    }

    [Theory]
    [InlineData("""{ "init_lora_weights": "pissa" }""", 256, "'pissa' (init_lora_weights)")]
    [InlineData("""{ "something_new": 3 }""", 256, "something_new")]
    [InlineData("{}", 128, "made for another base model")]
    public async Task Archive_ThatWouldComputeOtherwise_IsRefusedByName_AndLeavesNothing(string keys, int width, string named)
    {
        RequireWorker();
        var adapter = _adapter with { More = JsonNode.Parse(keys)!.AsObject(), Width = width };
        var upload = await UploadAsync("manners.zip", adapter.Zip());
        var refusal = await Assert.ThrowsAsync<JobFailedException>(() =>
            Imports.ImportAsync(Lead, Project, upload.Id, "Manners", Base, Ct)
        );
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.Empty(await Runs.ListAsync(Lead, Project, Ct));
        Assert.Empty(Portal.Get<AddedModels>().List());
        Assert.Empty(Directory.GetFileSystemEntries(Folder.Temporary));
        Assert.Single(await Uploads.WaitingAsync(Lead, Project, Ct)); // for another try, on another base
    }

    public static TheoryData<string, string[]> NoAdapters =>
        new()
        {
            { "pickled", ["adapter_config.json", "adapter_model.bin"] },
            { "no adapter_config.json", ["adapter_model.safetensors"] },
            { "add it as a base model", ["config.json", "model.safetensors"] },
            { "can't be read", ["adapter_config.json", "adapter_model.safetensors"] }, // both hold {}
        };

    [Theory]
    [MemberData(nameof(NoAdapters))]
    public async Task Archive_ThatIsNoAdapter_IsRefusedBeforeAWorkerStarts(string reason, string[] files)
    {
        var upload = await UploadAsync("some.zip", TinyAdapter.ZipOf(files.Select(name => (name, "{}"u8.ToArray()))));
        foreach (
            var act in (Func<Task>[])
                [
                    () => Imports.OfferAsync(Lead, Project, upload.Id, Ct),
                    () => Imports.ImportAsync(Lead, Project, upload.Id, "Some", Base, Ct),
                ]
        )
        {
            var refusal = await Assert.ThrowsAsync<RuleViolationException>(act);
            Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        }

        Assert.Empty(Directory.GetFileSystemEntries(Folder.Temporary));
    }

    [Fact]
    public async Task Offer_NamesTheBase_OrSaysWhichIsMissing()
    {
        var known = await Imports.OfferAsync(Lead, Project, (await UploadAsync("a.zip", _adapter.Zip())).Id, Ct);
        Assert.Equal(("a.zip", Base, Base, null), (known.FileName, known.MadeFor, known.Bases[0].Id, known.Missing));
        var byShape = await Imports.OfferAsync(
            Lead,
            Project,
            (await UploadAsync("b.zip", (_adapter with { BaseName = "/tmp/out" }).Zip())).Id,
            Ct
        );
        Assert.Equal(Base, Assert.Single(byShape.Bases).Id);

        var foreign = await UploadAsync("c.zip", (_adapter with { BaseName = "team/other", Width = 128 }).Zip());
        var offer = await Imports.OfferAsync(Lead, Project, foreign.Id, Ct);
        Assert.Empty(offer.Bases);
        Assert.Contains("“team/other”", offer.Missing, StringComparison.Ordinal);
        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() =>
            Imports.ImportAsync(Lead, Project, foreign.Id, "Foreign", null, Ct)
        );
        Assert.Equal(offer.Missing, refusal.Message);
        await Assert.ThrowsAsync<NotFoundException>(() => Imports.ImportAsync(Lead, Project, foreign.Id, "Foreign", "team-other", Ct));
    }

    [Fact]
    public async Task Import_IsForThoseWhoAddModels_WhereTheyHandInRuns()
    {
        var upload = await UploadAsync("manners.zip", _adapter.Zip());
        var engineer = await Portal.AddUserAsync("engineer");
        var project = await Portal.AddProjectAsync(engineer, (Lead, ProjectRole.Reviewer));
        foreach (
            var act in (Func<Caller, Guid, Task>[])
                [
                    (caller, place) => Imports.OfferAsync(caller, place, upload.Id, Ct),
                    (caller, place) => Imports.ImportAsync(caller, place, upload.Id, "Manners", Base, Ct),
                    (caller, place) => Imports.FetchAsync(caller, place, "team/manners", "manners", null, Ct),
                ]
        )
        {
            await Assert.ThrowsAsync<ForbiddenException>(() => act(engineer, project)); // leads it, and adds no models
            await Assert.ThrowsAsync<ForbiddenException>(() => act(Lead, project)); // adds models, and hands in no runs there
            await Assert.ThrowsAsync<ForbiddenException>(() => act(Reviewer, Project));
            await Assert.ThrowsAsync<NotFoundException>(() => act(Stranger, Project));
        }

        await using var db = Portal.OpenDb();
        Assert.Contains("ManageModels", await db.Audit.Where(e => e.UserId == engineer.UserId).Select(e => e.Subject).ToListAsync(Ct));
        await Portal.LetManageModelsAsync(engineer);
        // An upload of another project is none.
        await Assert.ThrowsAsync<NotFoundException>(() => Imports.ImportAsync(engineer, project, upload.Id, "Manners", Base, Ct));
        await Assert.ThrowsAsync<ForbiddenException>(() => Imports.ListAsync(Annotator, Project, Ct));
    }

    [Fact]
    public async Task AdapterOfTheHub_IsFetchedTriedAndBecomesARun()
    {
        RequireWorker();
        await using var hub = await HubAsync(_adapter);
        await Imports.FetchAsync(Lead, Project, "team/manners", "manners", null, Ct);
        Assert.Null(await EndOfDownloadAsync());
        var (run, check) = Assert.Single(await Imports.ListAsync(Lead, Project, Ct));
        Assert.Equal(("manners", "team/manners on the hub", Base), (run.Name, run.ImportedFrom, run.BaseModel));
        Assert.NotNull(check);
        await using var db = Portal.OpenDb();
        Assert.Equal(
            ["model.download-started", "adapter.imported"],
            await db
                .Audit.Where(e => e.Action.StartsWith("model.download") || e.Action.StartsWith("adapter."))
                .OrderBy(e => e.Id)
                .Select(e => e.Action)
                .ToListAsync(Ct)
        );
    }

    [Fact]
    public async Task AdapterOfTheHub_WhoseBaseIsNotHere_SaysWhichToAdd()
    {
        await using var hub = await HubAsync(_adapter with { BaseName = "team/other", Width = 128 });
        await Imports.FetchAsync(Lead, Project, "team/manners", "manners", null, Ct);
        Assert.Contains("“team/other”", await EndOfDownloadAsync(), StringComparison.Ordinal);
        Assert.Empty(await Imports.ListAsync(Lead, Project, Ct));
        await Assert.ThrowsAsync<RuleViolationException>(() => Imports.FetchAsync(Lead, Project, "../etc", "manners", null, Ct));
        await Assert.ThrowsAsync<NotFoundException>(() => Imports.FetchAsync(Lead, Project, "team/manners", "manners", "no-such", Ct));
    }

    [Fact]
    public async Task Panel_OffersTheForm_OnlyToThoseWhoMay()
    {
        await using var browser = Browser(services =>
            services.AddSingleton(Imports).Configure<WebTrainer.Portal.Hosting.PortalOptions>(o => o.MaxUploadBytes = 1_000_000)
        );
        foreach (var may in (bool[])[true, false])
        {
            var panel = browser.Render<AdapterPanel>(parameters => parameters.Add(p => p.ProjectId, Project).Add(p => p.MayManage, may));
            Assert.Equal(may ? 1 : 0, panel.FindAll("[data-test=bring-adapter]").Count);
        }
    }

    private static void RequireWorker() =>
        Assert.SkipUnless(
            File.Exists(s_worker),
            "The worker is not built: ./test builds it, or dotnet build src/WebTrainer.Worker -c Release."
        );

    private async Task<Guid> ImportAsync()
    {
        RequireWorker();
        var upload = await UploadAsync("manners.zip", _adapter.Zip());
        return await Imports.ImportAsync(Lead, Project, upload.Id, "Manners", null, Ct);
    }

    private async Task<Guid> PublishAsync()
    {
        var imported = await ImportAsync("Rows", Table(40));
        await DataSplits.SplitAsync(Lead, Project, imported.DatasetId, 1, new SplitRecipe(0.1, 0.2, 7, null, false), Ct);
        return (await DataPublishing.PublishAsync(Lead, Project, imported.DatasetId, 2, Ct)).Id;
    }

    /// <returns>Why it broke off; null where it ended well.</returns>
    private async Task<string?> EndOfDownloadAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(s_wait);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await timer.WaitForNextTickAsync(limit.Token))
        {
            var all = await Portal.Get<ModelDownloads>().ListAsync(Lead, Project, limit.Token);
            if (all.Count == 0 || all[0].Problem is not null)
            {
                return all.Count == 0 ? null : all[0].Problem;
            }
        }

        throw new TimeoutException();
    }

    /// <summary>A server that speaks as the hub does and has one adapter, <c>team/manners</c>.</summary>
    private async Task<WebApplication> HubAsync(TinyAdapter adapter)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var hub = builder.Build();
        (string Name, byte[] Content)[] files = [(PeftFiles.Config, adapter.ConfigBytes), (PeftFiles.Weights, adapter.WeightBytes)];
        hub.MapGet("/api/models/team/manners/tree/main", () => Results.Json(files.Select(file => Listed(file.Name, file.Content))));
        foreach (var (name, content) in files)
        {
            hub.MapGet($"/team/manners/resolve/main/{name}", () => Results.Bytes(content));
        }

        await hub.StartAsync(Ct);
        _hub.HuggingFaceAddress = hub.Urls.First();
        return hub;
    }

#pragma warning disable CA5350 // git's own hash, as the hub gives it
    private static object Listed(string path, byte[] content) =>
        new
        {
            type = "file",
            path,
            size = content.Length,
            oid = Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content])),
        };
#pragma warning restore CA5350
}
