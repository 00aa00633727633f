using Bunit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NuGet.Configuration;
using WebTrainer.Domain;
using WebTrainer.Jobs;
using WebTrainer.Models;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Tests.Datasets;

/// <summary>The encoder that a package carries: fetched at start or by a button, and only there when it works.</summary>
public sealed class PublishedEncoderTests : DatasetsTest
{
    private static readonly string s_worker = Path.Combine(
        AppContext.BaseDirectory.Replace(
            Path.Combine("tests", "WebTrainer.Portal.Tests"),
            Path.Combine("src", "WebTrainer.Worker"),
            StringComparison.Ordinal
        ),
        "WebTrainer.Worker.dll"
    );

    private static string Name => PublishedEncoder.MiniLM.Name;

    private ModelDownloads Downloads => Portal.Get<ModelDownloads>();

    protected override void AddFeatures(IServiceCollection services) =>
        services
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .Configure<JobsOptions>(o => o.WorkerPath = File.Exists(s_worker) ? s_worker : typeof(PublishedEncoderTests).Assembly.Location)
            .AddRuns()
            .AddModels()
            .AddSingleton(new EncoderPackage(Configuration)); // the last one is taken

    [Fact]
    public async Task Start_WithoutARegistry_SaysWhatIsMissingAndTheRestGoesOn()
    {
        await StartAsync();
        var download = Assert.Single(await Downloads.ListAsync(Reviewer, Project, Ct));
        Assert.Equal(Name, download.Name);
        Assert.Contains("no source", download.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain(Portal.Get<ModelCatalog>().List(), model => model.Id == Name);
        Assert.Empty(Directory.GetFileSystemEntries(Folder.Temporary));
        Assert.Contains(await Downloads.ListPublishedAsync(Reviewer, Project, Ct), encoder => encoder.Name == Name);
    }

    [Fact]
    public async Task Start_WithTheSettingOff_FetchesNothing()
    {
        Portal.Get<IOptions<PortalOptions>>().Value.FetchEncoder = false;
        await StartAsync();
        Assert.Empty(await Downloads.ListAsync(Lead, Project, Ct));
    }

    [Fact]
    public async Task Fetch_ByOneWhoMayNotAddModels_IsRefused()
    {
        await Assert.ThrowsAsync<ForbiddenException>(() => Downloads.BeginPublishedAsync(Reviewer, Project, Name, Ct));
        await Assert.ThrowsAsync<NotFoundException>(() => Downloads.BeginPublishedAsync(Lead, Project, "some-other-encoder", Ct));
        Assert.Empty(await Downloads.ListAsync(Lead, Project, Ct));
    }

    [Fact]
    public async Task ModelsPage_OffersTheEncoder_AndShowsWhyAFetchFailed()
    {
        await using var browser = Browser(s =>
            s.AddSingleton(Portal.Get<ModelLibrary>()).AddSingleton(Downloads).AddSingleton(Portal.Get<IOptions<PortalOptions>>())
        );
        var page = browser.Render<Features.Models.ModelsPage>(p => p.Add(m => m.ProjectId, Project));
        page.WaitForElement("[data-test=fetch-published]", TimeSpan.FromSeconds(30)).Click();
        page.WaitForAssertion(
            () => Assert.Contains("no source", page.Find("[data-test=model-download]").TextContent, StringComparison.Ordinal),
            TimeSpan.FromSeconds(30)
        );
    }

    [Fact]
    public async Task Start_WithThePackageAtHand_TheEncoderIsTriedRecordedAndUsual_UntilSomebodyTakesItAway()
    {
        Assert.SkipUnless(
            File.Exists(s_worker),
            "The worker is not built: ./test builds it, or dotnet build src/WebTrainer.Worker -c Release."
        );
        Assert.SkipUnless(
            File.Exists(Kept()),
            $"The package {PublishedEncoder.MiniLM.PackageId} is not among the packages that NuGet keeps on this machine."
        );
        _packages = SettingsUtility.GetGlobalPackagesFolder(Settings.LoadDefaultSettings(root: null));
        await StartAsync();
        Assert.Empty(await Downloads.ListAsync(Lead, Project, Ct));
        var model = Portal.Get<ModelCatalog>().Get(Name);
        Assert.Equal((true, "apache-2.0", false), (model.IsEncoder, model.License, model.Shipped));
        Assert.NotNull(model.Check!.Likeness);
        Assert.DoesNotContain(await Downloads.ListPublishedAsync(Lead, Project, Ct), encoder => encoder.Name == Name);
        Assert.Equal(Name, InstalledEncoder.Usual(await DataProfiles.EncodersAsync(Lead, Project, Ct))!.Name);
        await using (var db = Portal.OpenDb())
        {
            Assert.Contains(db.Audit, entry => entry.Action == "model.added" && entry.Subject == Name && entry.UserName == "This server");
        }

        await Portal.Get<ModelLibrary>().RemoveAsync(Lead, Project, Name, Ct);
        await StartAsync();
        Assert.DoesNotContain(Portal.Get<ModelCatalog>().List(), m => m.Id == Name);
    }

    [Fact]
    public void UsualEncoder_OnlyOneThatWasTrainedToCompare_IsTaken()
    {
        Assert.Null(InstalledEncoder.Usual([]));
        Assert.Null(InstalledEncoder.Usual([new("bert-base", 512)]));
        Assert.Equal("e5", InstalledEncoder.Usual([new("bert-base", 512), new("e5", 512, ComparesSentences: true)])!.Name);
        Assert.Equal(
            Name,
            InstalledEncoder.Usual([new("e5", 512, ComparesSentences: true), new(Name, 256, ComparesSentences: true)])!.Name
        );
    }

    private string? _packages;

    /// <summary>No sources, and the packages of this machine only where a test says so.</summary>
    private ISettings Configuration()
    {
        File.WriteAllText(
            Path.Combine(Folder.Root, "nuget.config"),
            $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{_packages ?? Path.Combine(Folder.Root, "no-packages")}" /></config>
              <packageSources><clear /></packageSources>
            </configuration>
            """
        );
        return Settings.LoadSpecificSettings(Folder.Root, "nuget.config");
    }

    private static string Kept()
    {
        var (id, version) = (PublishedEncoder.MiniLM.PackageId.ToLowerInvariant(), PublishedEncoder.MiniLM.PackageVersion);
        return Path.Combine(
            SettingsUtility.GetGlobalPackagesFolder(Settings.LoadDefaultSettings(root: null)),
            id,
            version,
            $"{id}.{version}.nupkg"
        );
    }

    private async Task StartAsync()
    {
        var service = ActivatorUtilities.CreateInstance<FirstEncoder>(Portal.Services);
        await service.StartAsync(Ct);
        await service.ExecuteTask!.WaitAsync(Ct);
    }
}
