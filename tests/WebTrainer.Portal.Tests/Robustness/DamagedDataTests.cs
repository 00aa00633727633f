using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Evaluations;
using WebTrainer.Domain.Judging;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Domain.Searches;
using WebTrainer.Models;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Sources;
using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Portal.Features.Judging;
using WebTrainer.Portal.Features.Labeling;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Features.Searches;
using WebTrainer.Portal.Tests.Shared;
using WebTrainer.Protocol;
using WebTrainer.Search;

namespace WebTrainer.Portal.Tests.Robustness;

/// <summary>
/// A portal starts on a data folder in which something is damaged, serves everybody, and says what is wrong where it is shown.
/// </summary>
public sealed class DamagedDataTests : IClassFixture<FilledFolder>, IDisposable
{
    private const string Damaged = "{\"cut off in mid-wri";
    private readonly string _folder;
    private readonly Guid _project;
    private readonly Caller _lead;

    /// <param name="filled">Copied for each test, since each damages something else of it.</param>
    public DamagedDataTests(FilledFolder filled)
    {
        _folder = filled.Copy();
        (_project, _lead) = (filled.Project, filled.Lead);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task NothingIsDamaged_NothingIsSaid()
    {
        await using var portal = new WebPortal(_folder);
        await AssertServesAsync(portal);
        // the folder of models is the repository's own, and empty here
        foreach (var kind in s_problems.Keys.Where(kind => kind != "models"))
        {
            Assert.Null(await s_problems[kind](portal, _lead, _project));
        }
    }

    [Theory]
    [InlineData("sources", "UPDATE DataSources SET Schedule = '0 0 0 30 2 ?'", "still to come")]
    [InlineData("sources", "UPDATE DataSources SET Schedule = '0 0 0 1 1 ? 2019'", "still to come")]
    [InlineData("sources", "UPDATE DataSources SET Schedule = 'each night'", "cron expression")]
    [InlineData("sources", "UPDATE DataSources SET Settings = $damaged", "can't be read")]
    [InlineData("sources", "UPDATE DataSources SET Mapping = $damaged", "can't be read")]
    [InlineData("runs", "UPDATE Runs SET Spec = $damaged", "not those that were submitted")]
    [InlineData("searches", "UPDATE Searches SET Spec = $damaged", "not those that were submitted")]
    [InlineData("evaluations", "UPDATE Evaluations SET Report = $damaged", "can't be read")]
    [InlineData("judges", "UPDATE JudgeWorks SET Request = $damaged", "can't be read")]
    [InlineData("judges", "UPDATE JudgeWorks SET Settings = $damaged, State = 'Open'", "went wrong")]
    [InlineData("labels", "UPDATE LabelTasks SET Questions = $damaged", "can't be read")]
    [InlineData("labels", "UPDATE LabelTasks SET Rules = $damaged", "can't be read")]
    [InlineData("functions", "UPDATE WeakLabelings SET Functions = $damaged", "can't be read")]
    [InlineData("functions", "UPDATE WeakLabelings SET Balance = $damaged", "can't be read")]
    [InlineData("jobs", "UPDATE Jobs SET State = 'Running', Slot = NULL WHERE Kind = 'train'", "worker")]
    [InlineData("jobs", "UPDATE Jobs SET State = 'Queued' WHERE Kind = 'train'", "can't be read")]
    public async Task OneThingIsDamaged_ThePortalStarts_AndSaysSoThere(string kind, string damage, string said)
    {
        await using (var db = OpenFile())
        {
            await db.Database.ExecuteSqlRawAsync(damage, [new Microsoft.Data.Sqlite.SqliteParameter("$damaged", Damaged)], Ct);
        }

        await using var portal = new WebPortal(_folder);
        await AssertServesAsync(portal);
        for (
            var problem = (string?)null;
            problem is null || !problem.Contains(said, StringComparison.Ordinal);
            problem = await s_problems[kind](portal, _lead, _project)
        )
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), Ct); // what a background service finds out, it says in a moment
        }

        foreach (var other in s_problems.Keys.Where(other => other != kind && other != "models"))
        {
            await s_problems[other](portal, _lead, _project);
        }
    }

    [Fact]
    public async Task AModelsFolderIsDamaged_ThePortalStarts_AndSaysSoThere()
    {
        var model = Directory.CreateDirectory(Path.Combine(_folder, "models", "broken")).FullName;
        await File.WriteAllTextAsync(Path.Combine(model, "config.json"), Damaged, Ct);
        await using var portal = new WebPortal(_folder);
        await AssertServesAsync(portal);
        Assert.Contains("can't be read", await s_problems["models"](portal, _lead, _project), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASearchIsDamaged_TheOthersGoOn()
    {
        await using (var db = OpenFile())
        {
            await db.Database.ExecuteSqlRawAsync(
                "UPDATE Searches SET Spec = $damaged, State = 'Running', DecidedAt = 1",
                [new Microsoft.Data.Sqlite.SqliteParameter("$damaged", Damaged)],
                Ct
            );
        }

        await using var portal = new WebPortal(_folder);
        await AssertServesAsync(portal);
        SettingSearch search;
        do
        {
            await using var db = await OpenAsync(portal);
            search = await db.Searches.AsNoTracking().SingleAsync(Ct);
            await Task.Delay(TimeSpan.FromMilliseconds(100), Ct);
        } while (search.State == SearchState.Running);
        Assert.Equal(SearchState.Paused, search.State);
        Assert.Contains("not those that were submitted", search.Note, StringComparison.Ordinal);
    }

    private static readonly Dictionary<string, Func<WebPortal, Caller, Guid, Task<string?>>> s_problems = new()
    {
        ["sources"] = async (portal, lead, project) => (await Of<SourceService>(portal).ListAsync(lead, project, Ct)).Single().Problem,
        ["runs"] = async (portal, lead, project) => (await Of<RunService>(portal).ListAsync(lead, project, Ct)).Single().Problem,
        ["searches"] = async (portal, lead, project) => (await Of<SearchService>(portal).ListAsync(lead, project, Ct)).Single().Problem,
        ["evaluations"] = async (portal, lead, project) =>
            (await Of<EvaluationService>(portal).ListAsync(lead, project, Ct)).Single().Problem,
        ["judges"] = async (portal, lead, project) =>
            (
                await Of<JudgeWorkService>(portal)
                    .OfJudgeAsync(lead, project, (await Of<JudgeService>(portal).ListAsync(lead, project, Ct)).Single().Id, Ct)
            )
                .Single()
                .Error,
        ["labels"] = async (portal, lead, project) =>
            (await Of<LabelingService>(portal).ListAsync(lead, project, Ct)).Tasks.Single().Problem,
        ["functions"] = async (portal, lead, project) => (await Of<WeakService>(portal).ListAsync(lead, project, Ct)).Single().Problem,
        ["models"] = async (portal, lead, project) =>
            (await Of<ModelLibrary>(portal).ListAsync(lead, project, Ct)).Single(m => m.Id == "broken").Problem,
        ["jobs"] = async (portal, lead, project) =>
            (await Of<RunService>(portal).ListAsync(lead, project, Ct)).Single().Run.Job!.FailureCause,
    };

    private static T Of<T>(WebPortal portal)
        where T : notnull => portal.Services.GetRequiredService<T>();

    private static Task<AppDb> OpenAsync(WebPortal portal) => Of<IDbContextFactory<AppDb>>(portal).CreateDbContextAsync(Ct);

    /// <summary>The database of a portal that is not up.</summary>
    private AppDb OpenFile() =>
        new(new DbContextOptionsBuilder<AppDb>().UseSqlite($"Data Source={new DataFolder(_folder).Database};Pooling=False").Options);

    private async Task AssertServesAsync(WebPortal portal)
    {
        using var anyone = portal.CreateClient();
        Assert.Equal(HttpStatusCode.OK, (await anyone.GetAsync("/health", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await anyone.GetAsync("/account/sign-in", Ct)).StatusCode);
        var (client, other) = await portal.PersonAsync("somebody" + Guid.NewGuid().ToString("N"));
        using var theirs = client;
        Assert.Equal(
            HttpStatusCode.OK,
            (await theirs.GetAsync($"/api/v1/projects/{await portal.ProjectAsync(other)}/runs", Ct)).StatusCode
        );
    }
}
