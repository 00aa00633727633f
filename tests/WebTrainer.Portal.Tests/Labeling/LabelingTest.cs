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
            Lead, (Reviewer, ProjectRole.Reviewer), (Ada, ProjectRole.Annotator), (Bo, ProjectRole.Annotator));
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

    protected Task<Guid> NewTaskAsync(LabelKind kind = LabelKind.Choose, int answers = 1, RowChoice? rows = null, params Caller[] people) =>
        Tasks.CreateAsync(
            Lead,
            Project,
            new NewTaskDraft
            {
                VersionId = Version,
                Name = "Task",
                Kind = kind,
                Question = "Which?",
                Options = ["yes", "no", "unclear"],
                AnswersPerItem = answers,
                Assignees = [.. (people.Length == 0 ? [Ada, Bo] : people).Select(p => p.UserId)],
                Rows = rows ?? new RowChoice(),
            },
            Ct);

    protected async Task<AnswerItem?> NextAsync(Caller person, Guid task) =>
        (await Answers.GoAsync(person, Project, task, AnswerMove.Next, null, Ct)).Item;

    /// <summary>Answers all that the person can, a second each.</summary>
    protected async Task AnswerAllAsync(Caller person, Guid task, Func<AnswerItem, string> value)
    {
        while (await NextAsync(person, task) is { } item)
        {
            Portal.Clock.Advance(TimeSpan.FromSeconds(1));
            await Answers.AnswerAsync(person, Project, item.Id, value(item), Ct);
        }
    }

    protected async Task<ReviewItem?> NextReviewAsync(Guid task, Caller? reviewer = null) =>
        (await Reviews.GoAsync(reviewer ?? Reviewer, Project, task, -1, forward: true, Ct)).Item;

    protected async Task ApproveAllAsync(Guid task, Func<ReviewItem, string> value)
    {
        while (await NextReviewAsync(task) is { } item)
            await Reviews.ApproveAsync(Reviewer, Project, item.Id, item.Revision, value(item), Ct);
    }
}
