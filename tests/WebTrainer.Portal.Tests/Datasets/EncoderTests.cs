using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bunit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Jobs;
using WebTrainer.Models;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Datasets.Operations;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol;
using WebTrainer.Tests.Shared;

namespace WebTrainer.Portal.Tests.Datasets;

/// <summary>A BERT of random weights is added as an archive, and rows are cleaned by it, through the real worker.</summary>
public sealed class EncoderTests : DatasetsTest
{
    private const string Model = "tiny-bert";
    private const string Rows = """
        text,label
        Where is my card?,card
        Send money abroad today,transfer
        where is MY card!,card
        The weather in Lisbon in June,other
        WHERE IS MY CARD,card
        send Money abroad - today,transfer
        Close the old account,account

        """;

    private static readonly string s_worker = Path.Combine(
        AppContext.BaseDirectory.Replace(
            Path.Combine("tests", "WebTrainer.Portal.Tests"),
            Path.Combine("src", "WebTrainer.Worker"),
            StringComparison.Ordinal
        ),
        "WebTrainer.Worker.dll"
    );

    private static readonly CleanRecipe s_recipe = new() { Steps = [new SemanticDuplicatesStep { Model = Model, Threshold = 0.8 }] };

    private ModelLibrary Library => Portal.Get<ModelLibrary>();

    protected override void AddFeatures(IServiceCollection services) =>
        services
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .Configure<JobsOptions>(o => o.WorkerPath = File.Exists(s_worker) ? s_worker : typeof(EncoderTests).Assembly.Location)
            .AddRuns()
            .AddModels();

    [Fact]
    public async Task Archive_OfAnEncoder_IsTriedAndOfferedToCleaningAndRuns()
    {
        await AddModelAsync();
        var model = (await Library.ListAsync(Reviewer, Project, Ct)).Single(m => m.Id == Model);
        Assert.True(model.IsEncoder);
        Assert.InRange(model.Check!.Likeness!.Value, -1, 1);
        Assert.True(File.Exists(Path.Combine(model.Path, SentenceFiles.Pooling)));
        Assert.Equal([new InstalledEncoder(Model, 32, ComparesSentences: false)], await DataProfiles.EncodersAsync(Reviewer, Project, Ct));
        Assert.DoesNotContain(Portal.Get<ModelCatalog>().Decoders(), m => m.Id == Model); // it answers nothing untuned
        Assert.Contains(Portal.Get<ModelCatalog>().Tunable(), m => m.Id == Model);
    }

    [Fact]
    public async Task Archive_OfAnEncoderThatCannotBe_IsRefusedWithItsReason_AndLeavesNothing()
    {
        var refusal = await Assert.ThrowsAsync<JobFailedException>(() => AddModelAsync("""{"pooling_mode_max_tokens": true}"""));
        Assert.Contains("max_tokens", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(await DataProfiles.EncodersAsync(Lead, Project, Ct));
        Assert.Empty(Directory.GetFileSystemEntries(Folder.Temporary));
    }

    [Fact]
    public async Task Clean_ByAnEncoder_FindsWhatWasPlanted_AndReplays()
    {
        await AddModelAsync();
        var imported = await ImportAsync("Rows", Rows);
        var preview = await DataCleaning.PreviewCleaningAsync(Lead, Project, imported.DatasetId, 1, s_recipe, Ct);
        Assert.Equal((7, 3), (preview.RowsLookedAt, preview.SetAside));

        var clean = await DataCleaning.CleanAsync(Lead, Project, imported.DatasetId, 1, s_recipe, Ct);
        var staying = (await DataRows.RowsAsync(Lead, Project, clean.DatasetId, 2, new RowQuery(), Ct)).Rows.Select(r => r.Prompt);
        Assert.Equal(["Where is my card?", "Send money abroad today", "The weather in Lisbon in June", "Close the old account"], staying);
        var aside = await DataCleaning.SetAsideAsync(Lead, Project, clean.DatasetId, 2, null, null, 0, 10, Ct);
        Assert.Equal(
            [
                ("where is MY card!", "Where is my card?"),
                ("WHERE IS MY CARD", "Where is my card?"),
                ("send Money abroad - today", "Send money abroad today"),
            ],
            aside.Rows.Select(r => (r.Row.Prompt, r.Twin!.Prompt))
        );

        // The recipe goes out as a file and comes back.
        var recipe = CleanRecipe.Parse((await DataCleaning.RecipeAsync(Lead, Project, clean.DatasetId, 2, Ct)).ToYaml());
        var again = await DataCleaning.CleanAsync(Lead, Project, imported.DatasetId, 1, recipe, Ct);
        Assert.Equal(clean.Sha256, again.Sha256);
        Assert.Empty(Directory.GetFileSystemEntries(Folder.Temporary));
    }

    [Fact]
    public async Task Clean_ThatThePortalsEndCutOff_IsDoneAfterItsStart()
    {
        await AddModelAsync();
        var imported = await ImportAsync("Rows", Rows);
        await using (var db = Portal.OpenDb())
        {
            var request = JsonSerializer.Serialize(
                new { Version = new VersionKey(imported.DatasetId, 1), Recipe = s_recipe },
                ProtocolJson.Line
            );
            var job = new DataJob(
                Project,
                DataJobKind.Clean,
                imported.Id,
                "Clean Rows version 1",
                request,
                Lead.UserId,
                Lead.Name,
                Portal.Clock.GetUtcNow()
            );
            job.Begin();
            db.DataJobs.Add(job);
            await db.SaveChangesAsync(Ct);
        }

        await Portal.Get<DatasetOperations>().ResumeAsync(Ct);
        var operation = (await Data.OperationsAsync(Lead, Project, Ct)).Single(o => o.Job.Kind == DataJobKind.Clean);
        Assert.Equal(new VersionKey(imported.DatasetId, 2), await operation.Completion.WaitAsync(Ct));
        Assert.Equal(4, (await Data.GetVersionAsync(Lead, Project, imported.DatasetId, 2, Ct)).Rows);
    }

    [Fact]
    public async Task Clean_ByAnEncoderThatIsNotHere_IsRefusedWithThoseThatAre()
    {
        var imported = await ImportAsync("Rows", Rows);
        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() =>
            DataCleaning.StartCleanAsync(Lead, Project, imported.DatasetId, 1, s_recipe, Ct)
        );
        Assert.Contains($"no encoder '{Model}'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("It has none", refusal.Message, StringComparison.Ordinal);

        // Put into the folder by hand, which needs no worker.
        new TinyBert().Write(Path.Combine(Folder.Models, "other-bert"));
        refusal = await Assert.ThrowsAsync<RuleViolationException>(() =>
            DataCleaning.PreviewCleaningAsync(Lead, Project, imported.DatasetId, 1, s_recipe, Ct)
        );
        Assert.Contains("Choose one that it has: other-bert", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ModelsPage_SaysWhatAnEncoderIsFor()
    {
        await AddModelAsync();
        await using var browser = Browser(s =>
            s.AddSingleton(Library).AddSingleton(Portal.Get<ModelDownloads>()).AddSingleton(Portal.Get<IOptions<Hosting.PortalOptions>>())
        );
        var page = browser.Render<Features.Models.ModelsPage>(p => p.Add(m => m.ProjectId, Project));
        var panel = page.WaitForElement($"section[aria-label={Model}]", TimeSpan.FromSeconds(30));
        Assert.Contains("Same in other words", panel.QuerySelector("[data-test=model-purpose]")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("Loads and compares", panel.QuerySelector("[data-test=model-check]")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Archive_WithKeysThatAreNotUnderstood_IsTakenWhereSomebodyConfirmsThem_AndThatIsWrittenDown()
    {
        var refusal = await Assert.ThrowsAsync<JobFailedException>(() => AddModelAsync(note: "some_note"));
        Assert.Equal(["some_note"], ConfirmedKeys.FindIn(refusal.Message));
        await Assert.ThrowsAsync<JobFailedException>(() => AddModelAsync(note: "some_note", confirmed: ["another"]));
        await AddModelAsync(note: "some_note", confirmed: ["some_note"]);
        var model = (await Library.ListAsync(Reviewer, Project, Ct)).Single(m => m.Id == Model);
        Assert.Equal(["some_note"], ConfirmedKeys.Read(model.Path));
        await using var db = await Portal.Get<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);
        var entry = await db.Audit.SingleAsync(entry => entry.Action == "model.added", Ct);
        Assert.Contains("some_note", entry.After, StringComparison.Ordinal);
    }

    private async Task AddModelAsync(
        string pooling = """{"pooling_mode_mean_tokens": true}""",
        string? note = null,
        IReadOnlyList<string>? confirmed = null
    )
    {
        Assert.SkipUnless(
            File.Exists(s_worker),
            "The worker is not built: ./test builds it, or dotnet build src/WebTrainer.Worker -c Release."
        );
        var folder = Directory.CreateTempSubdirectory("tiny-bert-").FullName;
        try
        {
            var model = new TinyBert
            {
                Words =
                [
                    "where",
                    "is",
                    "my",
                    "card",
                    "send",
                    "money",
                    "abroad",
                    "today",
                    "the",
                    "weather",
                    "in",
                    "lisbon",
                    "june",
                    "close",
                    "old",
                    "account",
                ],
            }.Write(Path.Combine(folder, "model"));
            Directory.CreateDirectory(Path.Combine(model, SentenceFiles.PoolingFolder));
            await File.WriteAllTextAsync(Path.Combine(model, SentenceFiles.Pooling), pooling, Ct);
            if (note is not null)
            {
                var config = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(model, "config.json"), Ct))!;
                config[note] = "x";
                await File.WriteAllTextAsync(Path.Combine(model, "config.json"), config.ToJsonString(), Ct);
            }

            await File.WriteAllTextAsync(Path.Combine(model, SentenceFiles.Settings), """{"max_seq_length": 32}""", Ct);
            var archive = Path.Combine(folder, "model.zip");
            await ZipFile.CreateFromDirectoryAsync(model, archive, Ct);
            var upload = await UploadAsync("model.zip", await File.ReadAllBytesAsync(archive, Ct));
            await Library.InstallAsync(Lead, Project, upload.Id, Model, Ct, confirmed);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
