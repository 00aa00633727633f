using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Domain.Evaluations;
using WebTrainer.Domain.Judging;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Jobs;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Connectors;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Comparing;
using WebTrainer.Portal.Features.Evaluations.Examples;
using WebTrainer.Portal.Features.Judging;
using WebTrainer.Portal.Features.Labeling;
using WebTrainer.Portal.Tests.Shared;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Judging;

/// <summary>
/// A project with people, a closed comparison of two models, a closed rating, an evaluation with answers, and an endpoint that judges.
/// </summary>
public abstract class JudgingTest : IAsyncLifetime
{
    protected const int Rows = 12;

    protected TestPortal Portal { get; private set; } = null!;
    protected FakeEndpoint Endpoint { get; private set; } = null!;
    protected Guid Project { get; private set; }
    protected Guid Version { get; private set; }
    protected Caller Lead { get; private set; } = null!;
    protected Caller Engineer { get; private set; } = null!;
    protected Caller Reviewer { get; private set; } = null!;
    protected Caller Annotator { get; private set; } = null!;
    protected Caller Stranger { get; private set; } = null!;

    protected JudgeService Judges => Portal.Get<JudgeService>();
    protected JudgeWorkService Works => Portal.Get<JudgeWorkService>();
    protected JudgeRunner Runner => Portal.Get<JudgeRunner>();
    protected static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Endpoint = await FakeEndpoint.StartAsync();
        Portal = await TestPortal.StartAsync(services =>
            services
                .AddSingleton<Microsoft.Extensions.Configuration.IConfiguration>(
                    new Microsoft.Extensions.Configuration.ConfigurationBuilder().Build()
                )
                .AddDataProtection()
                .Services.Configure<ConnectorOptions>(o => o.AllowedHosts.Add("127.0.0.1"))
                .AddSingleton<TaskRows>()
                .AddSingleton<RunFolders>()
                .AddSingleton<ExampleStore>()
                .AddJudging()
                .Configure<JudgingOptions>(o => (o.FirstPauseSeconds, o.Tries) = (0, 3))
        );
        (Lead, Engineer, Reviewer) = (
            await Portal.AddUserAsync("lead"),
            await Portal.AddUserAsync("engineer"),
            await Portal.AddUserAsync("reviewer")
        );
        (Annotator, Stranger) = (await Portal.AddUserAsync("annotator"), await Portal.AddUserAsync("stranger"));
        Project = await Portal.AddProjectAsync(
            Lead,
            (Engineer, ProjectRole.Engineer),
            (Reviewer, ProjectRole.Reviewer),
            (Annotator, ProjectRole.Annotator)
        );
        Version = (
            await Portal.AddVersionAsync(
                Project,
                Enumerable.Range(0, Rows).Select(i => CanonicalRow.Create($"row{i:000}", i + 1, null, $"Question {i}", $"Response {i}"))
            )
        ).Id;
    }

    public async ValueTask DisposeAsync()
    {
        await Portal.DisposeAsync();
        await Endpoint.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected JudgeForm Form(string name = "Judge") =>
        new(JudgeSource.Endpoint, name, Endpoint.Address, "big-model", "Be *right*.", "sk-secret-canary");

    protected Task<Guid> AddJudgeAsync(JudgeForm? form = null) => Judges.SaveAsync(Engineer, Project, null, form ?? Form(), Ct);

    /// <summary>Starts work and does it to its end.</summary>
    protected async Task<JudgeWorkView> DoAsync(Guid judge, JudgeWorkRequest request)
    {
        var id = await Works.StartAsync(Engineer, Project, judge, request, Ct);
        await Runner.RunAsync(id, Ct);
        return await Works.GetAsync(Reviewer, Project, id, Ct);
    }

    /// <summary>
    /// A closed comparison: the good model's answer is "good 3", the other's "bad answer 3"; which stands first changes from row to row.
    /// </summary>
    /// <param name="choose">What each of two experts says of a row: whether the good one is better; null for a tie.</param>
    protected async Task<Guid> AddComparisonAsync(Func<int, int, bool?> choose, bool close = true)
    {
        await using var db = Portal.OpenDb();
        var task = new LabelTask(
            Project,
            Version,
            "Arena",
            [Question.New(QuestionKind.BestOfTwo, "best", "Better?")],
            new TaskRules { Overlap = 2 },
            "{}",
            [Lead.UserId, Reviewer.UserId],
            Lead.UserId,
            Portal.Clock.GetUtcNow()
        ).Comparing(["good", "bad"]);
        db.LabelTasks.Add(task);
        for (var i = 0; i < Rows; i++)
        {
            var (good, bad) = (
                new ModelAnswer(task.Id, $"row{i:000}", "good", $"good {i}", Portal.Clock.GetUtcNow()),
                new ModelAnswer(task.Id, $"row{i:000}", "bad", $"bad answer {i}", Portal.Clock.GetUtcNow())
            );
            db.AddRange(good, bad);
            var goodFirst = i % 2 == 0;
            var item = new LabelItem(task.Id, i, $"row{i:000}", 2).WithCandidates(goodFirst ? [good.Id, bad.Id] : [bad.Id, good.Id]);
            Answer(
                task,
                item,
                i,
                expert =>
                    choose(i, expert) switch
                    {
                        null => Preference.Tie,
                        true => goodFirst ? Preference.First : Preference.Second,
                        _ => goodFirst ? Preference.Second : Preference.First,
                    },
                "best"
            );
            db.LabelItems.Add(item);
        }

        if (close)
        {
            task.Close(Portal.Clock.GetUtcNow());
        }

        await db.SaveChangesAsync(Ct);
        return task.Id;
    }

    /// <summary>A closed task whose two experts rate the rows' own responses.</summary>
    protected async Task<Guid> AddRatingAsync(Func<int, int, int> points)
    {
        await using var db = Portal.OpenDb();
        var task = new LabelTask(
            Project,
            Version,
            "Rating",
            [Question.New(QuestionKind.Rate, "quality", "How good?")],
            new TaskRules { Overlap = 2 },
            "{}",
            [Lead.UserId, Reviewer.UserId],
            Lead.UserId,
            Portal.Clock.GetUtcNow()
        );
        db.LabelTasks.Add(task);
        for (var i = 0; i < Rows; i++)
        {
            var item = new LabelItem(task.Id, i, $"row{i:000}", 2);
            Answer(task, item, i, expert => points(i, expert).ToString(), "quality");
            db.LabelItems.Add(item);
        }

        task.Close(Portal.Clock.GetUtcNow());
        await db.SaveChangesAsync(Ct);
        return task.Id;
    }

    /// <summary>An evaluation that is done, with what each of its models answered to each row.</summary>
    protected async Task<Guid> AddEvaluationAsync(Func<string, int, string> answer, params string[] models)
    {
        await using var db = Portal.OpenDb();
        var evaluation = new Evaluation(Project, 7, Version, [Guid.NewGuid()], "{}", Lead.UserId, Portal.Clock.GetUtcNow(), Guid.NewGuid());
        evaluation.Finish(
            JsonSerializer.Serialize(
                new EvaluationReport
                {
                    Rows = Rows,
                    Metric = "exact_match",
                    Models =
                    [
                        .. models.Select(m => new ModelFigures(
                            m,
                            m == "base" ? ModelKind.Base : ModelKind.Tuned,
                            0,
                            0,
                            0,
                            null,
                            null,
                            null,
                            1
                        )),
                    ],
                },
                ProtocolJson.Line
            )
        );
        db.Evaluations.Add(evaluation);
        await db.SaveChangesAsync(Ct);
        var folder = Portal.Get<RunFolders>().Of(evaluation.JobId);
        Directory.CreateDirectory(folder.Output);
        await File.WriteAllTextAsync(
            folder.Examples,
            string.Concat(
                Enumerable
                    .Range(0, Rows)
                    .Select(i =>
                        JsonSerializer.Serialize(
                            new ExampleResult(
                                $"row{i:000}",
                                $"Question {i}",
                                "",
                                [.. models.Select(m => new ExampleAnswer(m, answer(m, i), false, null, 0))]
                            ),
                            ProtocolJson.Line
                        ) + "\n"
                    )
            ),
            Ct
        );
        return evaluation.Id;
    }

    private void Answer(LabelTask task, LabelItem item, int row, Func<int, string> value, string key)
    {
        foreach (var (expert, person) in new[] { Lead, Reviewer }.Index())
        {
            item.Take(task, person.UserId, Portal.Clock.GetUtcNow());
            item.Submit(
                task,
                person.UserId,
                QuestionForm.Write(new Dictionary<string, string> { [key] = value(expert) }),
                1,
                Portal.Clock.GetUtcNow()
            );
        }

        Assert.InRange(row, 0, Rows);
    }
}
