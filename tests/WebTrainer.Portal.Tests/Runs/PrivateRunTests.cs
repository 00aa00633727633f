using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Tests.Shared;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Runs;

/// <summary>Runs with a privacy budget: what is submitted, refused, and added up over a version.</summary>
public sealed class PrivateRunTests : IAsyncLifetime
{
    private readonly string _models = Directory.CreateTempSubdirectory("webtrainer-models-").FullName;
    private TestPortal _portal = null!;
    private Caller _lead = null!;
    private Caller _engineer = null!;
    private Guid _project;
    private Guid _version;

    public async ValueTask InitializeAsync()
    {
        foreach (var (name, type) in ((string, string)[])[("tiny", "llama"), ("many", "mixtral")])
        {
            await File.WriteAllTextAsync(
                Path.Combine(Directory.CreateDirectory(Path.Combine(_models, name)).FullName, "config.json"),
                $$"""{"architectures":["X"],"model_type":"{{type}}","max_position_embeddings":512}"""
            );
        }

        _portal = await TestPortal.StartAsync(services =>
            services
                .AddSingleton<IHostEnvironment>(new FakeHost(_models))
                .Configure<PortalOptions>(o => o.ModelsFolder = _models)
                .AddSingleton<Microsoft.Extensions.Configuration.IConfiguration>(
                    new Microsoft.Extensions.Configuration.ConfigurationBuilder().Build()
                )
                // no worker is started here
                .Configure<WebTrainer.Jobs.JobsOptions>(o => o.WorkerPath = typeof(PrivateRunTests).Assembly.Location)
                .AddRuns()
        );
        (_lead, _engineer) = (await _portal.AddUserAsync("lea"), await _portal.AddUserAsync("eli"));
        _project = await _portal.AddProjectAsync(_lead, (_engineer, ProjectRole.Engineer));
        _version = await AddVersionAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        Directory.Delete(_models, recursive: true);
    }

    private RunService Service => _portal.Get<RunService>();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Submit_WithABudget_PutsItIntoTheSpec_AndRepeatsIt()
    {
        var id = await Service.SubmitAsync(_engineer, _project, Request(new PrivacySpec { Epsilon = 3, ClipNorm = 0.5 }), Ct);
        var view = await Service.GetAsync(_engineer, _project, id, Ct);
        Assert.Equal(new PrivacySpec { Epsilon = 3, ClipNorm = 0.5 }, view.Spec.Privacy);
        Assert.Contains(view.Settings, line => line is { Name: "Privacy budget (ε)", Value: "3" });
        Assert.Contains(view.Settings, line => line is { Name: "Privacy's δ", Value: "1 ÷ rows" });
        Assert.Equal(view.Spec.Privacy, (await Service.RequestOfAsync(_engineer, _project, id, Ct)).Privacy);
    }

    [Fact]
    public async Task Submit_WithoutABudget_LeavesTheSpecAsItWas()
    {
        var id = await Service.SubmitAsync(_engineer, _project, Request(new PrivacySpec()), Ct);
        var view = await Service.GetAsync(_engineer, _project, id, Ct);
        Assert.Null(view.Spec.Privacy);
        Assert.DoesNotContain("privacy", view.Run.Spec, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(view.Settings, line => line is { Name: "Privacy budget (ε)", Value: "no privacy" });
    }

    [Fact]
    public async Task Submit_WhatNoBudgetCovers_IsRefusedByName()
    {
        var request = Request(new PrivacySpec { Epsilon = 3 });
        await RefusedAsync(request with { Method = new() { Method = TuningMethod.Full } }, "Full fine-tuning");
        await RefusedAsync(request with { Objective = new() { Kind = ObjectiveKind.Preferences } }, "Preference losses");
        await RefusedAsync(
            request with
            {
                BaseModel = "many",
                Method = new() { Targets = [MethodSpec.AllLinearName] },
            },
            "experts"
        );
        await RefusedAsync(
            request with
            {
                Privacy = new() { Epsilon = 3, GroupColumn = "patient" },
            },
            "has no 'patient'"
        );
    }

    [Fact]
    public async Task Submit_WithAColumnOfGroups_WritesWhoseEachTrainingRowIs_WithoutTheirNames()
    {
        var request = Request(new PrivacySpec { Epsilon = 3, GroupColumn = "clinic" });
        var (first, again) = (await SpecAsync(request), await SpecAsync(request));
        var file = first.Data!.Groups!;
        Assert.Equal((file, 6), (again.Data!.Groups!, file.Rows));
        var text = await File.ReadAllTextAsync(file.Path, Ct);
        Assert.DoesNotContain("clinic", text, StringComparison.Ordinal);
        var rows = text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<GroupedRow>(line, ProtocolJson.Line)!)
            .ToList();
        Assert.Equal(["r0", "r1", "r2", "r3", "r4", "r5"], rows.Select(row => row.Id));
        Assert.Equal([2, 2, 2], rows.GroupBy(row => row.Group).Select(group => group.Count()));
        Assert.Equal(rows[0].Group, rows[3].Group);

        async Task<TrainSpec> SpecAsync(RunRequest asked) =>
            (await Service.GetAsync(_engineer, _project, await Service.SubmitAsync(_engineer, _project, asked, Ct), Ct)).Spec;
    }

    /// <summary>Runs that were killed or stopped have told something too.</summary>
    [Fact]
    public async Task OfVersion_AddsUpWhatItsRunsHaveTold_AndNamesThoseWithoutABudget()
    {
        Assert.Empty((await LossesAsync()).Runs);
        await RunAsync(new PrivacySpec { Epsilon = 3 }, new(1, 0.5, 3, 0.01, 0.1, 1), new(9, 1.25, 3, 0.01, 0.1, 1));
        await RunAsync(new PrivacySpec { Epsilon = 8 }, new PrivacyEvent(4, 2, 8, 0.02, 0.1, 1));
        await RunAsync(new PrivacySpec { Epsilon = 8 }, new PrivacyEvent(4, 5, 8, 0.03, 0.1, 1, "patient"));
        await RunAsync(privacy: null);
        await Service.SubmitAsync(_engineer, _project, Request(new PrivacySpec { Epsilon = 1 }), Ct); // told nothing yet

        var losses = await LossesAsync();
        Assert.Equal([1.25, 2, 5], losses.Runs.Select(run => run.Spent!.Epsilon));
        Assert.Equal([4], losses.Unbounded);
        Assert.Equal([null, "patient"], losses.Sums.Select(sum => sum.Group));
        Assert.Equal((3.25, 2), (losses.Sums[0].Epsilon, losses.Sums[0].Runs));
        Assert.Equal(0.03, losses.Sums[0].Delta, 1e-12);
        var stranger = await _portal.AddUserAsync("sam");
        await Assert.ThrowsAnyAsync<Exception>(() => _portal.Get<PrivacyLosses>().OfVersionAsync(stranger, _project, _version, Ct));
    }

    private Task<VersionPrivacy> LossesAsync() => _portal.Get<PrivacyLosses>().OfVersionAsync(_engineer, _project, _version, Ct);

    private async Task RunAsync(PrivacySpec? privacy, params PrivacyEvent[] told)
    {
        var id = await Service.SubmitAsync(_engineer, _project, Request(privacy), Ct);
        var hash = (await Service.GetAsync(_engineer, _project, id, Ct)).Run.SpecSha256;
        await Service.ApproveAsync(_lead, _project, id, hash, Ct);
        await using var db = _portal.OpenDb();
        var job = (await db.Runs.Include(r => r.Job).SingleAsync(r => r.Id == id, Ct)).Job!;
        job.Start("cpu:0", DateTimeOffset.UnixEpoch);
        db.JobEvents.AddRange(
            told.Select(
                (entry, i) =>
                    new JobEvent
                    {
                        JobId = job.Id,
                        Seq = i + 1,
                        Time = DateTimeOffset.UnixEpoch,
                        Type = "privacy",
                        Json = JsonSerializer.Serialize<RunEvent>(entry, ProtocolJson.Line),
                    }
            )
        );
        await db.SaveChangesAsync(Ct);
    }

    private async Task RefusedAsync(RunRequest refused, string words) =>
        Assert.Contains(
            words,
            (await Assert.ThrowsAsync<RuleViolationException>(() => Service.SubmitAsync(_engineer, _project, refused, Ct))).Message,
            StringComparison.Ordinal
        );

    private RunRequest Request(PrivacySpec? privacy) =>
        new()
        {
            Name = "private",
            DatasetVersionId = _version,
            BaseModel = "tiny",
            Privacy = privacy,
        };

    /// <summary>Six training rows of three patients, and one of nobody in the test split.</summary>
    private async Task<Guid> AddVersionAsync()
    {
        var rows = Enumerable
            .Range(0, 7)
            .Select(i =>
                CanonicalRow.Create($"r{i}", i + 1, null, $"question {i}", "answer", split: i < 6 ? DataSplit.Train : DataSplit.Test) with
                {
                    Extra = i < 6 ? new Dictionary<string, string> { ["clinic"] = $"clinic {i % 3}" } : new Dictionary<string, string>(),
                }
            );
        var made = await _portal.AddVersionAsync(_project, rows, kind: VersionKind.Split);
        await using var db = _portal.OpenDb();
        var version = await db.DatasetVersions.SingleAsync(v => v.Id == made.Id, Ct);
        var files = new DatasetFiles { Train = new DatasetFile("train.jsonl", new string('b', 64), 6) };
        version.Publish(JsonSerializer.Serialize(files, ProtocolJson.Line), _lead.UserId, _portal.Clock.GetUtcNow());
        await db.SaveChangesAsync(Ct);
        return version.Id;
    }
}
