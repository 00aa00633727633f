using System.Security.Claims;
using System.Text;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MudBlazor.Services;
using WebTrainer.Data;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Components;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Datasets.Vectors;
using WebTrainer.Portal.Features.Labeling;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Portal.Features.Uploads;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Datasets;

/// <summary>A project with a lead, a reviewer and an annotator, somebody from outside, and the Data step's services.</summary>
public abstract class DatasetsTest : IAsyncLifetime
{
    protected const string TwoLabels =
        "text,label\nMy card is lost,card\nWhere is my card?,card\nSend money abroad,transfer\nA transfer failed,transfer\n";

    protected TestPortal Portal { get; private set; } = null!;
    protected Guid Project { get; private set; }
    protected Caller Lead { get; private set; } = null!;
    protected Caller Reviewer { get; private set; } = null!;
    protected Caller Annotator { get; private set; } = null!;
    protected Caller Stranger { get; private set; } = null!;

    protected UploadService Uploads => Portal.Get<UploadService>();
    protected DatasetImports DataImports => Portal.Get<DatasetImports>();
    protected DatasetCleaning DataCleaning => Portal.Get<DatasetCleaning>();
    protected DatasetSplits DataSplits => Portal.Get<DatasetSplits>();
    protected DatasetPublishing DataPublishing => Portal.Get<DatasetPublishing>();
    protected DatasetRows DataRows => Portal.Get<DatasetRows>();
    protected DatasetSearch DataSearch => Portal.Get<DatasetSearch>();
    protected DatasetProfiles DataProfiles => Portal.Get<DatasetProfiles>();
    protected VersionDrift DataDrift => Portal.Get<VersionDrift>();
    protected DatasetExports DataExports => Portal.Get<DatasetExports>();
    protected DatasetDocuments DataDocuments => Portal.Get<DatasetDocuments>();
    protected SavedItemService DataSaved => Portal.Get<SavedItemService>();
    protected DatasetService Data => Portal.Get<DatasetService>();
    protected DataFolder Folder => Portal.Get<DataFolder>();
    protected static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Portal = await TestPortal.StartAsync(s =>
            AddFeatures(
                s.AddUploads()
                    .AddDatasets()
                    .AddProjects()
                    .AddLabeling()
                    .AddSingleton<IHostApplicationLifetime, NeverStops>()
                    .AddSingleton<IHostEnvironment>(new AtRepository())
                    .Configure<PortalOptions>(o => (o.MaxUploadBytes, o.ModelsFolder) = (500_000_000, "models"))
            )
        );
        Lead = await Portal.AddUserAsync("lead");
        await Portal.LetManageModelsAsync(Lead);
        Reviewer = await Portal.AddUserAsync("reviewer");
        Annotator = await Portal.AddUserAsync("annotator");
        Stranger = await Portal.AddUserAsync("stranger");
        Project = await Portal.AddProjectAsync(Lead, (Reviewer, ProjectRole.Reviewer), (Annotator, ProjectRole.Annotator));
    }

    public async ValueTask DisposeAsync()
    {
        await Portal.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Registers what a test needs beside the Data step.</summary>
    protected virtual void AddFeatures(IServiceCollection services) { }

    protected Task<UploadView> UploadAsync(string name, string text) => UploadAsync(name, Encoding.UTF8.GetBytes(text));

    protected Task<UploadView> UploadAsync(string name, byte[] bytes) =>
        Uploads.ReceiveAsync(Lead, Project, name, bytes.Length, new MemoryStream(bytes), Ct);

    protected async Task<VersionView> ImportAsync(string name, string text) =>
        await DataImports.ImportAsync(Lead, Project, (await UploadAsync(name + ".csv", text)).Id, name, mapping: null, Ct);

    /// <summary>A table of so many rows, each with its own text and one of four labels.</summary>
    protected static string Table(int rows, string words = "Message")
    {
        var text = new StringBuilder("text,label\n");
        for (var i = 0; i < rows; i++)
        {
            text.Append($"{words} number {i},label{i % 4}\n");
        }

        return text.ToString();
    }

    /// <summary>A browser in which the lead is signed in.</summary>
    /// <param name="more">Services that its page wants beside those of the Data step.</param>
    protected BunitContext Browser(Action<IServiceCollection>? more = null)
    {
        var browser = new BunitContext();
        browser.JSInterop.Mode = JSRuntimeMode.Loose;
        browser.Services.AddMudServices();
        browser
            .Services.AddSingleton(Data)
            .AddSingleton(DataImports)
            .AddSingleton(DataCleaning)
            .AddSingleton(DataSplits)
            .AddSingleton(DataPublishing)
            .AddSingleton(DataRows)
            .AddSingleton(DataSearch)
            .AddSingleton(DataProfiles)
            .AddSingleton(DataDrift)
            .AddSingleton(DataExports)
            .AddSingleton(DataDocuments)
            .AddSingleton(DataSaved)
            .AddSingleton(Portal.Get<VersionMaps>())
            .AddSingleton(Uploads)
            .AddSingleton(TimeProvider.System)
            .AddScoped<FormDrafts>();
        more?.Invoke(browser.Services);
        browser
            .AddAuthorization()
            .SetAuthorized(Lead.Name)
            .SetClaims(new Claim(ClaimTypes.NameIdentifier, Lead.UserId), new Claim(Caller.DisplayNameClaim, Lead.Name));
        browser.Render<MudBlazor.MudPopoverProvider>();
        return browser;
    }

    /// <summary>Content as it lies in the repository: its models.</summary>
    private sealed class AtRepository : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Production";
        public string ApplicationName { get; set; } = "WebTrainer";
        public string ContentRootPath { get; set; } = Root();
        public Microsoft.Extensions.FileProviders.IFileProvider ContentRootFileProvider { get; set; } =
            new Microsoft.Extensions.FileProviders.NullFileProvider();

        private static string Root()
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "WebTrainer.sln")))
                {
                    return folder.FullName;
                }
            }

            throw new InvalidOperationException("The tests run outside the repository.");
        }
    }
}
