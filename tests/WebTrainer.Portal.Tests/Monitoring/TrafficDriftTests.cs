using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WebTrainer.Domain;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Traffic;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Monitoring;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Monitoring;

/// <summary>Requests held against what the live version learned from, by hand and by the server itself.</summary>
public sealed class TrafficDriftTests : IAsyncLifetime
{
    private static readonly string[] s_subjects = ["card", "account", "transfer", "refund", "loan", "limit", "fee", "statement"];
    private static readonly string[] s_asks =
    [
        "where is my",
        "how do I close my",
        "why was my",
        "please change my",
        "when will you send my",
    ];
    private static readonly string[] s_ends = ["today", "at the branch", "for my trip", "again", "before Monday", "in the app"];
    private readonly string _models = Directory.CreateTempSubdirectory("webtrainer-models-").FullName;
    private readonly Random _random = new(1);
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
                .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
                .Configure<WebTrainer.Jobs.JobsOptions>(o => o.WorkerPath = typeof(TrafficDriftTests).Assembly.Location)
                .AddRuns()
                .AddDatasets()
                .AddMonitoring()
        );
        (_lead, _reviewer) = (await _portal.AddUserAsync("lea"), await _portal.AddUserAsync("rex"));
        _project = await _portal.AddProjectAsync(_lead, (_reviewer, ProjectRole.Reviewer));
        var rows = Enumerable
            .Range(0, 600)
            .Select(i => new CanonicalRow
            {
                Id = $"{i}",
                Line = i + 1,
                Prompt = Question(),
                Messages = [],
            });
        var data = await _portal.AddVersionAsync(_project, rows, "Questions");
        await using var db = _portal.OpenDb();
        var now = _portal.Clock.GetUtcNow();
        var run = new Run(_project, 1, "run", data.Id, "tiny", "{}", new string('a', 64), _lead.UserId, now, Guid.CreateVersion7());
        var deployment = new Deployment(_project, "intents", "", _lead.UserId, now);
        var version = new DeploymentVersion(deployment.Id, deployment.TakeNumber(), run.Id, "tiny", "{}", "a", _lead.UserId, now);
        version.NoteCheck("a", "{}", passed: true, now);
        version.Approve("somebody else", "a", needsReason: false, null, now);
        deployment.Promote(version, null, now);
        deployment.KeepContent(30);
        db.AddRange(run, deployment, version);
        await db.SaveChangesAsync(Ct);
        (_endpoint, _version) = (deployment.Id, version.Id);
    }

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        Directory.Delete(_models, recursive: true);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Question() =>
        $"{s_asks[_random.Next(s_asks.Length)]} {s_subjects[_random.Next(s_subjects.Length)]} {s_ends[_random.Next(s_ends.Length)]}";

    private void Ask(int count, Func<string> question) =>
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
                            Prompt = question(),
                        }
                    )
            );

    [Fact]
    public async Task Look_AtQuietTraffic_FindsNothing_AndAtALongerAndOtherOne_SaysWhatChanged()
    {
        var drift = _portal.Get<TrafficDrift>();
        Ask(TrafficDrift.Window, Question);
        Assert.False((await drift.LookAsync(_lead, _project, _endpoint, Ct)).Report.IsAlarm);
        Ask(TrafficDrift.Window, () => $"{Question()} and my sourdough starter smells odd since the flour changed");
        var found = await drift.LookAsync(_lead, _project, _endpoint, Ct);
        Assert.True(found.Report.IsAlarm);
        Assert.Equal("Questions v1", found.Reference);
        Assert.Contains(found.Texts.Values, text => text.Contains("sourdough", StringComparison.Ordinal));
        await Assert.ThrowsAsync<ForbiddenException>(() => drift.LookAsync(_reviewer, _project, _endpoint, Ct));
        Assert.Equal(
            (false, null),
            (await drift.LastAsync(_reviewer, _project, _endpoint, Ct)) is var seen ? (seen.May, seen.Last) : default
        );
    }

    [Fact]
    public async Task Watch_LooksAfterEachNewWindow_AndNotBefore()
    {
        var (drift, watch) = (_portal.Get<TrafficDrift>(), _portal.Get<DriftWatch>());
        Ask(TrafficDrift.Window - 1, Question);
        await watch.LookAsync(Ct);
        Assert.Null(drift.LastOf(_endpoint));
        Ask(1, Question);
        await watch.LookAsync(Ct);
        var first = drift.LastOf(_endpoint);
        Assert.NotNull(first);
        _portal.Clock.Advance(TimeSpan.FromMinutes(1));
        await watch.LookAsync(Ct);
        Assert.Same(first, drift.LastOf(_endpoint));
    }

    [Fact]
    public async Task Look_WhereTextsAreNotKept_SaysSo()
    {
        await using (var db = _portal.OpenDb())
        {
            db.Deployments.Single(d => d.Id == _endpoint).KeepContent(null);
            await db.SaveChangesAsync(Ct);
        }

        var refused = await Assert.ThrowsAsync<RuleViolationException>(() =>
            _portal.Get<TrafficDrift>().LookAsync(_lead, _project, _endpoint, Ct)
        );
        Assert.Contains("not kept", refused.Message, StringComparison.Ordinal);
    }
}
