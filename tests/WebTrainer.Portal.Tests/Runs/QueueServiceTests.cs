using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs;
using WebTrainer.Jobs.Queue;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Features.Runs.Waiting;
using WebTrainer.Portal.Features.Server;
using WebTrainer.Portal.Tests.Shared;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Runs;

/// <summary>Who waits, who may know, and who may change it. The dispatcher is not started: nothing begins.</summary>
public sealed class QueueServiceTests : IAsyncLifetime
{
    private TestPortal _portal = null!;
    private Caller _lead = null!;
    private Caller _engineer = null!;
    private Caller _other = null!;
    private Guid _mine;
    private Guid _others;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private QueueService Queue => _portal.Get<QueueService>();

    private ServerService Server => _portal.Get<ServerService>();

    public async ValueTask InitializeAsync()
    {
        _portal = await TestPortal.StartAsync(services =>
            services
                .AddSingleton<IHostEnvironment>(new FakeHost(Path.GetTempPath()))
                .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
                .Configure<JobsOptions>(o => o.WorkerPath = typeof(QueueServiceTests).Assembly.Location)
                .AddRuns()
                .AddServer()
        );
        (_lead, _engineer, _other) = (
            await _portal.AddUserAsync("lea"),
            await _portal.AddUserAsync("eli"),
            await _portal.AddUserAsync("oz")
        );
        _mine = await _portal.AddProjectAsync(_lead, (_engineer, ProjectRole.Engineer));
        _others = await _portal.AddProjectAsync(_other);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task List_HasTheOwnProjectsJobs_WithTheirPlaceAmongAll_AndAReason()
    {
        await AddAsync(_others, _other);
        _portal.Clock.Advance(TimeSpan.FromMinutes(1));
        var mine = await AddAsync(_mine, _engineer);

        var standing = Assert.Single(await Queue.ListAsync(_engineer, _mine, Ct));

        Assert.Equal((mine.Id, 2, true), (standing.JobId, standing.Place, standing.IsRough));
        Assert.Contains("second in line, because others came earlier.", standing.Because, StringComparison.Ordinal);
        Assert.Contains("guess", standing.Because, StringComparison.Ordinal); // nothing has ever run here
        Assert.Null(await Queue.FindAsync(_other, _others, mine.Id, Ct));
        await Assert.ThrowsAsync<NotFoundException>(() => Queue.ListAsync(_other, _mine, Ct));
    }

    [Fact]
    public async Task Rank_IsTheLeads_IsWrittenDown_AndMovesTheOwnProjectsJobsAlone()
    {
        var first = await AddAsync(_mine, _engineer);
        _portal.Clock.Advance(TimeSpan.FromMinutes(1));
        var second = await AddAsync(_mine, _engineer);
        await Assert.ThrowsAsync<ForbiddenException>(() => Queue.RankAsync(_engineer, _mine, second.Id, JobPriority.High, Ct));
        await Assert.ThrowsAsync<NotFoundException>(() => Queue.RankAsync(_other, _others, second.Id, JobPriority.High, Ct));

        await Queue.RankAsync(_lead, _mine, second.Id, JobPriority.High, Ct);

        Assert.Equal([second.Id, first.Id], (await Queue.ListAsync(_lead, _mine, Ct)).Select(standing => standing.JobId));
        await using var db = _portal.OpenDb();
        var entry = await db.Audit.SingleAsync(e => e.Action == "job.ranked", Ct);
        Assert.Contains("High", entry.After, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sentence_SaysWhenAndWhy_AndOfWhatYieldedWhereItGoesOn()
    {
        var job = await AddAsync(_mine, _engineer);
        var entry = new QueueEntry(job, 1, _portal.Clock.GetUtcNow().AddHours(1), false, "a device is free");
        Assert.EndsWith(", next in line, because a device is free.", QueueWords.Sentence(entry), StringComparison.Ordinal);
        job.Start("cpu:0", _portal.Clock.GetUtcNow());
        job.Advanced(7, 10, 0.7, 3);
        job.Yield(_portal.Clock.GetUtcNow());
        Assert.StartsWith("Gave its device to short work and goes on from step 7", QueueWords.Sentence(entry), StringComparison.Ordinal);
        Assert.Equal("No hours.", QueueWords.Sentence(entry with { IsHeld = true, Because = "No hours." }));
    }

    [Fact]
    public async Task Server_ShowsOthersWorkWithoutNames_AndAdministratorsItsProject()
    {
        var job = await AddAsync(_others, _other);
        await UseAsync(job, hours: 2);
        await AddAsync(_others, _other);

        var seen = await Server.ReadAsync(_engineer, Ct);
        Assert.Equal(("a run", null, null), Shown(Assert.Single(seen.Waiting).Work));
        Assert.DoesNotContain(seen.Hours, hours => hours.ProjectId == _others);
        Assert.False(seen.IsAdmin);

        var own = await Server.ReadAsync(_other, Ct);
        Assert.Equal(("Project of oz", "oz"), (own.Waiting[0].Work.Project, own.Waiting[0].Work.Person));
        Assert.Equal(2, Assert.Single(own.Hours).ThisMonth, 6);
        Assert.Equal([("oz", 2.0)], own.Hours[0].People);

        await MakeAdminAsync(_engineer);
        var all = await Server.ReadAsync(_engineer, Ct);
        Assert.True(all.IsAdmin);
        Assert.Equal("Project of oz", all.Waiting[0].Work.Project);
        Assert.Null(all.Waiting[0].Work.Address);
    }

    [Fact]
    public async Task Share_IsSetByAdministratorsAlone_AndChecked()
    {
        await Assert.ThrowsAsync<ForbiddenException>(() => Server.SetShareAsync(_lead, _mine, 2, 10, Ct));
        await MakeAdminAsync(_lead);
        await Assert.ThrowsAsync<Domain.RuleViolationException>(() => Server.SetShareAsync(_lead, _mine, 0, 10, Ct));
        await Assert.ThrowsAsync<Domain.RuleViolationException>(() => Server.SetShareAsync(_lead, _mine, 1, -1, Ct));
        await Server.SetShareAsync(_lead, _mine, 2, 0, Ct);
        var job = await AddAsync(_mine, _engineer);

        var hours = (await Server.ReadAsync(_engineer, Ct)).Hours.Single(h => h.ProjectId == _mine);
        Assert.Equal((2, 0), (hours.Weight, hours.Quota));
        var standing = await Queue.FindAsync(_engineer, _mine, job.Id, Ct);
        Assert.StartsWith("The project has used its 0 device hours", standing!.Because, StringComparison.Ordinal);
    }

    private static (string Name, string? Project, string? Person) Shown(JobLine line) => (line.Name, line.Project, line.Person);

    private async Task<Job> AddAsync(Guid project, Caller who)
    {
        var job = new Job(project, Run.JobKind, who.UserId, _portal.Clock.GetUtcNow());
        _portal.Get<RunFolders>().Create(job.Id, new TrainSpec { RunId = Guid.NewGuid(), BaseModel = "tiny" });
        await using var db = _portal.OpenDb();
        db.Jobs.Add(job);
        await db.SaveChangesAsync(Ct);
        return job;
    }

    private async Task UseAsync(Job job, double hours)
    {
        await using var db = _portal.OpenDb();
        var stored = await db.Jobs.SingleAsync(j => j.Id == job.Id, Ct);
        stored.Start("cpu:0", _portal.Clock.GetUtcNow());
        _portal.Clock.Advance(TimeSpan.FromHours(hours));
        stored.End(JobState.Completed, _portal.Clock.GetUtcNow());
        await db.SaveChangesAsync(Ct);
    }

    private async Task MakeAdminAsync(Caller person)
    {
        await using var db = _portal.OpenDb();
        await db.Users.Where(u => u.Id == person.UserId).ExecuteUpdateAsync(set => set.SetProperty(u => u.IsAdmin, true), Ct);
    }
}
