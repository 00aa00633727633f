using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WebTrainer.Domain;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Monitoring;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline.Connectors;
using WebTrainer.Pipeline.Traffic;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Monitoring;
using WebTrainer.Portal.Features.Notices;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Tests.Notices;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Monitoring;

/// <summary>Who is told of what an endpoint does, when, and how often.</summary>
public sealed class AlertTests : IAsyncLifetime
{
    private readonly string _models = Directory.CreateTempSubdirectory("webtrainer-models-").FullName;
    private TestPortal _portal = null!;
    private Caller _lead = null!,
        _reviewer = null!;
    private Guid _project,
        _endpoint,
        _version;

    public async ValueTask InitializeAsync()
    {
        _portal = await TestPortal.StartAsync(services =>
            services
                .AddSingleton<IHostEnvironment>(new FakeHost(_models))
                .Configure<PortalOptions>(o => o.ModelsFolder = _models)
                .Configure<ConnectorOptions>(o => o.AllowedHosts.Add("127.0.0.1"))
                .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
                .Configure<WebTrainer.Jobs.JobsOptions>(o => o.WorkerPath = typeof(AlertTests).Assembly.Location)
                .AddRuns()
                .AddDatasets()
                .AddNotices()
                .AddMonitoring()
                .AddDataProtection()
        );
        (_lead, _reviewer) = (await _portal.AddUserAsync("lea"), await _portal.AddUserAsync("rex"));
        _project = await _portal.AddProjectAsync(_lead, (_reviewer, ProjectRole.Reviewer));
        await using var db = _portal.OpenDb();
        var deployment = new Deployment(_project, "intents", "", _lead.UserId, _portal.Clock.GetUtcNow());
        var version = new DeploymentVersion(
            deployment.Id,
            deployment.TakeNumber(),
            null,
            "tiny",
            "{}",
            "a",
            _lead.UserId,
            _portal.Clock.GetUtcNow()
        );
        db.AddRange(deployment, version);
        await db.SaveChangesAsync(Ct);
        (_endpoint, _version) = (deployment.Id, version.Id);
    }

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        Directory.Delete(_models, recursive: true);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private AlertService Service => _portal.Get<AlertService>();

    private void Ask(int count, int status = 200, double milliseconds = 100) =>
        Enumerable
            .Range(0, count)
            .ToList()
            .ForEach(i =>
                _portal
                    .Get<TrafficLog>()
                    .Note(
                        _endpoint,
                        new TrafficRecord
                        {
                            Id = $"chatcmpl-{Guid.NewGuid():N}",
                            At = _portal.Clock.GetUtcNow(),
                            Version = _version,
                            Status = status,
                            PromptTokens = 10,
                            CompletionTokens = 5,
                            TotalMilliseconds = milliseconds,
                        }
                    )
            );

    private async Task<AlertRule> LookAsync()
    {
        await _portal.Get<AlertWatch>().LookAsync(Ct);
        await _portal.Get<NoticeSender>().SendAsync(Ct);
        return Assert.Single(await Service.ListAsync(_lead, _project, _endpoint, Ct));
    }

    [Fact]
    public async Task ErrorRate_AboveItsLimit_IsToldOnce_AndEndsByItself()
    {
        await Service.AddAsync(_lead, _project, _endpoint, new NewAlert(AlertKind.ErrorRate, 0.05, WindowMinutes: 10), Ct);
        Ask(90);
        Ask(4, status: 503);
        Assert.Null((await LookAsync()).FiringSince); // 4.3 %
        Ask(6, status: 503);
        var told = await LookAsync();
        Assert.Equal((_portal.Clock.GetUtcNow(), _portal.Clock.GetUtcNow()), (told.FiringSince, told.ToldAt));
        Assert.Equal("10 of 100 requests to 'intents' failed in the last 10 minutes (10.0 %; the limit is 5.0 %).", told.Sentence);
        _portal.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(told.ToldAt, (await LookAsync()).ToldAt);
        _portal.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Null((await LookAsync()).FiringSince);
    }

    [Theory]
    [InlineData(AlertKind.SlowAnswers, 500, 60)]
    [InlineData(AlertKind.SlowAnswers, 500, 300)]
    [InlineData(AlertKind.TokensOfMonth, 100, 60)]
    public async Task OtherFigures_AboveTheirLimits_AreTold(AlertKind kind, double limit, int window)
    {
        await Service.AddAsync(_lead, _project, _endpoint, new NewAlert(kind, limit, window), Ct);
        Ask(5);
        Assert.Null((await LookAsync()).FiringSince);
        Ask(5, milliseconds: 900);
        Assert.NotNull((await LookAsync()).FiringSince);
    }

    [Fact]
    public async Task BadFeedback_IsOfThoseThatSaidAnything()
    {
        await Service.AddAsync(_lead, _project, _endpoint, new NewAlert(AlertKind.BadFeedback, 0.5), Ct);
        await SayAsync("1", good: true);
        await SayAsync("2", good: false);
        Assert.Null((await LookAsync()).FiringSince);
        await SayAsync("3", good: false);
        Assert.Contains("2 of 3 answers", (await LookAsync()).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Webhook_IsToldAsJson_AndAgainOnlyPastTheQuietTime()
    {
        using var receiver = new Receiver();
        await Service.AddAsync(
            _lead,
            _project,
            _endpoint,
            new NewAlert(AlertKind.ErrorRate, 0, WindowMinutes: 600, QuietMinutes: 30, receiver.Address),
            Ct
        );
        Ask(1, status: 500);
        await LookAsync();
        await LookAsync();
        _portal.Clock.Advance(TimeSpan.FromMinutes(31));
        await LookAsync();
        Assert.Equal(2, receiver.Requests.Count);
        var (headers, body) = receiver.Requests[0];
        Assert.Contains("\"endpoint\":\"intents\"", body, StringComparison.Ordinal);
        Assert.Contains("\"alert\":\"ErrorRate\"", body, StringComparison.Ordinal);
        Assert.StartsWith("v1=", headers["WebTrainer-Signature"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rule_OfSomebodyWithoutTheRight_OrWithAnAddressThatIsNone_IsRefused()
    {
        await Assert.ThrowsAsync<ForbiddenException>(() =>
            Service.AddAsync(_reviewer, _project, _endpoint, new NewAlert(AlertKind.ErrorRate, 0.1), Ct)
        );
        await Assert.ThrowsAsync<RuleViolationException>(() =>
            Service.AddAsync(_lead, _project, _endpoint, new NewAlert(AlertKind.ErrorRate, 5), Ct)
        );
        await Assert.ThrowsAsync<RuleViolationException>(() =>
            Service.AddAsync(_lead, _project, _endpoint, new NewAlert(AlertKind.ErrorRate, 0.1, Webhook: "file:///etc/passwd"), Ct)
        );
        Assert.Empty(await Service.ListAsync(_reviewer, _project, _endpoint, Ct));
    }

    private async Task SayAsync(string request, bool good)
    {
        await using var db = _portal.OpenDb();
        var feedback = new Feedback(_endpoint, request, _version);
        feedback.Say(good, null, null, null, _portal.Clock.GetUtcNow());
        db.Feedbacks.Add(feedback);
        await db.SaveChangesAsync(Ct);
    }
}
