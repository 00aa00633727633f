using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WebTrainer.Data;
using WebTrainer.Domain;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Deployments;
using WebTrainer.Portal.Features.Deployments.Keys;
using WebTrainer.Portal.Features.Deployments.OpenAi;
using WebTrainer.Portal.Features.Deployments.Routing;
using WebTrainer.Portal.Features.Deployments.Versions;
using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Portal.Features.Monitoring;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Deployments;

/// <summary>Endpoints: who may do what with them, what a name leads to, and what keys may ask.</summary>
public sealed class DeploymentServiceTests : IAsyncLifetime
{
    private readonly string _models = Directory.CreateTempSubdirectory("webtrainer-models-").FullName;
    private TestPortal _portal = null!;
    private Caller _engineer = null!,
        _lead = null!,
        _annotator = null!;
    private Guid _project;

    public async ValueTask InitializeAsync()
    {
        foreach (var name in (string[])["tiny", "other"])
        {
            var model = Directory.CreateDirectory(Path.Combine(_models, name)).FullName;
            await File.WriteAllTextAsync(
                Path.Combine(model, "config.json"),
                $$"""{"architectures":["LlamaForCausalLM"],"model_type":"llama","max_position_embeddings":512,"_name_or_path":"{{name}}"}"""
            );
        }

        _portal = await TestPortal.StartAsync(services =>
            services
                .AddSingleton<IHostEnvironment>(new FakeHost(_models))
                .Configure<PortalOptions>(o => o.ModelsFolder = _models)
                .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
                // no worker is started here
                .Configure<WebTrainer.Jobs.JobsOptions>(o => o.WorkerPath = typeof(DeploymentServiceTests).Assembly.Location)
                .AddRuns()
                .AddDatasets()
                .AddEvaluations()
                .AddMonitoring()
                .AddDeployments()
        );
        (_engineer, _lead, _annotator) = (
            await _portal.AddUserAsync("eli"),
            await _portal.AddUserAsync("lea"),
            await _portal.AddUserAsync("ann")
        );
        _project = await _portal.AddProjectAsync(_lead, (_engineer, ProjectRole.Engineer), (_annotator, ProjectRole.Annotator));
    }

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        Directory.Delete(_models, recursive: true);
    }

    private DeploymentService Service => _portal.Get<DeploymentService>();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static VersionRequest Request(string model = "tiny") => new(null, model) { Temperature = 0 };

    private async Task<DeploymentVersion> CheckedAsync(Guid deployment, Guid? version = null)
    {
        await using var db = _portal.OpenDb();
        var found = await db
            .DeploymentVersions.OrderByDescending(v => v.Number)
            .FirstAsync(v => v.DeploymentId == deployment && (version == null || v.Id == version), Ct);
        found.NoteCheck(found.SettingsSha256, "{}", passed: true, _portal.Clock.GetUtcNow());
        await db.SaveChangesAsync(Ct);
        return found;
    }

    /// <summary>As a promotion does once the worker is ready, which no test here starts.</summary>
    private async Task LiveAsync(Guid deployment, Guid version)
    {
        await using var db = _portal.OpenDb();
        var found = await db.Deployments.SingleAsync(d => d.Id == deployment, Ct);
        var live = await db.DeploymentVersions.SingleOrDefaultAsync(v => v.Id == found.LiveVersionId, Ct);
        found.Promote(await db.DeploymentVersions.SingleAsync(v => v.Id == version, Ct), live, _portal.Clock.GetUtcNow());
        await db.SaveChangesAsync(Ct);
    }

    private async Task<(Guid Deployment, Guid Version)> ApprovedAsync(string name)
    {
        var deployment = await Service.CreateAsync(_engineer, _project, name, "", Request(), Ct);
        var version = await CheckedAsync(deployment);
        await Service.ApproveAsync(_lead, _project, deployment, version.Id, version.SettingsSha256, null, Ct);
        return (deployment, version.Id);
    }

    [Fact]
    public async Task Create_ByAnAnnotator_IsRefused_AndNamesAreGivenOnce()
    {
        await Assert.ThrowsAsync<ForbiddenException>(() => Service.CreateAsync(_annotator, _project, "intents", "", Request(), Ct));
        await Service.CreateAsync(_engineer, _project, "intents", "", Request(), Ct);
        var again = await Assert.ThrowsAsync<RuleViolationException>(() =>
            Service.CreateAsync(_engineer, _project, "intents", "", Request(), Ct)
        );
        Assert.Contains("never given twice", again.Message, StringComparison.Ordinal);
        var model = await Assert.ThrowsAsync<RuleViolationException>(() =>
            Service.CreateAsync(_engineer, _project, "tiny", "", Request(), Ct)
        );
        Assert.Contains("base model", model.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approve_ByWhoMadeItOrWithoutTheRight_IsRefusedAndNoted()
    {
        var deployment = await Service.CreateAsync(_lead, _project, "intents", "", Request(), Ct);
        var version = await CheckedAsync(deployment);
        Task Approve(Caller by, string hash) => Service.ApproveAsync(by, _project, deployment, version.Id, hash, null, Ct);
        Assert.Contains(
            "Nobody approves",
            (await Assert.ThrowsAsync<RuleViolationException>(() => Approve(_lead, version.SettingsSha256))).Message,
            StringComparison.Ordinal
        );
        await Assert.ThrowsAsync<ForbiddenException>(() => Approve(_engineer, version.SettingsSha256));
        await using var db = _portal.OpenDb();
        Assert.Contains("deployment.approval-refused", await db.Audit.Select(a => a.Action).ToListAsync(Ct));
    }

    [Fact]
    public async Task Approve_OfAHashThatWasNotSeen_IsRefused()
    {
        var deployment = await Service.CreateAsync(_engineer, _project, "intents", "", Request(), Ct);
        var seen = await CheckedAsync(deployment);
        await Service.ChangeAsync(_engineer, _project, deployment, seen.Id, Request() with { Temperature = 1 }, Ct);
        await CheckedAsync(deployment);
        var refused = await Assert.ThrowsAsync<RuleViolationException>(() =>
            Service.ApproveAsync(_lead, _project, deployment, seen.Id, seen.SettingsSha256, null, Ct)
        );
        Assert.Contains("settings changed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_LeadsToTheLiveVersion_FromTheNextRequestOn()
    {
        var (deployment, first) = await ApprovedAsync("intents");
        var routes = _portal.Get<LiveRoutes>();
        Task<Target> Find(string? who = "x") => routes.FindAsync(_project, new KeyBounds(), "intents", who, Ct);
        Assert.Contains("no live version", (await Assert.ThrowsAsync<OpenAiException>(() => Find())).Message, StringComparison.Ordinal);
        await LiveAsync(deployment, first);
        Assert.Equal((first, "tiny"), ((await Find()).Version!.Id, (await Find()).Model.Base.Id));
        await Service.AddVersionAsync(_engineer, _project, deployment, Request("other"), Ct);
        var second = await CheckedAsync(deployment);
        await Service.ApproveAsync(_lead, _project, deployment, second.Id, second.SettingsSha256, null, Ct);
        Assert.Equal(first, (await Find()).Version!.Id);
        await LiveAsync(deployment, second.Id);
        Assert.Equal((second.Id, "other"), ((await Find()).Version!.Id, (await Find()).Model.Base.Id));
        await Service.RetireAsync(_lead, _project, deployment, Ct);
        Assert.Contains("retired", (await Assert.ThrowsAsync<OpenAiException>(() => Find())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trial_OnAShare_IsTheSameCallersEachTime_AndInTheShadowNobodys()
    {
        var (deployment, first) = await ApprovedAsync("intents");
        await LiveAsync(deployment, first);
        await Service.AddVersionAsync(_engineer, _project, deployment, Request("other"), Ct);
        var second = await CheckedAsync(deployment);
        await Service.ApproveAsync(_lead, _project, deployment, second.Id, second.SettingsSha256, null, Ct);
        await TryAsync(deployment, second.Id, TrialMode.Share);
        var routes = _portal.Get<LiveRoutes>();
        async Task<Guid[]> AskedAsync()
        {
            var answered = new List<Guid>();
            for (var i = 0; i < 200; i++)
            {
                answered.Add((await routes.FindAsync(_project, new KeyBounds(), "intents", $"caller {i}", Ct)).Version!.Id);
            }

            return [.. answered];
        }

        var once = await AskedAsync();
        Assert.Equal(once, await AskedAsync());
        Assert.InRange(once.Count(id => id == second.Id), 40, 80); // of 200 at 30 %
        await TryAsync(deployment, second.Id, TrialMode.Shadow);
        var target = await routes.FindAsync(_project, new KeyBounds(), "intents", $"caller {Array.IndexOf(once, second.Id)}", Ct);
        Assert.Equal((first, second.Id), (target.Version!.Id, target.Shadow!.Version!.Id));
    }

    [Fact]
    public async Task Settings_ChangedInTheDatabase_AnswerNobody()
    {
        var (deployment, version) = await ApprovedAsync("intents");
        await LiveAsync(deployment, version);
        await using (var db = _portal.OpenDb())
        {
            await db
                .DeploymentVersions.Where(v => v.Id == version)
                .ExecuteUpdateAsync(set => set.SetProperty(v => v.Settings, v => v.Settings.Replace("tiny", "other")), Ct);
        }

        var refused = await Assert.ThrowsAsync<OpenAiException>(() =>
            _portal.Get<LiveRoutes>().FindAsync(_project, new KeyBounds(), "intents", "x", Ct)
        );
        Assert.Equal(503, refused.Status);
        Assert.Null(Assert.Single(await Service.ListAsync(_lead, _project, Ct)).Live!.Settings);
    }

    [Fact]
    public async Task Key_ReachesItsEndpointsAlone_AndRunsOnlyIfItIsOld()
    {
        var (one, first) = await ApprovedAsync("one");
        var (two, second) = await ApprovedAsync("two");
        await LiveAsync(one, first);
        await LiveAsync(two, second);
        var routes = _portal.Get<LiveRoutes>();
        var bounds = new KeyBounds { Deployments = [one] };
        Assert.Equal(["one"], (await routes.ListAsync(_project, bounds, Ct)).Select(t => t.Name));
        await Assert.ThrowsAsync<OpenAiException>(() => routes.FindAsync(_project, bounds, "two", "x", Ct));
        var refused = await Assert.ThrowsAsync<OpenAiException>(() => routes.FindAsync(_project, new KeyBounds(), "tiny", "x", Ct));
        Assert.Contains("'one', 'two'", refused.Message, StringComparison.Ordinal);
        var old = new KeyBounds { ReachesRuns = true };
        Assert.Equal("tiny", (await routes.FindAsync(_project, old, "tiny", "x", Ct)).Name);
        Assert.Equal(["one", "two", "other", "tiny"], (await routes.ListAsync(_project, old, Ct)).Select(t => t.Name));
    }

    [Fact]
    public async Task Key_OfTheFormMadeNow_NeverReachesRuns_AndEndsByItself()
    {
        var keys = _portal.Get<ApiKeyService>();
        var now = _portal.Clock.GetUtcNow();
        await keys.CreateAsync(_lead, _project, new NewKey("k", now.AddDays(1), new KeyBounds { ReachesRuns = true }), Ct);
        var key = Assert.Single(await keys.ListAsync(_lead, _project, Ct));
        Assert.False(key.Bounds.ReachesRuns);
        Assert.Equal(now.AddDays(1), key.ExpiresAt);
        await Assert.ThrowsAsync<RuleViolationException>(() => keys.CreateAsync(_lead, _project, new NewKey("k", now), Ct));
        await Assert.ThrowsAsync<NotFoundException>(() =>
            keys.CreateAsync(_lead, _project, new NewKey("k", null, new KeyBounds { Deployments = [Guid.NewGuid()] }), Ct)
        );
    }

    [Fact]
    public async Task Key_ThatUsedUpItsTokens_WaitsForTheNextMinuteOrMonth_AlsoAfterARestart()
    {
        var keys = _portal.Get<ApiKeyService>();
        await keys.CreateAsync(_lead, _project, new NewKey("k"), Ct);
        var key = Assert.Single(await keys.ListAsync(_lead, _project, Ct)).Id;
        var use = _portal.Get<KeyUse>();
        var (minute, month) = (new KeyBounds { TokensPerMinute = 100 }, new KeyBounds { TokensPerMonth = 250 });
        await use.CheckAsync(key, minute, Ct);
        use.Note(key, 100);
        var refused = await Assert.ThrowsAsync<OpenAiException>(() => use.CheckAsync(key, minute, Ct));
        Assert.Equal((429, "rate_limit_exceeded"), (refused.Status, refused.Code));
        Assert.InRange(refused.RetryAfter!.Value.TotalSeconds, 1, 60);
        _portal.Clock.Advance(TimeSpan.FromMinutes(1));
        await use.CheckAsync(key, minute, Ct);
        use.Note(key, 150);
        Assert.InRange(
            (await Assert.ThrowsAsync<OpenAiException>(() => use.CheckAsync(key, month, Ct))).RetryAfter!.Value.TotalDays,
            25,
            31
        );
        await use.WriteAsync(Ct);
        var restarted = ActivatorUtilities.CreateInstance<KeyUse>(_portal.Services);
        await Assert.ThrowsAsync<OpenAiException>(() => restarted.CheckAsync(key, month, Ct));
        Assert.Equal(
            (2, 250),
            (Assert.Single(await keys.ListAsync(_lead, _project, Ct)) is var k ? (k.RequestsOfMonth, k.TokensOfMonth) : default)
        );
        _portal.Clock.Advance(TimeSpan.FromDays(31));
        await restarted.CheckAsync(key, month, Ct);
    }

    private async Task TryAsync(Guid deployment, Guid version, TrialMode mode)
    {
        await using var db = _portal.OpenDb();
        var found = await db.Deployments.SingleAsync(d => d.Id == deployment, Ct);
        found.Try(await db.DeploymentVersions.SingleAsync(v => v.Id == version, Ct), mode, mode == TrialMode.Share ? 30 : 100);
        await db.SaveChangesAsync(Ct);
    }
}
