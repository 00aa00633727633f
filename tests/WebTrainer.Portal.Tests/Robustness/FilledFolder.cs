using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Evaluations;
using WebTrainer.Domain.Judging;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Runs;
using WebTrainer.Domain.Searches;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Judging;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Features.Searches;
using WebTrainer.Portal.Tests.Shared;
using WebTrainer.Protocol;
using WebTrainer.Search;

namespace WebTrainer.Portal.Tests.Robustness;

/// <summary>The data folder of a portal that was used and is down: a lead, a project, and one of each kind of thing in it.</summary>
public sealed class FilledFolder : IAsyncLifetime
{
    private readonly string _folder = NewFolder();
    private Guid _project;
    private Caller _lead = null!;

    public Guid Project => _project;

    public Caller Lead => _lead;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await using var portal = new WebPortal(_folder);
        var (_, userId) = await portal.PersonAsync("lead");
        _lead = new Caller(userId, "lead");
        _project = await portal.ProjectAsync(userId);
        await using var db = await portal.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);
        await FillAsync(db);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <returns>A folder with the same content, which the caller deletes.</returns>
    public string Copy()
    {
        var copy = NewFolder();
        foreach (var folder in Directory.EnumerateDirectories(_folder, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(copy, Path.GetRelativePath(_folder, folder)));
        }

        foreach (var file in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(copy, Path.GetRelativePath(_folder, file)));
        }

        return copy;
    }

    private static string NewFolder() => Directory.CreateTempSubdirectory("webtrainer-damaged-").FullName;

    /// <summary>One of each kind, as the portal leaves them.</summary>
    private async Task FillAsync(AppDb db)
    {
        var now = DateTimeOffset.UtcNow;
        var dataset = new Dataset(_project, "Rows", _lead.UserId, now);
        var version = new DatasetVersion(dataset, 1, VersionKind.Imported, new string('a', 64), 1, 1, _lead.UserId, now);
        var source = new DataSource(_project, SourceKind.Web, _lead.UserId, _lead.Name, now);
        source.Change(
            "Nightly",
            """{"url":"https://example.org/rows.csv"}""",
            "Rows",
            """{"shape":"label","text":"text","label":"label"}""",
            "0 0 3 * * ?"
        );
        var spec = new TrainSpec { RunId = Guid.NewGuid(), BaseModel = "tiny" }.ToText();
        var run = new Run(_project, 1, "Run", version.Id, "tiny", spec, JobSpec.Hash(spec), _lead.UserId, now, Guid.CreateVersion7());
        var job = run.Approve("another", run.SpecSha256, now);
        job.End(JobState.Stopped, now);
        var searchId = Guid.CreateVersion7();
        var searchSpec = System.Text.Json.JsonSerializer.Serialize(
            new SearchSpec(
                searchId,
                new SearchRequest
                {
                    Run = new RunRequest { DatasetVersionId = version.Id, BaseModel = "tiny" },
                    Space = new SearchSpace([]),
                },
                new DatasetFiles()
            ),
            ProtocolJson.Document
        );
        var search = new SettingSearch(
            searchId,
            _project,
            2,
            "Search",
            version.Id,
            "tiny",
            searchSpec,
            JobSpec.Hash(searchSpec),
            _lead.UserId,
            now
        );
        var evaluation = new Evaluation(_project, 3, version.Id, [run.Id], spec, _lead.UserId, now, Guid.CreateVersion7());
        evaluation.Job!.End(JobState.Completed, now);
        var judge = new Judge(_project, JudgeSource.Endpoint, _lead.UserId, now);
        judge.Change("Judge", "https://example.org/v1", "some-model", "Be fair.", 64, 1);
        var settings = JudgeSettings.Of(judge);
        var task = new LabelTask(
            _project,
            version.Id,
            "Task",
            [Question.New(QuestionKind.Choose, "answer", "Which?", "yes", "no")],
            new TaskRules { Overlap = 1 },
            "{}",
            [_lead.UserId],
            _lead.UserId,
            now
        );
        task.Close(now);
        var work = new JudgeWork(
            judge,
            JudgeWorkKind.Score,
            evaluation.Id,
            """{"kind":"score","subject":"00000000-0000-0000-0000-000000000000"}""",
            "{}",
            settings.Sha256(),
            _lead.UserId,
            _lead.Name,
            now
        );
        work.Stop(now);
        var functions = new WeakLabeling(_project, version.Id, "Rules of thumb", ["yes", "no"], _lead.UserId, now);
        db.AddRange(dataset, version, source, run, job, search, evaluation, judge, task, work, functions);
        await db.SaveChangesAsync(Ct);
    }
}
