using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Evaluations;
using WebTrainer.Domain.Monitoring;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Traffic;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Deployments;
using WebTrainer.Portal.Features.Deployments.Versions;
using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Portal.Features.Labeling;
using WebTrainer.Portal.Features.Monitoring;
using WebTrainer.Portal.Features.Retrainings;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Features.Uploads;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Tests.Shared;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Retrainings;

/// <summary>From an endpoint's requests to a candidate: what is opened by itself, and the steps that are people's.</summary>
public sealed class RetrainingTests : IAsyncLifetime
{
    private const int TestRows = 20;
    private readonly string _models = Directory.CreateTempSubdirectory("webtrainer-models-").FullName;
    private TestPortal _portal = null!;
    private Caller _lead = null!,
        _second = null!,
        _reviewer = null!;
    private Guid _project,
        _endpoint,
        _version,
        _run;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var model = Directory.CreateDirectory(Path.Combine(_models, "tiny")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(model, "config.json"),
            """{"architectures":["LlamaForCausalLM"],"model_type":"llama","max_position_embeddings":512}"""
        );
        _portal = await TestPortal.StartAsync(services =>
            services
                .AddSingleton<IHostEnvironment>(new FakeHost(_models))
                .AddSingleton<IHostApplicationLifetime, NeverStops>()
                .Configure<PortalOptions>(o => o.ModelsFolder = _models)
                .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
                .Configure<WebTrainer.Jobs.JobsOptions>(o => o.WorkerPath = typeof(RetrainingTests).Assembly.Location) // none is started
                .AddUploads()
                .AddRuns()
                .AddDatasets()
                .AddLabeling()
                .AddEvaluations()
                .AddMonitoring()
                .AddDeployments()
                .AddRetrainings()
        );
        (_lead, _second, _reviewer) = (
            await _portal.AddUserAsync("lea"),
            await _portal.AddUserAsync("sam"),
            await _portal.AddUserAsync("rex")
        );
        _project = await _portal.AddProjectAsync(_lead, (_second, ProjectRole.Lead), (_reviewer, ProjectRole.Reviewer));
        var data = await PublishedAsync("Questions", Enumerable.Range(0, 100).Select(i => Row(i, $"Where is card number {i}?")));
        _run = await SubmitAsync(data);
        await using var db = _portal.OpenDb();
        var now = _portal.Clock.GetUtcNow();
        var deployment = new Deployment(_project, "intents", "", _lead.UserId, now);
        var version = Approved(deployment, _run, now);
        deployment.Promote(version, null, now);
        deployment.KeepContent(30);
        db.AddRange(deployment, version);
        await db.SaveChangesAsync(Ct);
        (_endpoint, _version) = (deployment.Id, version.Id);
    }

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        Directory.Delete(_models, recursive: true);
    }

    private RetrainingService Service => _portal.Get<RetrainingService>();

    private RetrainingSteps Steps => _portal.Get<RetrainingSteps>();

    private static CanonicalRow Row(int i, string prompt) =>
        CanonicalRow.Create(
            $"row{i:000}",
            i + 1,
            null,
            prompt,
            i % 2 == 0 ? "lost" : "late",
            i % 2 == 0 ? "lost" : "late",
            i < TestRows ? DataSplit.Test : DataSplit.Train
        );

    private async Task<Guid> PublishedAsync(string name, IEnumerable<CanonicalRow> rows)
    {
        var version = await _portal.AddVersionAsync(_project, rows, name, VersionKind.Split);
        await _portal.Get<DatasetPublishing>().PublishAsync(_lead, _project, version.DatasetId, 1, Ct);
        return version.Id;
    }

    private Task<Guid> SubmitAsync(Guid data) =>
        _portal
            .Get<RunService>()
            .SubmitAsync(
                _lead,
                _project,
                new RunRequest
                {
                    DatasetVersionId = data,
                    BaseModel = "tiny",
                    Training = new TrainingSettings { MicroBatch = 2 },
                },
                Ct
            );

    private DeploymentVersion Approved(Deployment deployment, Guid run, DateTimeOffset now)
    {
        var version = Draft(deployment, run, now);
        version.NoteCheck(version.SettingsSha256, "{}", passed: true, now);
        version.Approve("somebody else", version.SettingsSha256, needsReason: false, null, now);
        return version;
    }

    private DeploymentVersion Draft(Deployment deployment, Guid run, DateTimeOffset now)
    {
        var text = new DeploymentSettings("tiny", new string('a', 64), 1, new string('b', 64), new VersionRequest(run)).ToText();
        return new DeploymentVersion(deployment.Id, deployment.TakeNumber(), run, "tiny", text, JobSpec.Hash(text), _lead.UserId, now);
    }

    private void Ask(int count, Func<int, string> question)
    {
        for (var i = 0; i < count; i++)
        {
            _portal
                .Get<TrafficLog>()
                .Note(
                    _endpoint,
                    new TrafficRecord
                    {
                        Id = $"chatcmpl-{Guid.NewGuid():N}",
                        At = _portal.Clock.GetUtcNow(),
                        Version = _version,
                        Prompt = question(i),
                        Status = 200,
                    }
                );
        }
    }

    private async Task DecideAsync(Guid task, int items)
    {
        await using var db = _portal.OpenDb();
        var labels = await db.LabelTasks.SingleAsync(t => t.Id == task, Ct);
        var question = Assert.Single(labels.Questions);
        foreach (var item in await db.LabelItems.Include(i => i.Assignments).Where(i => i.TaskId == task).Take(items).ToListAsync(Ct))
        {
            foreach (var person in (string[])[_lead.UserId, _second.UserId])
            {
                item.Take(labels, person, _portal.Clock.GetUtcNow());
                item.Submit(labels, person, $$"""{"{{question.Key}}":"lost"}""", 1, _portal.Clock.GetUtcNow());
            }
        }

        await db.SaveChangesAsync(Ct);
    }

    private async Task<Retraining> OnlyAsync()
    {
        await using var db = _portal.OpenDb();
        return await db.Retrainings.AsNoTracking().SingleAsync(r => r.DeploymentId == _endpoint, Ct);
    }

    [Fact]
    public async Task FoundDrift_OpensOneDraftWithRowsToLabel_AndNoSecondOne_NorOneForTheSameFindingAgain()
    {
        await Service.SetRuleAsync(_lead, _project, _endpoint, new RuleRequest(OnDrift: true, Rows: 10), Ct);
        Ask(TrafficDrift.Window, i => $"My sourdough starter smells odd since I changed the flour on day {i}, what should I do?");
        await _portal.Get<DriftWatch>().LookAsync(Ct);
        var watch = _portal.Get<RetrainingWatch>();
        await watch.LookAsync(Ct);
        await watch.LookAsync(Ct);
        var opened = await OnlyAsync();
        Assert.Equal((RetrainingCause.Drift, RetrainingState.Open, null), (opened.Cause, opened.State, opened.Problem));
        Assert.NotEmpty(opened.Why);
        var view = (await Service.ViewAsync(_lead, _project, _endpoint, Ct)).Open!;
        Assert.Equal((10, 0), (view.Labeling!.Items, view.Labeling.Decided));
        _portal.Clock.Advance(TimeSpan.FromMinutes(1));
        await Steps.DismissAsync(_lead, _project, _endpoint, opened.Id, "known and fine", Ct);
        await watch.LookAsync(Ct);
        Assert.Equal(RetrainingState.Dismissed, (await OnlyAsync()).State);
        await using var db = _portal.OpenDb();
        Assert.Equal(1, await db.Runs.CountAsync(Ct)); // nothing was trained, nothing was asked for
    }

    [Fact]
    public async Task RowsThatCannotBeTaken_AreSaidInTheDraft_WhichWaitsForSomebody()
    {
        await Service.SetRuleAsync(_lead, _project, _endpoint, new RuleRequest(Schedule: "0 0 8 ? * MON"), Ct);
        await _portal.Get<RetrainingWatch>().OpenScheduledAsync(_endpoint, Ct);
        var opened = await OnlyAsync();
        Assert.Equal(RetrainingCause.Schedule, opened.Cause);
        Assert.Contains("no request", opened.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BadAnswers_OpenOne_FromEnoughThatWereSaid()
    {
        await Service.SetRuleAsync(_lead, _project, _endpoint, new RuleRequest(BadShare: 0.2), Ct);
        await using (var db = _portal.OpenDb())
        {
            db.Feedbacks.AddRange(Enumerable.Range(0, RetrainingWatch.LeastSaid - 1).Select(i => Said($"r{i}")));
            await db.SaveChangesAsync(Ct);
        }

        await _portal.Get<RetrainingWatch>().LookAsync(Ct);
        await using (var db = _portal.OpenDb())
        {
            Assert.Equal(0, await db.Retrainings.CountAsync(Ct));
            db.Feedbacks.Add(Said("one more"));
            await db.SaveChangesAsync(Ct);
        }

        await _portal.Get<RetrainingWatch>().LookAsync(Ct);
        Assert.Equal(RetrainingCause.Quality, (await OnlyAsync()).Cause);

        Feedback Said(string id)
        {
            var feedback = new Feedback(_endpoint, id, _version);
            feedback.Say(false, null, null, null, _portal.Clock.GetUtcNow());
            return feedback;
        }
    }

    [Fact]
    public async Task Steps_FromRowsToRun_KeepTheOldTestRows_AndCloneTheLiveSettings()
    {
        Ask(12, i => $"Why is transfer {i} so slow?");
        var id = await Service.OpenAsync(_lead, _project, _endpoint, null, Ct);
        Assert.Contains(
            "open already",
            (await RefusedAsync(() => Service.OpenAsync(_lead, _project, _endpoint, null, Ct))).Message,
            StringComparison.Ordinal
        );
        await Steps.TakeRowsAsync(_lead, _project, _endpoint, id, new SampleRequest(SampleKind.Random, 10), Ct);
        var task = (await OnlyAsync()).LabelTaskId!.Value;
        await RefusedAsync(() => Steps.MakeDataAsync(_lead, _project, _endpoint, id, 0.5, Ct)); // nothing is decided yet
        await DecideAsync(task, 8);
        await Steps.MakeDataAsync(_lead, _project, _endpoint, id, 0.5, Ct);
        var view = (await Service.ViewAsync(_lead, _project, _endpoint, Ct)).Open!;
        Assert.Null(view.DataWaits);
        await using var db = _portal.OpenDb();
        var data = await db.DatasetVersions.SingleAsync(v => v.Id == view.Data!.Id, Ct);
        Assert.Equal((VersionKind.Joined, 108), (data.Kind, data.Rows));
        var files = PublishedFiles.Of(data, _portal.Get<Data.Files.FileStore>());
        Assert.InRange(files.Test!.Rows, TestRows + 1, TestRows + 7);
        var run = await Steps.AskRunAsync(_lead, _project, _endpoint, id, Ct);
        var (asked, live) = (
            await _portal.Get<RunService>().GetAsync(_lead, _project, run, Ct),
            await _portal.Get<RunService>().GetAsync(_lead, _project, _run, Ct)
        );
        Assert.Equal(data.Id, asked.Run.DatasetVersionId);
        Assert.Empty(SettingWords.Differences(live.Spec.Tuning, asked.Spec.Tuning));
        Assert.Null(asked.Run.Job); // it waits for another lead
    }

    [Fact]
    public async Task SettingTheRule_ByAReviewer_OrByAScheduleThatIsNone_IsRefused()
    {
        await Assert.ThrowsAsync<ForbiddenException>(() =>
            Service.SetRuleAsync(_reviewer, _project, _endpoint, new RuleRequest(OnDrift: true), Ct)
        );
        await Assert.ThrowsAsync<ForbiddenException>(() => Service.OpenAsync(_reviewer, _project, _endpoint, null, Ct));
        foreach (var schedule in (string[])["each Monday", "0 0 8 30 2 ?", "0 0/5 * * * ?"])
        {
            await RefusedAsync(() => Service.SetRuleAsync(_lead, _project, _endpoint, new RuleRequest(Schedule: schedule), Ct));
        }
    }

    [Fact]
    public async Task CandidateOfOtherData_IsApproved_OnlyOnceOldAndNewTestRowsHaveJudgedIt()
    {
        var before = (await _portal.Get<RunService>().GetAsync(_lead, _project, _run, Ct)).Run.DatasetVersionId!.Value;
        var newData = await PublishedAsync("Newer", Enumerable.Range(0, 60).Select(i => Row(i, $"How much is fee {i}?")));
        var run = await SubmitAsync(newData);
        var service = _portal.Get<DeploymentService>();
        DeploymentVersion version;
        await using (var db = _portal.OpenDb())
        {
            var now = _portal.Clock.GetUtcNow();
            version = Draft(await db.Deployments.SingleAsync(d => d.Id == _endpoint, Ct), run, now);
            version.NoteCheck(version.SettingsSha256, "{}", passed: true, now);
            db.Add(version);
            await db.SaveChangesAsync(Ct);
        }

        Task Approve() => service.ApproveAsync(_second, _project, _endpoint, version.Id, version.SettingsSha256, null, Ct);
        var refused = await RefusedAsync(Approve);
        Assert.Contains("Questions v1 and of Newer v1", refused.Message, StringComparison.Ordinal);
        await JudgedAsync(before, run);
        Assert.Contains("test rows of Newer v1", (await RefusedAsync(Approve)).Message, StringComparison.Ordinal);
        await JudgedAsync(newData, run);
        var card = await service.EvidenceAsync(_second, _project, _endpoint, version.Id, Ct);
        Assert.Equal([(true, 0.7), (false, 0.7)], card.Tests.Select(t => (t.IsLive, t.Figures!.Score)));
        await Approve();
    }

    [Fact]
    public async Task CandidateThatLearnedTheOldTestRows_IsApproved_OnlyForAWrittenReason()
    {
        var learned = await PublishedAsync(
            "All of it",
            Enumerable.Range(0, 100).Select(i => Row(i, $"Where is card number {i}?") with { Split = DataSplit.Train })
        );
        var dataset = (await _portal.Get<DatasetService>().ListAsync(_lead, _project, Ct)).Single(d => d.Name == "All of it").Id;
        await _portal.Get<DatasetPublishing>().AcceptLeaksAsync(_lead, _project, dataset, 1, "All rows shall be learned.", Ct);
        var run = await SubmitAsync(learned);
        await using var db = _portal.OpenDb();
        var now = _portal.Clock.GetUtcNow();
        var version = Draft(await db.Deployments.SingleAsync(d => d.Id == _endpoint, Ct), run, now);
        version.NoteCheck(version.SettingsSha256, "{}", passed: true, now);
        db.Add(version);
        await db.SaveChangesAsync(Ct);
        var service = _portal.Get<DeploymentService>();
        var card = await service.EvidenceAsync(_second, _project, _endpoint, version.Id, Ct);
        Assert.Contains($"learned {TestRows} of these {TestRows} rows", Assert.Single(card.Tests).WhyNot, StringComparison.Ordinal);
        await RefusedAsync(() => service.ApproveAsync(_second, _project, _endpoint, version.Id, version.SettingsSha256, null, Ct));
        await service.ApproveAsync(_second, _project, _endpoint, version.Id, version.SettingsSha256, "A first start with all rows.", Ct);
    }

    [Fact]
    public async Task Evaluation_OnRowsThatARunLearned_IsRefused_AndSaysHowMany()
    {
        var other = await PublishedAsync(
            "Other split",
            Enumerable
                .Range(0, 100)
                .Select(i => Row(i, $"Where is card number {i}?") with { Split = i is > 90 or < 5 ? DataSplit.Test : DataSplit.Train })
        );
        await using (var db = _portal.OpenDb())
        {
            (await db.Runs.SingleAsync(r => r.Id == _run, Ct)).Approve(
                _second.UserId,
                (await db.Runs.SingleAsync(r => r.Id == _run, Ct)).SpecSha256,
                _portal.Clock.GetUtcNow()
            );
            await db.SaveChangesAsync(Ct);
        }

        var refused = await RefusedAsync(() =>
            _portal.Get<EvaluationService>().StartAsync(_lead, _project, new EvaluationRequest([_run]) { DatasetVersionId = other }, Ct)
        );
        Assert.Contains("learned 9 of the 14 test rows", refused.Message, StringComparison.Ordinal);
    }

    private async Task JudgedAsync(Guid data, Guid run)
    {
        await using var db = _portal.OpenDb();
        var runs = await db.Runs.Where(r => r.Id == run || r.Id == _run).ToListAsync(Ct);
        var report = new EvaluationReport
        {
            Rows = TestRows,
            Metric = "accuracy",
            Models =
            [
                .. runs.Select(r => new ModelFigures(
                    AdapterNames.Of(r),
                    ModelKind.Tuned,
                    r.Id == run ? 0.7 : 0.6,
                    0.5,
                    0.8,
                    null,
                    null,
                    null,
                    1
                )),
            ],
        };
        var project = await db.Projects.SingleAsync(p => p.Id == _project, Ct);
        var evaluation = new Evaluation(
            _project,
            project.TakeNumber(),
            data,
            [_run, run],
            new EvaluateSpec { BaseModel = "tiny" }.ToText(),
            _lead.UserId,
            _portal.Clock.GetUtcNow(),
            Guid.CreateVersion7()
        );
        evaluation.Finish(JsonSerializer.Serialize(report, ProtocolJson.Document));
        db.Evaluations.Add(evaluation);
        await db.SaveChangesAsync(Ct);
    }

    private static Task<RuleViolationException> RefusedAsync(Func<Task> act) => Assert.ThrowsAsync<RuleViolationException>(act);
}
