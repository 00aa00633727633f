using System.Security.Claims;
using System.Text.Json;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MudBlazor;
using MudBlazor.Services;
using WebTrainer.Data.Files;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Evaluations;
using WebTrainer.Domain.Projects;
using WebTrainer.Jobs;
using WebTrainer.Jobs.Queue;
using WebTrainer.Models;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Comparing;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Portal.Features.Labeling;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Features.Searches;
using WebTrainer.Portal.Features.Uploads;
using WebTrainer.Portal.Hosting;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Shared;

/// <summary>A project with published rows, a run, and what pages of results need; what workers would write is written by hand.</summary>
public abstract class ResultsTest : IAsyncLifetime
{
    /// <summary>Rows of the version: <c>row000</c> asks "Question 0".</summary>
    protected const int Rows = 8;
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _models = Directory.CreateTempSubdirectory("webtrainer-models-").FullName;

    protected TestPortal Portal { get; private set; } = null!;
    protected Caller Lead { get; private set; } = null!;
    protected Caller Engineer { get; private set; } = null!;
    protected Guid Project { get; private set; }
    protected Guid Version { get; private set; }
    protected Guid Run { get; private set; }

    /// <summary>How reports call the run's model.</summary>
    protected string Tuned { get; private set; } = "";
    protected static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var model = Directory.CreateDirectory(Path.Combine(_models, "tiny")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(model, "config.json"),
            """{"architectures":["LlamaForCausalLM"],"model_type":"llama","max_position_embeddings":512}"""
        );
        Portal = await TestPortal.StartAsync(services =>
            AddMore(services)
                .AddSingleton<IHostEnvironment>(new FakeHost(_models))
                .AddSingleton<IHostApplicationLifetime, NeverStops>()
                .Configure<PortalOptions>(o => o.ModelsFolder = _models)
                .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
                .AddUploads()
                .AddDatasets()
                .AddLabeling()
                .AddRuns()
                .AddSearches()
                .AddEvaluations()
                .AddComparing()
                .Configure<JobsOptions>(o => o.WorkerPath = typeof(ResultsTest).Assembly.Location)
        ); // no worker is started here
        (Lead, Engineer) = (await Portal.AddUserAsync("lead"), await Portal.AddUserAsync("engineer"));
        Project = await Portal.AddProjectAsync(Lead, (Engineer, ProjectRole.Engineer));
        Version = await AddPublishedVersionAsync();
        Run = await Portal
            .Get<RunService>()
            .SubmitAsync(
                Engineer,
                Project,
                new RunRequest
                {
                    DatasetVersionId = Version,
                    BaseModel = "tiny",
                    Training = new TrainingSettings { MicroBatch = 2 },
                },
                Ct
            );
        await using var db = Portal.OpenDb();
        Tuned = AdapterNames.Of(await db.Runs.SingleAsync(r => r.Id == Run, Ct));
    }

    /// <summary>What a test needs beside it.</summary>
    protected virtual IServiceCollection AddMore(IServiceCollection services) => services;

    /// <summary>Ends what a test has beside it.</summary>
    protected virtual ValueTask EndAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        await Portal.DisposeAsync();
        Directory.Delete(_models, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>An evaluation that is done, of the base and the run.</summary>
    /// <param name="answers">Of each row, what the base and the run answered.</param>
    protected async Task<Evaluation> AddEvaluationAsync(
        EvaluationReport report,
        Func<int, (ExampleAnswer Base, ExampleAnswer Tuned)> answers,
        params QuestionResult[] questions
    )
    {
        await using var db = Portal.OpenDb();
        var project = await db.Projects.SingleAsync(p => p.Id == Project, Ct);
        var id = Guid.CreateVersion7();
        var spec = new EvaluateSpec { BaseModel = "tiny" }.ToText();
        var evaluation = new Evaluation(Project, project.TakeNumber(), Version, [Run], spec, Lead.UserId, Portal.Clock.GetUtcNow(), id);
        evaluation.Finish(JsonSerializer.Serialize(report, ProtocolJson.Document));
        db.Evaluations.Add(evaluation);
        await db.SaveChangesAsync(Ct);
        var folder = Portal.Get<RunFolders>().Of(evaluation.JobId);
        Directory.CreateDirectory(folder.Output);
        await File.WriteAllTextAsync(
            folder.Examples,
            Lines(
                Enumerable
                    .Range(0, Rows)
                    .Select(i => new ExampleResult(
                        $"row{i:000}",
                        $"Question {i}",
                        i % 2 == 0 ? "even" : "odd",
                        [answers(i).Base, answers(i).Tuned]
                    ))
            ),
            Ct
        );
        await File.WriteAllTextAsync(folder.Questions(0), Lines(questions), Ct);
        return evaluation;
    }

    /// <summary>A browser in which somebody is signed in.</summary>
    protected BunitContext BrowserOf(Caller person)
    {
        var browser = new BunitContext();
        browser.JSInterop.Mode = JSRuntimeMode.Loose;
        browser.Services.AddMudServices();
        browser
            .Services.AddSingleton(Portal.Get<ComparisonService>())
            .AddSingleton(Portal.Get<EvaluationService>())
            .AddSingleton(Portal.Get<SearchService>())
            .AddSingleton(Portal.Get<RunService>())
            .AddSingleton(Portal.Get<DatasetService>())
            .AddSingleton(Portal.Get<DatasetDocuments>())
            .AddSingleton(Portal.Get<ModelCatalog>())
            .AddSingleton(Portal.Get<RunFeed>())
            .AddSingleton(Portal.Get<Devices>())
            .AddSingleton<TimeProvider>(Portal.Clock);
        browser
            .AddAuthorization()
            .SetAuthorized(person.Name)
            .SetClaims(new Claim(ClaimTypes.NameIdentifier, person.UserId), new Claim(Caller.DisplayNameClaim, person.Name));
        browser.Render<MudPopoverProvider>();
        return browser;
    }

    protected static string AddressOf(BunitContext browser) => browser.Services.GetRequiredService<NavigationManager>().Uri;

    /// <summary>What the portal told in passing.</summary>
    protected static IEnumerable<string> SaidIn(BunitContext browser) =>
        browser.Services.GetRequiredService<ISnackbar>().ShownSnackbars.Select(s => s.Message ?? "");

    private static string Lines<T>(IEnumerable<T> records) =>
        string.Concat(records.Select(r => JsonSerializer.Serialize(r, ProtocolJson.Line) + "\n"));

    private async Task<Guid> AddPublishedVersionAsync()
    {
        var made = await Portal.AddVersionAsync(
            Project,
            Enumerable
                .Range(0, Rows)
                .Select(i =>
                    CanonicalRow.Create(
                        $"row{i:000}",
                        i + 1,
                        null,
                        $"Question {i}",
                        i % 2 == 0 ? "even" : "odd",
                        i % 2 == 0 ? "even" : "odd"
                    )
                ),
            kind: VersionKind.Split
        );
        await using var db = Portal.OpenDb();
        var version = await db.DatasetVersions.SingleAsync(v => v.Id == made.Id, Ct);
        var files = new DatasetFiles
        {
            Train = await FileAsync(40),
            Validation = await FileAsync(5),
            Test = await FileAsync(Rows),
        };
        version.Publish(JsonSerializer.Serialize(files, ProtocolJson.Line), Lead.UserId, Portal.Clock.GetUtcNow());
        await db.SaveChangesAsync(Ct);
        return version.Id;
    }

    private async Task<DatasetFile> FileAsync(int rows)
    {
        var store = Portal.Get<FileStore>();
        var path = store.NewTemporaryPath();
        await File.WriteAllTextAsync(path, Lines(Enumerable.Range(0, rows).Select(i => new { id = $"{i}" })), Ct);
        var sha256 = await store.AddAsync(path, Ct);
        return new DatasetFile(store.PathOf(sha256), sha256, rows);
    }
}
