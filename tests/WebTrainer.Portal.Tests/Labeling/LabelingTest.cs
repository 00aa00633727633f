using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Labeling;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Labeling;

/// <summary>A project with a lead, a reviewer, two annotators, somebody from outside, and rows.</summary>
public abstract class LabelingTest : IAsyncLifetime
{
    protected TestPortal Portal { get; private set; } = null!;
    protected Guid Project { get; set; }
    protected Guid Version { get; set; }
    protected Caller Lead { get; private set; } = null!;
    protected Caller Reviewer { get; private set; } = null!;
    protected Caller Ada { get; private set; } = null!;
    protected Caller Bo { get; private set; } = null!;
    protected Caller Stranger { get; private set; } = null!;

    protected LabelingService Tasks => Portal.Get<LabelingService>();
    protected AnswerService Answers => Portal.Get<AnswerService>();
    protected ReviewService Reviews => Portal.Get<ReviewService>();
    protected TaskOverviews Overviews => Portal.Get<TaskOverviews>();
    protected LabelSnapshots Snapshots => Portal.Get<LabelSnapshots>();
    protected static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Portal = await TestPortal.StartAsync(s => s.AddLabeling());
        Lead = await Portal.AddUserAsync("lead");
        Reviewer = await Portal.AddUserAsync("reviewer");
        Ada = await Portal.AddUserAsync("ada");
        Bo = await Portal.AddUserAsync("bo");
        Stranger = await Portal.AddUserAsync("stranger");
        Project = await Portal.AddProjectAsync(
            Lead,
            (Reviewer, ProjectRole.Reviewer),
            (Ada, ProjectRole.Annotator),
            (Bo, ProjectRole.Annotator)
        );
        Version = (await Portal.AddVersionAsync(Project, Rows(6))).Id;
    }

    public async ValueTask DisposeAsync()
    {
        await Portal.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Rows 0, 1, 2, … with a prompt and a response each.</summary>
    protected static IEnumerable<CanonicalRow> Rows(int count) =>
        Enumerable.Range(0, count).Select(i => CanonicalRow.Create($"row{i:000}", i + 1, null, $"Question {i}", $"Response {i}"));

    protected static Question Labels { get; } = Question.New(QuestionKind.Choose, "answer", "Which?", "yes", "no", "unclear");
    protected static Question Points { get; } = Question.New(QuestionKind.Rate, "answer", "How good?");
    protected static Question Better { get; } = Question.New(QuestionKind.Rewrite, "answer", "Write a better one.");

    /// <summary>Rows in their order, and every item decided by a reviewer, unless the rules say otherwise.</summary>
    protected Task<Guid> NewTaskAsync(
        Question? question = null,
        int answers = 1,
        RowChoice? rows = null,
        TaskRules? rules = null,
        params Caller[] people
    ) =>
        NewTaskAsync(
            [question ?? Labels],
            (rules ?? new TaskRules { Order = ItemOrder.AsGiven, AgreedIsDone = false }) with
            {
                Overlap = answers,
                MaxOverlap = 9,
            },
            rows,
            people
        );

    protected Task<Guid> NewTaskAsync(IReadOnlyList<Question> questions, TaskRules rules, RowChoice? rows = null, params Caller[] people) =>
        Tasks.CreateAsync(
            Lead,
            Project,
            new NewTaskDraft
            {
                VersionId = Version,
                Name = "Task",
                Questions = questions,
                Rules = rules,
                Assignees = [.. (people.Length == 0 ? [Ada, Bo] : people).Select(p => p.UserId)],
                Rows = rows ?? new RowChoice(),
            },
            Ct
        );

    protected static Dictionary<string, string> Sheet(string value) => new() { ["answer"] = value };

    /// <summary>Answers the one question of <see cref="NewTaskAsync(Question?, int, RowChoice?, TaskRules?, Caller[])"/>.</summary>
    protected Task AnswerAsync(Caller person, Guid item, string value, double seconds = 0) =>
        Answers.SubmitAsync(person, Project, item, Sheet(value), seconds, Ct);

    protected Task ApproveAsync(Caller reviewer, Guid item, int revision, string value) =>
        Reviews.ApproveAsync(reviewer, Project, item, revision, Sheet(value), Ct);

    protected async Task<AnswerItem?> NextAsync(Caller person, Guid task) =>
        (await Answers.GoAsync(person, Project, task, AnswerMove.Next, null, Ct)).Item;

    /// <summary>Answers all that the person can, a second each.</summary>
    protected async Task AnswerAllAsync(Caller person, Guid task, Func<AnswerItem, string> value)
    {
        while (await NextAsync(person, task) is { } item)
        {
            Portal.Clock.Advance(TimeSpan.FromSeconds(1));
            await AnswerAsync(person, item.Id, value(item));
        }
    }

    protected async Task<ReviewItem?> NextReviewAsync(Guid task, Caller? reviewer = null) =>
        (await Reviews.GoAsync(reviewer ?? Reviewer, Project, task, -1, forward: true, Ct)).Item;

    protected async Task ApproveAllAsync(Guid task, Func<ReviewItem, string> value)
    {
        while (await NextReviewAsync(task) is { } item)
        {
            await ApproveAsync(Reviewer, item.Id, item.Revision, value(item));
        }
    }
}
