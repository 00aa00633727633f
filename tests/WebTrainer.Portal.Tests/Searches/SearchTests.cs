using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Domain.Searches;
using WebTrainer.Jobs;
using WebTrainer.Models;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Features.Searches;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Tests.Shared;
using WebTrainer.Protocol;
using WebTrainer.Search;
using WebTrainer.Search.Pruning;
using WebTrainer.Search.Samplers;

namespace WebTrainer.Portal.Tests.Searches;

/// <summary>Searches with their conductor, one look after the other; what workers would do is written into the database by hand.</summary>
public sealed class SearchTests : IAsyncLifetime
{
    private readonly string _models = Directory.CreateTempSubdirectory("webtrainer-models-").FullName;
    private TestPortal _portal = null!;
    private Caller _engineer = null!;
    private Caller _lead = null!;
    private Caller _annotator = null!;
    private Guid _project;
    private Guid _version;

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
                .Configure<PortalOptions>(o => o.ModelsFolder = _models)
                .AddSingleton<Microsoft.Extensions.Configuration.IConfiguration>(
                    new Microsoft.Extensions.Configuration.ConfigurationBuilder().Build()
                )
                .Configure<JobsOptions>(o => o.WorkerPath = typeof(SearchTests).Assembly.Location) // no worker is started here
                .AddSingleton<Microsoft.EntityFrameworkCore.Diagnostics.ISaveChangesInterceptor, JobQuota>()
                .AddOptions<QuotaOptions>()
                .Services.AddRuns()
                .AddSearches()
        );
        (_engineer, _lead, _annotator) = (
            await _portal.AddUserAsync("eli"),
            await _portal.AddUserAsync("lea"),
            await _portal.AddUserAsync("ann")
        );
        _project = await _portal.AddProjectAsync(_lead, (_engineer, ProjectRole.Engineer), (_annotator, ProjectRole.Annotator));
        _version = await AddPublishedVersionAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        Directory.Delete(_models, recursive: true);
    }

    private SearchService Service => _portal.Get<SearchService>();

    private SearchConductor Conductor => _portal.Get<SearchConductor>();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Approve_OwnSearchOtherHashOrWithoutTheRight_IsRefused()
    {
        var own = await Service.SubmitAsync(_lead, _project, Request(), Ct);
        await Assert.ThrowsAsync<RuleViolationException>(async () =>
            await Service.ApproveAsync(_lead, _project, own, await HashAsync(own), Ct)
        );
        var search = await Service.SubmitAsync(_engineer, _project, Request(), Ct);
        await Assert.ThrowsAsync<RuleViolationException>(() => Service.ApproveAsync(_lead, _project, search, new string('0', 64), Ct));
        await Assert.ThrowsAsync<ForbiddenException>(async () =>
            await Service.ApproveAsync(_engineer, _project, search, await HashAsync(search), Ct)
        );
        await Assert.ThrowsAsync<ForbiddenException>(() => Service.SubmitAsync(_annotator, _project, Request(), Ct));
        var stranger = await _portal.AddUserAsync("eve");
        await Assert.ThrowsAsync<NotFoundException>(() => Service.GetAsync(stranger, _project, search, Ct));
        await Conductor.LookAsync(Ct);
        Assert.Empty(await TrialsAsync(search)); // nothing begins before it is approved
    }

    [Fact]
    public async Task Approved_TrialsAreApprovedRunsWithinItsBounds_OneInTheQueueAtATime()
    {
        var search = await StartAsync(Request() with { AtOnce = 3 });
        await Conductor.LookAsync(Ct);
        await Conductor.LookAsync(Ct);
        var trial = Assert.Single(await TrialsAsync(search));
        var run = trial.Run!;
        Assert.Equal(
            (ApprovalState.Approved, _engineer.UserId, _lead.UserId, search),
            (run.Approval, run.SubmittedBy, run.DecidedBy, run.SearchId!.Value)
        );
        Assert.Equal(JobSpec.Hash(run.Spec), run.SpecSha256);
        var point = TrialHistory.Point(trial);
        var spec = JobSpec.Read<TrainSpec>(run.Spec);
        Assert.Equal((point["learningRate"], (int)point["rank"]), (spec.Training.LearningRate, spec.Method.Rank));
        Assert.Equal(run.Spec, await File.ReadAllTextAsync(_portal.Get<RunFolders>().Of(run.JobId!.Value).Spec, Ct));
        await StartJobAsync(run.JobId.Value);
        await Conductor.LookAsync(Ct);
        Assert.Equal(2, (await TrialsAsync(search)).Count); // the first has a device now
    }

    [Fact]
    public async Task Trials_LearnFromTheApprovedSubset_AndValidateEquallyOften()
    {
        var search = await StartAsync(Request() with { Rows = 20, Validations = 5 });
        await Conductor.LookAsync(Ct);
        var spec = JobSpec.Read<TrainSpec>((await TrialsAsync(search))[0].Run!.Spec);
        Assert.Equal((20, 20), (spec.Data!.Train!.Rows, (await File.ReadAllLinesAsync(spec.Data.Train.Path, Ct)).Length));
        Assert.Equal(2, spec.Training.ValidateEverySteps); // 20 rows in batches of 2 are 10 steps
    }

    [Fact]
    public async Task AllTrialsMade_SearchIsCompleted_AndTheBestIsTheLowest()
    {
        var search = await StartAsync(Request() with { Trials = 3, Pruner = PrunerKind.None });
        foreach (var loss in new[] { 2.0, 1.0, 3.0 })
        {
            await Conductor.LookAsync(Ct);
            await FinishAsync((await TrialsAsync(search))[^1], JobState.Completed, loss);
        }

        await Conductor.LookAsync(Ct);
        var view = await Service.GetAsync(_lead, _project, search, Ct);
        Assert.Equal((SearchState.Completed, 1, 1.0), (view.Search.State, view.Best!.Number, view.Best.Value));
        Assert.Equal([TrialOutcome.Completed, TrialOutcome.Completed, TrialOutcome.Completed], view.Search.Trials.Select(t => t.Outcome));
    }

    [Fact]
    public async Task AfterARestart_TheNextTrialIsTheSame()
    {
        // Two searches of the same request; the second one's conductor is made anew for each look, as by a portal that starts again each
        // time.
        var (whole, restarted) = (await StartAsync(Request() with { Trials = 14 }), await StartAsync(Request() with { Trials = 14 }));
        for (var number = 0; number < 14; number++)
        {
            await ActivatorUtilities.CreateInstance<SearchConductor>(_portal.Services).LookAsync(Ct);
            foreach (var search in new[] { whole, restarted })
            {
                await FinishAsync((await TrialsAsync(search))[^1], JobState.Completed, 1 + number % 5);
            }
        }

        Assert.Equal((await TrialsAsync(whole)).Select(t => t.Point), (await TrialsAsync(restarted)).Select(t => t.Point));
        var view = await Service.GetAsync(_lead, _project, whole, Ct);
        var history = new List<Trial>();
        foreach (var trial in view.Trials)
        {
            Assert.Equal(
                TrialHistory.Write(trial.Point),
                TrialHistory.Write(
                    SamplerChoice.Of(view.Request.Sampler, view.Request.Trials).Next(view.Request.Space, history, view.Request.Seed)!
                )
            );
            history.Add(trial with { State = TrialState.Completed, Value = 1 + trial.Number % 5 });
        }
    }

    [Fact]
    public async Task BudgetSpent_RunningTrialIsStopped_AndNoOtherBegins()
    {
        var search = await StartAsync(Request() with { BudgetMinutes = 5 });
        await Conductor.LookAsync(Ct);
        var trial = Assert.Single(await TrialsAsync(search));
        await StartJobAsync(trial.Run!.JobId!.Value);
        await ReportAsync(trial.Run.JobId.Value, step: 5, loss: 2);
        _portal.Clock.Advance(TimeSpan.FromMinutes(4));
        await Conductor.LookAsync(Ct);
        Assert.Empty(Told(trial));
        _portal.Clock.Advance(TimeSpan.FromMinutes(1));
        await Conductor.LookAsync(Ct);
        Assert.Contains(ControlAction.Stop, Told(trial));
        await EndJobAsync(trial.Run.JobId.Value, JobState.Stopped);
        await Conductor.LookAsync(Ct);
        await Conductor.LookAsync(Ct);
        var view = await Service.GetAsync(_lead, _project, search, Ct);
        Assert.Equal((SearchState.Completed, 300.0), (view.Search.State, view.SpentSeconds));
        Assert.Contains("budget", view.Search.Note, StringComparison.Ordinal);
        var ended = Assert.Single(view.Search.Trials);
        Assert.Equal((TrialOutcome.Stopped, 2.0), (ended.Outcome, ended.Value));
    }

    [Fact]
    public async Task TrialWorseThanTheOthersAtTheSamePoint_IsPruned()
    {
        var search = await StartAsync(Request() with { Pruner = PrunerKind.Median });
        for (var number = 0; number < 4; number++)
        {
            await Conductor.LookAsync(Ct);
            var job = (await TrialsAsync(search))[^1].Run!.JobId!.Value;
            await StartJobAsync(job);
            await ReportAsync(job, step: 5, loss: 1);
            await ReportAsync(job, step: 10, loss: 0.5);
            await EndJobAsync(job, JobState.Completed);
        }

        await Conductor.LookAsync(Ct);
        var trial = (await TrialsAsync(search))[^1];
        await StartJobAsync(trial.Run!.JobId!.Value);
        await ReportAsync(trial.Run.JobId.Value, step: 5, loss: 0.9);
        await Conductor.LookAsync(Ct);
        Assert.Empty(Told(trial));
        await ReportAsync(trial.Run.JobId.Value, step: 6, loss: 1.1);
        await ReportAsync(trial.Run.JobId.Value, step: 7, loss: 1.2);
        await Conductor.LookAsync(Ct);
        Assert.Empty(Told(trial)); // its best so far is still better
        await FinishAsync(trial, JobState.Completed, 0.6);
        await Conductor.LookAsync(Ct);
        var bad = (await TrialsAsync(search))[^1];
        await StartJobAsync(bad.Run!.JobId!.Value);
        await ReportAsync(bad.Run.JobId.Value, step: 5, loss: 1.5);
        await Conductor.LookAsync(Ct);
        Assert.Equal([ControlAction.Stop], Told(bad));
        await EndJobAsync(bad.Run.JobId.Value, JobState.Stopped);
        await Conductor.LookAsync(Ct);
        Assert.Equal((TrialOutcome.Pruned, 1.5), ((await TrialsAsync(search))[5].Outcome, (await TrialsAsync(search))[5].Value));
    }

    [Fact]
    public async Task PauseAndStop_BeginNothingNew_AndStopEndsWhatRuns()
    {
        var search = await StartAsync(Request() with { AtOnce = 2 });
        await Conductor.LookAsync(Ct);
        var trial = Assert.Single(await TrialsAsync(search));
        await StartJobAsync(trial.Run!.JobId!.Value);
        await Service.PauseAsync(_engineer, _project, search, Ct);
        await Conductor.LookAsync(Ct);
        Assert.Single(await TrialsAsync(search));
        await Service.ContinueAsync(_engineer, _project, search, Ct);
        await Conductor.LookAsync(Ct);
        Assert.Equal(2, (await TrialsAsync(search)).Count);
        await Service.StopAsync(_engineer, _project, search, Ct);
        await Conductor.LookAsync(Ct);
        Assert.Equal([ControlAction.Stop], Told(trial));
        await Conductor.LookAsync(Ct);
        Assert.Equal(JobState.Stopped, (await TrialsAsync(search))[1].Run!.Job!.State); // it waited in the queue
        await Assert.ThrowsAsync<RuleViolationException>(() => Service.ContinueAsync(_engineer, _project, search, Ct));
    }

    [Fact]
    public async Task TrialsThatAllFail_PauseTheSearch()
    {
        var search = await StartAsync(Request());
        for (var number = 0; number < SearchConductor.FailuresInARow; number++)
        {
            await Conductor.LookAsync(Ct);
            var job = (await TrialsAsync(search))[^1].Run!.JobId!.Value;
            await StartJobAsync(job);
            await EndJobAsync(job, JobState.Failed);
        }

        await Conductor.LookAsync(Ct);
        var view = await Service.GetAsync(_lead, _project, search, Ct);
        Assert.Equal((SearchState.Paused, 3), (view.Search.State, view.Trials.Count));
        Assert.Contains("failed", view.Search.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAgain_IsARunOfItsOwnOnAllRows_ThatWaitsForApproval()
    {
        var search = await StartAsync(Request() with { Rows = 20 });
        await Conductor.LookAsync(Ct);
        var trial = Assert.Single(await TrialsAsync(search));
        var again = await _portal
            .Get<RunService>()
            .GetAsync(_lead, _project, await Service.RunAgainAsync(_engineer, _project, search, 0, Ct), Ct);
        Assert.Equal((ApprovalState.Submitted, null, 40), (again.Run.Approval, again.Run.SearchId, (int)again.Spec.Data!.Train!.Rows));
        Assert.Equal(TrialHistory.Point(trial)["learningRate"], again.Spec.Training.LearningRate);
    }

    [Theory]
    [MemberData(nameof(Senseless))]
    public async Task Submit_SenselessRequest_IsNamed(Func<SearchRequest, SearchRequest> change, string named)
    {
        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() =>
            Service.SubmitAsync(_engineer, _project, change(Request()), Ct)
        );
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    public static TheoryData<Func<SearchRequest, SearchRequest>, string> Senseless =>
        new()
        {
            { r => r with { Trials = 0 }, "number of trials" },
            { r => r with { BudgetMinutes = 0 }, "budget" },
            { r => r with { Space = new SearchSpace([new FloatParameter("temperature", 0, 1)]) }, "no setting 'temperature'" },
            { r => r with { Space = new SearchSpace([new FloatParameter("rank", 4, 8)]) }, "whole numbers" },
            { r => r with { Space = new SearchSpace([new FloatParameter("learningRate", 0.1, 5)]) }, "(training.learningRate) is 5" },
            { r => r with { Space = new SearchSpace([new ChoiceParameter("rank", ["8", "many"])]) }, "'many'" },
            { r => r with { Space = new SearchSpace([new ChoiceParameter("method", ["LoRA", "DoRA"])]) }, "embed_tokens" },
            { r => r with { Objective = SearchObjective.Accuracy }, "closed set of labels" },
        };

    [Fact]
    public async Task Search_WhoseTeacherIsGone_SaysSo_AndTheOthersGoOn()
    {
        var teacher = Path.Combine(_models, "teacher");
        Directory.CreateDirectory(teacher);
        File.Copy(Path.Combine(_models, "tiny", "config.json"), Path.Combine(teacher, "config.json"));
        var request = Request();
        var first = await StartAsync(
            request with
            {
                Run = request.Run with
                {
                    Objective = new ObjectiveSpec { Kind = ObjectiveKind.Distillation, Teacher = "teacher" },
                },
            }
        );
        var second = await StartAsync(request);
        Directory.Delete(teacher, recursive: true);
        for (var look = 0; look <= SearchConductor.FailuresInARow; look++)
        {
            await Conductor.LookAsync(Ct);
        }

        Assert.Single(await TrialsAsync(second));
        Assert.All(await TrialsAsync(first), trial => Assert.Contains("teacher", trial.Reason, StringComparison.Ordinal));
        Assert.Equal(SearchState.Paused, (await Service.GetAsync(_lead, _project, first, Ct)).Search.State);
    }

    [Fact]
    public async Task Search_OfSomebodyWhoseQueueIsFull_WaitsAndSaysSo_AndTheOthersGoOn()
    {
        var (first, second) = (await StartAsync(Request()), Guid.Empty);
        var other = await _portal.AddUserAsync("bea");
        await using (var db = _portal.OpenDb())
        {
            db.Memberships.Add(new Membership(_project, other.UserId, ProjectRole.Engineer, _portal.Clock.GetUtcNow()));
            db.Jobs.AddRange(
                Enumerable
                    .Range(0, new QuotaOptions().QueuedJobsOfPerson)
                    .Select(_ => new Job(_project, "train", _engineer.UserId, _portal.Clock.GetUtcNow()))
            );
            await db.SaveChangesAsync(Ct);
            second = await Service.SubmitAsync(other, _project, Request(), Ct);
            await Service.ApproveAsync(_lead, _project, second, await HashAsync(second), Ct);
        }

        await Conductor.LookAsync(Ct);
        Assert.Empty(await TrialsAsync(first));
        Assert.Single(await TrialsAsync(second));
        var waiting = (await Service.GetAsync(_lead, _project, first, Ct)).Search;
        Assert.Equal(SearchState.Running, waiting.State);
        Assert.Contains("wait in the queue", waiting.Note, StringComparison.Ordinal);
        await using (var db = _portal.OpenDb())
        {
            await db.Jobs.Where(j => j.CreatedBy == _engineer.UserId).ExecuteDeleteAsync(Ct);
        }

        await Conductor.LookAsync(Ct);
        Assert.Single(await TrialsAsync(first));
        Assert.Null((await Service.GetAsync(_lead, _project, first, Ct)).Search.Note);
    }

    [Fact]
    public async Task Search_WhoseBaseWasReplacedAfterItsApproval_HasTrialsOfTheApprovedOne()
    {
        var approved = await StartAsync(Request());
        await File.WriteAllBytesAsync(Path.Combine(_models, "tiny", "model.safetensors"), [1, 2, 3], Ct);
        await Conductor.LookAsync(Ct);
        var trial = JobSpec.Read<TrainSpec>(Assert.Single(await TrialsAsync(approved)).Run!.Spec);
        Assert.NotEqual(ModelHash.Of(Path.Combine(_models, "tiny")), trial.BaseModelSha256); // which the worker refuses
    }

    private SearchRequest Request() =>
        new()
        {
            Name = "try",
            Run = new RunRequest
            {
                DatasetVersionId = _version,
                BaseModel = "tiny",
                Training = new TrainingSettings { MicroBatch = 2, Epochs = 1 },
            },
            Space = new SearchSpace([
                new FloatParameter("learningRate", 1e-4, 1e-2, Logarithmic: true),
                new IntegerParameter("rank", 4, 64, Logarithmic: true),
            ]),
            Trials = 20,
            BudgetMinutes = 1000,
        };

    private async Task<Guid> StartAsync(SearchRequest request)
    {
        var search = await Service.SubmitAsync(_engineer, _project, request, Ct);
        await Service.ApproveAsync(_lead, _project, search, await HashAsync(search), Ct);
        return search;
    }

    private async Task<string> HashAsync(Guid search) => (await Service.GetAsync(_lead, _project, search, Ct)).Search.SpecSha256;

    private async Task<List<SearchTrial>> TrialsAsync(Guid search)
    {
        await using var db = _portal.OpenDb();
        return await db
            .SearchTrials.AsNoTracking()
            .Include(t => t.Run!.Job)
            .Where(t => t.SearchId == search)
            .OrderBy(t => t.Number)
            .ToListAsync(Ct);
    }

    private IReadOnlyList<ControlAction> Told(SearchTrial trial) =>
        [
            .. new ControlReader(_portal.Get<RunFolders>().Of(trial.Run!.JobId!.Value).Control, DateTimeOffset.MinValue)
                .Poll()
                .Select(m => m.Action),
        ];

    private async Task FinishAsync(SearchTrial trial, JobState state, double loss)
    {
        var job = trial.Run!.JobId!.Value;
        await StartJobAsync(job);
        await ReportAsync(job, step: 10, loss);
        await EndJobAsync(job, state);
    }

    private Task StartJobAsync(Guid job) =>
        ChangeJobAsync(
            job,
            j =>
            {
                if (j.State == JobState.Queued)
                {
                    j.Start("cpu:0", _portal.Clock.GetUtcNow());
                }
            }
        );

    private Task EndJobAsync(Guid job, JobState state) => ChangeJobAsync(job, j => j.End(state, _portal.Clock.GetUtcNow()));

    private async Task ReportAsync(Guid job, int step, double loss)
    {
        await ChangeJobAsync(job, j => j.Advanced(step, 10, step / 10.0, null));
        await using var db = _portal.OpenDb();
        db.JobMetrics.Add(
            new JobMetric
            {
                JobId = job,
                Seq = 100 + step,
                Step = step,
                ValidationLoss = loss,
                Time = _portal.Clock.GetUtcNow(),
            }
        );
        await db.SaveChangesAsync(Ct);
    }

    private async Task ChangeJobAsync(Guid id, Action<Job> change)
    {
        await using var db = _portal.OpenDb();
        change(await db.Jobs.SingleAsync(j => j.Id == id, Ct));
        await db.SaveChangesAsync(Ct);
    }

    private async Task<Guid> AddPublishedVersionAsync()
    {
        await using var db = _portal.OpenDb();
        var dataset = new Dataset(_project, "rows", _lead.UserId, _portal.Clock.GetUtcNow());
        var version = new DatasetVersion(dataset, 1, VersionKind.Split, new string('a', 64), 1, 1, _lead.UserId, _portal.Clock.GetUtcNow());
        var files = new DatasetFiles { Train = await FileAsync(40), Validation = await FileAsync(5) };
        version.Publish(JsonSerializer.Serialize(files, ProtocolJson.Line), _lead.UserId, _portal.Clock.GetUtcNow());
        db.AddRange(dataset, version);
        await db.SaveChangesAsync(Ct);
        return version.Id;
    }

    private async Task<DatasetFile> FileAsync(int rows)
    {
        var store = _portal.Get<FileStore>();
        var path = store.NewTemporaryPath();
        await File.WriteAllLinesAsync(path, Enumerable.Range(0, rows).Select(i => $$"""{"id":"{{i}}"}"""), Ct);
        var sha256 = await store.AddAsync(path, Ct);
        return new DatasetFile(store.PathOf(sha256), sha256, rows);
    }
}
