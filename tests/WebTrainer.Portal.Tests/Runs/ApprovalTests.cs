using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Models;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Tests.Shared;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Runs;

/// <summary>Submission and approval: by whom, of what, and what is left behind.</summary>
public sealed class ApprovalTests : IAsyncLifetime
{
    private const int Approvers = 100;
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
                // no worker is started here
                .Configure<WebTrainer.Jobs.JobsOptions>(o => o.WorkerPath = typeof(ApprovalTests).Assembly.Location)
                .AddRuns()
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

    private RunService Service => _portal.Get<RunService>();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Withdraw_OwnRun_IsTakenBackForGood_AndNobodyApprovesIt()
    {
        var (run, hash) = await SubmitAsync(_engineer);
        await Assert.ThrowsAsync<RuleViolationException>(() => Service.WithdrawAsync(_lead, _project, run, Ct));
        await Service.WithdrawAsync(_engineer, _project, run, Ct);
        var view = await Service.GetAsync(_engineer, _project, run, Ct);
        Assert.Equal((ApprovalState.Withdrawn, "withdrawn"), (view.Run.Approval, view.Status.Word));
        Assert.Contains(
            "already withdrawn",
            (await Assert.ThrowsAsync<RuleViolationException>(() => Service.ApproveAsync(_lead, _project, run, hash, Ct))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "already withdrawn",
            (await Assert.ThrowsAsync<RuleViolationException>(() => Service.WithdrawAsync(_engineer, _project, run, Ct))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task RequestOf_ARun_SubmitsTheSameSettingsAgain()
    {
        var (first, _) = await SubmitAsync(_engineer);
        var again = await Service.SubmitAsync(_engineer, _project, await Service.RequestOfAsync(_engineer, _project, first, Ct), Ct);
        var (a, b) = (await Service.GetAsync(_engineer, _project, first, Ct), await Service.GetAsync(_engineer, _project, again, Ct));
        Assert.Equal(a.Spec.ToText(), (b.Spec with { RunId = a.Spec.RunId }).ToText());
        Assert.Equal(a.Run.Name, b.Run.Name);
    }

    [Fact]
    public async Task Submit_DeviceThatTheServerHasNot_IsRefusedWithThoseItHas()
    {
        var request = await Service.RequestOfAsync(_engineer, _project, (await SubmitAsync(_engineer)).Run, Ct) with { Device = "cuda:4" };
        Assert.Contains(
            "'cuda:4'; this server has any, cpu.",
            (await Assert.ThrowsAsync<RuleViolationException>(() => Service.SubmitAsync(_engineer, _project, request, Ct))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Approve_ByAHundredAtOnce_MakesOneJobAndOneAuditEntry()
    {
        var (run, hash) = await SubmitAsync(_engineer);
        var tries = await Task.WhenAll(
            Enumerable.Range(0, Approvers).Select(_ => Task.Run(() => TryAsync(() => Service.ApproveAsync(_lead, _project, run, hash, Ct))))
        );
        Assert.Equal(1, tries.Count(error => error is null));
        Assert.All(
            tries.Where(error => error is not null),
            error => Assert.True(error is ConflictException or RuleViolationException, error!.ToString())
        );
        await using var db = _portal.OpenDb();
        Assert.Equal(1, await db.Jobs.CountAsync(Ct));
        Assert.Equal(1, await db.Audit.CountAsync(e => e.Action == "run.approved", Ct));
    }

    [Fact]
    public async Task Approve_OwnRun_IsRefused()
    {
        var (run, hash) = await SubmitAsync(_lead);
        await Assert.ThrowsAsync<RuleViolationException>(() => Service.ApproveAsync(_lead, _project, run, hash, Ct));
    }

    [Fact]
    public async Task Approve_OtherHash_IsRefused()
    {
        var (run, _) = await SubmitAsync(_engineer);
        await Assert.ThrowsAsync<RuleViolationException>(() => Service.ApproveAsync(_lead, _project, run, new string('0', 64), Ct));
    }

    [Fact]
    public async Task Roles_SubmitApproveAndView_AreChecked()
    {
        var (run, hash) = await SubmitAsync(_engineer);
        await Assert.ThrowsAsync<ForbiddenException>(() => Service.ApproveAsync(_engineer, _project, run, hash, Ct));
        await Assert.ThrowsAsync<ForbiddenException>(() => Service.GetAsync(_annotator, _project, run, Ct));
        await Assert.ThrowsAsync<NotFoundException>(async () =>
            await Service.GetAsync(await _portal.AddUserAsync("eve"), _project, run, Ct)
        );
    }

    [Fact]
    public async Task Get_ThroughAnotherProject_IsNotFound()
    {
        var (run, _) = await SubmitAsync(_engineer);
        var other = await _portal.AddProjectAsync(_lead);
        await Assert.ThrowsAsync<NotFoundException>(() => Service.GetAsync(_lead, other, run, Ct));
    }

    [Fact]
    public async Task Token_WithoutTheScope_IsRefused()
    {
        var reader = _engineer with { Scopes = new HashSet<string> { Domain.Access.TokenScopes.Read } };
        await Assert.ThrowsAsync<ForbiddenException>(() => Service.SubmitAsync(reader, _project, Request(), Ct));
        await using var db = _portal.OpenDb();
        Assert.Equal(
            Domain.Access.TokenScopes.WriteRuns,
            Assert.Single(await db.Audit.Where(e => e.Action == "access.refused").ToListAsync(Ct)).Subject
        );
    }

    [Theory]
    [InlineData(0, 1e-3, 128, "rank")]
    [InlineData(8, 2, 128, "Learning rate")]
    [InlineData(8, 1e-3, 1024, "reads at most 512")]
    public async Task Submit_SenselessSetting_IsNamed(int rank, double learningRate, int context, string named)
    {
        var request = Request() with
        {
            Method = new MethodSpec { Rank = rank },
            Training = new TrainingSettings { LearningRate = learningRate, ContextTokens = context },
        };
        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() => Service.SubmitAsync(_engineer, _project, request, Ct));
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LeakingData_IsBlockedAtSubmissionAndApproval_UntilALeadAnswers()
    {
        var (run, hash) = await SubmitAsync(_engineer);
        await ChangeVersionAsync(v => v.NoteLeaks(3, "{}"));
        await Assert.ThrowsAsync<RuleViolationException>(() => Service.SubmitAsync(_engineer, _project, Request(), Ct));
        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() => Service.ApproveAsync(_lead, _project, run, hash, Ct));
        Assert.Contains("3 rows", refusal.Message, StringComparison.Ordinal);
        await ChangeVersionAsync(v => v.AcceptLeaks("They are set phrases.", _lead.UserId, _portal.Clock.GetUtcNow()));
        await Service.ApproveAsync(_lead, _project, run, hash, Ct);
    }

    [Fact]
    public async Task Approve_OfSettingsThatWereChangedInTheDatabase_IsRefusedAndNoted()
    {
        var (run, hash) = await SubmitAsync(_engineer);
        await using (var db = _portal.OpenDb())
        {
            await db
                .Runs.Where(r => r.Id == run)
                .ExecuteUpdateAsync(set => set.SetProperty(r => r.Spec, r => r.Spec.Replace("42", "43")), Ct);
        }

        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() => Service.ApproveAsync(_lead, _project, run, hash, Ct));
        Assert.Contains("not those that were submitted", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(StoredSpec.Changed, (await Service.GetAsync(_lead, _project, run, Ct)).Problem);
        await using var later = _portal.OpenDb();
        Assert.Empty(await later.Jobs.ToListAsync(Ct));
        Assert.Equal(
            1,
            await later.Audit.CountAsync(
                e => e.Action == "run.approval-refused" && e.Subject == run.ToString() && e.UserId == _lead.UserId,
                Ct
            )
        );
    }

    [Fact]
    public async Task Approve_WritesTheApprovedTextToTheLetter()
    {
        var (run, hash) = await SubmitAsync(_engineer);
        await Service.ApproveAsync(_lead, _project, run, hash, Ct);
        var job = (await Service.GetAsync(_lead, _project, run, Ct)).Run.JobId!.Value;
        Assert.Equal(hash, JobSpec.Hash(await File.ReadAllTextAsync(_portal.Get<WebTrainer.Jobs.RunFolders>().Of(job).Spec, Ct)));
    }

    [Theory]
    [InlineData(null, null, "has not noted yet")]
    [InlineData("m.weber", null, "has not noted yet")]
    [InlineData("m.weber", "M.Weber", "the same person")]
    [InlineData("m.weber", "k.lang", null)]
    public async Task Approve_WhereTheProjectSeparatesPeople_NeedsTwoPersonsOfTheDirectory(
        string? submitter,
        string? approver,
        string? refused
    )
    {
        await using (var db = _portal.OpenDb())
        {
            (await db.Projects.SingleAsync(p => p.Id == _project, Ct)).SeparatePeople(true);
            (await db.Users.SingleAsync(u => u.Id == _engineer.UserId, Ct)).DirectoryId = submitter;
            (await db.Users.SingleAsync(u => u.Id == _lead.UserId, Ct)).DirectoryId = approver;
            await db.SaveChangesAsync(Ct);
        }

        var (run, hash) = await SubmitAsync(_engineer);
        if (refused is null)
        {
            await Service.ApproveAsync(_lead, _project, run, hash, Ct);
        }
        else
        {
            Assert.Contains(
                refused,
                (await Assert.ThrowsAsync<RuleViolationException>(() => Service.ApproveAsync(_lead, _project, run, hash, Ct))).Message,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public async Task Submit_NotesWhichModelItIs_AndAnotherUnderTheSameNameIsAnother()
    {
        var (first, _) = await SubmitAsync(_engineer);
        var before = (await Service.GetAsync(_lead, _project, first, Ct)).Spec.BaseModelSha256;
        await File.AppendAllTextAsync(Path.Combine(_models, "tiny", "README.md"), "A card is no part of the model.", Ct);
        var (second, _) = await SubmitAsync(_engineer);
        Assert.Equal(before, (await Service.GetAsync(_lead, _project, second, Ct)).Spec.BaseModelSha256);
        await File.WriteAllBytesAsync(Path.Combine(_models, "tiny", "model.safetensors"), [1, 2, 3], Ct);
        var (third, _) = await SubmitAsync(_engineer);
        Assert.NotEqual(before, (await Service.GetAsync(_lead, _project, third, Ct)).Spec.BaseModelSha256);
    }

    [Fact]
    public async Task Refusals_AreInTheAuditLog_TheSameOnceAMinute()
    {
        var (run, hash) = await SubmitAsync(_engineer);
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<ForbiddenException>(() => Service.ApproveAsync(_engineer, _project, run, hash, Ct));
        }

        var stranger = await _portal.AddUserAsync("eve");
        await Assert.ThrowsAsync<NotFoundException>(() => Service.GetAsync(stranger, _project, run, Ct));
        await Assert.ThrowsAsync<NotFoundException>(() => Service.GetAsync(stranger, Guid.NewGuid(), run, Ct));
        await using (var db = _portal.OpenDb())
        {
            var refused = await db.Audit.Where(e => e.Action == "access.refused").OrderBy(e => e.Id).ToListAsync(Ct);
            Assert.Equal(
                [
                    (_engineer.UserId, _project, "ApproveRuns"),
                    (stranger.UserId, _project, "ViewResults"),
                    (stranger.UserId, null, "ViewResults"),
                ],
                refused.Select(e => (e.UserId, e.ProjectId, e.Subject))
            );
        }

        _portal.Clock.Advance(TimeSpan.FromMinutes(2));
        await Assert.ThrowsAsync<ForbiddenException>(() => Service.ApproveAsync(_engineer, _project, run, hash, Ct));
        await using var later = _portal.OpenDb();
        Assert.Equal(4, await later.Audit.CountAsync(e => e.Action == "access.refused", Ct));
    }

    [Fact]
    public async Task Submit_OnAnEncoderDecoder_IsTaken_AndWhatItCannotDo_IsRefusedByName()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_models, "t5")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(folder, "config.json"),
            """{"architectures":["T5ForConditionalGeneration"],"model_type":"t5","d_model":64,"num_layers":2}""",
            Ct
        );
        var model = _portal.Get<ModelCatalog>().Get("t5");
        Assert.Equal(("encoder-decoder", 512, 2, 64), (model.Kind, model.ContextTokens, model.Layers, model.Width));
        var request = Request() with
        {
            BaseModel = "t5",
            Method = new MethodSpec { Targets = [MethodSpec.AllLinearName] },
        };
        var run = await Service.SubmitAsync(_engineer, _project, request, Ct);
        Assert.Equal(ApprovalState.Submitted, (await Service.GetAsync(_engineer, _project, run, Ct)).Run.Approval);
        await RefusedAsync(request with { Training = request.Training with { Packing = true } }, "Packing");
        await RefusedAsync(request with { Objective = new() { Kind = ObjectiveKind.Preferences } }, "Preference training");
        await RefusedAsync(request with { Classifier = new() }, "no encoder");
        await RefusedAsync(
            request with
            {
                Objective = new() { Kind = ObjectiveKind.Distillation, Teacher = "tiny" },
            },
            "of another kind"
        );

        async Task RefusedAsync(RunRequest refused, string words) =>
            Assert.Contains(
                words,
                (await Assert.ThrowsAsync<RuleViolationException>(() => Service.SubmitAsync(_engineer, _project, refused, Ct))).Message,
                StringComparison.Ordinal
            );
    }

    private async Task ChangeVersionAsync(Action<DatasetVersion> change)
    {
        await using var db = _portal.OpenDb();
        change(await db.DatasetVersions.SingleAsync(v => v.Id == _version, Ct));
        await db.SaveChangesAsync(Ct);
    }

    private RunRequest Request() =>
        new()
        {
            DatasetVersionId = _version,
            BaseModel = "tiny",
            Name = "try",
        };

    private async Task<(Guid Run, string Hash)> SubmitAsync(Caller caller)
    {
        var run = await Service.SubmitAsync(caller, _project, Request(), Ct);
        return (run, (await Service.GetAsync(_lead, _project, run, Ct)).Run.SpecSha256);
    }

    private static async Task<Exception?> TryAsync(Func<Task> act)
    {
        try
        {
            await act();
            return null;
        }
        catch (Exception ex)
        {
            return ex;
        }
    }

    private async Task<Guid> AddPublishedVersionAsync()
    {
        await using var db = _portal.OpenDb();
        var dataset = new Dataset(_project, "rows", _lead.UserId, _portal.Clock.GetUtcNow());
        var version = new DatasetVersion(dataset, 1, VersionKind.Split, new string('a', 64), 1, 1, _lead.UserId, _portal.Clock.GetUtcNow());
        var files = new DatasetFiles { Train = new DatasetFile("train.jsonl", new string('b', 64), 1) };
        version.Publish(JsonSerializer.Serialize(files, ProtocolJson.Line), _lead.UserId, _portal.Clock.GetUtcNow());
        db.AddRange(dataset, version);
        await db.SaveChangesAsync(Ct);
        return version.Id;
    }

    private sealed class FakeHost(string root) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Test";
        public string ApplicationName { get; set; } = "WebTrainer";
        public string ContentRootPath { get; set; } = root;
        public Microsoft.Extensions.FileProviders.IFileProvider ContentRootFileProvider { get; set; } =
            new Microsoft.Extensions.FileProviders.NullFileProvider();
    }
}
