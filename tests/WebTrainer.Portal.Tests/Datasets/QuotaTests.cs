using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Datasets;

/// <summary>One person or project can't fill the disk or the queue for the others.</summary>
public sealed class QuotaTests : DatasetsTest
{
    private QuotaOptions Limits => Portal.Get<IOptions<QuotaOptions>>().Value;

    [Fact]
    public async Task Upload_BeyondTheProjectsRoom_IsRefused_AndDiscardingMakesRoom()
    {
        Limits.ProjectBytes = 1_000;
        var first = await UploadAsync("first.csv", new string('x', 800));
        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() => UploadAsync("second.csv", new string('x', 300)));
        Assert.Contains("This project has", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RuleViolationException>(() => Uploads.StartAsync(Lead, Project, "third.csv", 300, Ct));
        await Uploads.DiscardAsync(Lead, Project, first.Id, Ct);
        await UploadAsync("second.csv", new string('x', 300));
    }

    [Fact]
    public async Task Upload_OfUnknownLength_IsCountedWhenItIsHere()
    {
        Limits.ProjectBytes = 1_000;
        await Assert.ThrowsAsync<RuleViolationException>(() =>
            Uploads.ReceiveAsync(Lead, Project, "a.csv", announced: null, new MemoryStream(new byte[1_200]), Ct)
        );
        Assert.Empty(await Uploads.WaitingAsync(Lead, Project, Ct));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Uploads_ManyAtOnce_TakeNoMoreThanThereIs(bool announced)
    {
        Limits.ProjectBytes = 3_000;
        var tries = await Task.WhenAll(
            Enumerable
                .Range(0, 12)
                .Select(i =>
                    Task.Run(
                        async () =>
                        {
                            try
                            {
                                await Uploads.ReceiveAsync(
                                    Lead,
                                    Project,
                                    $"{i}.csv",
                                    announced ? 600 : null,
                                    new MemoryStream(Enumerable.Repeat((byte)('a' + i), 600).ToArray()),
                                    Ct
                                );
                                return true;
                            }
                            catch (RuleViolationException)
                            {
                                return false;
                            }
                        },
                        Ct
                    )
                )
        );
        await using var db = await Portal.Get<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);
        Assert.InRange(await db.Uploads.SumAsync(u => u.Length, Ct), 600, 3_000);
        Assert.Equal(tries.Count(taken => taken), await db.Uploads.CountAsync(Ct));
        Limits.ProjectBytes = 100_000;
        await UploadAsync("later.csv", new string('x', 20_000)); // no room is kept for those that were refused
    }

    [Fact]
    public async Task Uploads_BegunManyAtOnce_TakeNoMoreThanThereIs()
    {
        Limits.ProjectBytes = 3_000;
        await Task.WhenAll(
            Enumerable
                .Range(0, 9)
                .Select(i =>
                    Task.Run(
                        async () =>
                        {
                            try
                            {
                                await Uploads.StartAsync(Lead, Project, $"{i}.csv", 900, Ct);
                            }
                            catch (RuleViolationException)
                            {
                                // as it should be for most
                            }
                        },
                        Ct
                    )
                )
        );
        await using var db = await Portal.Get<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);
        Assert.InRange(await db.Uploads.SumAsync(u => u.Length, Ct), 900, 2_700);
    }

    [Fact]
    public async Task AddedModels_CountAgainstTheProjectAndThePerson()
    {
        Limits.ProjectBytes = 1_000;
        var added = Portal.Get<AddedModels>();
        added.Note("big", new(Project, Lead.UserId, 900));
        await Assert.ThrowsAsync<RuleViolationException>(() => UploadAsync("more.csv", new string('x', 300)));
        added.Forget("big");
        await UploadAsync("more.csv", new string('x', 300));
    }

    [Fact]
    public async Task Upload_BeyondThePersonsRoom_IsRefusedInEveryProject_AndOthersGoOn()
    {
        Limits.PersonBytes = 1_000;
        var other = await Portal.AddProjectAsync(Stranger, (Lead, ProjectRole.Lead));
        await UploadAsync("first.csv", new string('x', 800));
        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() => Uploads.StartAsync(Lead, other, "more.csv", 300, Ct));
        Assert.Contains("You have uploaded", refusal.Message, StringComparison.Ordinal);
        await Uploads.StartAsync(Stranger, other, "theirs.csv", 900, Ct);
    }

    [Fact]
    public async Task Version_OfAProjectThatIsFull_IsNotBegun()
    {
        var version = await ImportAsync("rows", TwoLabels);
        Limits.ProjectBytes = 10;
        await Assert.ThrowsAsync<RuleViolationException>(() =>
            DataSplits.SplitAsync(Lead, Project, version.DatasetId, version.Number, new(0.1, 0.2, 1, null, DropLeaks: false), Ct)
        );
    }

    [Fact]
    public async Task Index_OfAVersionsWords_CountsAmongTheProjectsFiles()
    {
        var version = await ImportAsync("rows", TwoLabels);
        await DataSearch.SearchAsync(Lead, Project, version.DatasetId, version.Number, WordQuery.Parse("a")!, new RowQuery(), Ct);
        await DataSearch.WhenIndexedAsync(Lead, Project, version.DatasetId, version.Number, Ct);
        await using var db = await Portal.Get<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);
        var sha256 = await db.DatasetVersions.Select(v => v.Sha256).SingleAsync(Ct);
        Limits.ProjectBytes = await db.Uploads.SumAsync(u => u.Length, Ct) + await db.DatasetVersions.SumAsync(v => v.Bytes, Ct) + 100;
        await Assert.ThrowsAsync<RuleViolationException>(() => UploadAsync("more.csv", "x"));
        File.Delete(Portal.Get<FileStore>().PathOf(sha256) + ".words");
        await UploadAsync("more.csv", "x");
    }

    [Fact]
    public async Task Queue_FullOfOnePersonsJobs_TakesNoMoreOfThem_ButTakesOthers()
    {
        await using var portal = await TestPortal.StartAsync(s =>
            s.AddSingleton<ISaveChangesInterceptor, JobQuota>().Configure<QuotaOptions>(o => o.QueuedJobsOfPerson = 3)
        );
        var (greedy, other) = (await portal.AddUserAsync("greedy"), await portal.AddUserAsync("other"));
        var project = await portal.AddProjectAsync(greedy, (other, ProjectRole.Lead));
        for (var i = 0; i < 3; i++)
        {
            await QueueAsync(greedy);
        }

        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() => QueueAsync(greedy));
        Assert.Contains("wait in the queue", refusal.Message, StringComparison.Ordinal);
        await QueueAsync(other);
        await using var db = portal.OpenDb();
        Assert.Equal(4, await db.Jobs.CountAsync(Ct));

        async Task QueueAsync(Caller person)
        {
            await using var queueing = portal.OpenDb();
            queueing.Jobs.Add(new Job(project, "evaluate", person.UserId, portal.Clock.GetUtcNow()));
            await queueing.SaveChangesAsync(Ct);
        }
    }
}
