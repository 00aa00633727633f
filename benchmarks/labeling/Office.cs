using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data;
using WebTrainer.Data.Files;
using WebTrainer.Data.Identity;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Labeling;

namespace WebTrainer.Benchmarks.Labeling;

/// <summary>The portal's own services on a data folder, without its web server.</summary>
internal sealed class Office : IAsyncDisposable
{
    private Office(ServiceProvider services) => Services = services;

    public ServiceProvider Services { get; }
    public AnswerService Answers => Services.GetRequiredService<AnswerService>();

    public static async Task<Office> OpenAsync(string folder)
    {
        var data = new DataFolder(folder);
        data.Prepare();
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddWebTrainerData(data).AddSingleton<Authorizer>().AddLabeling().BuildServiceProvider();
        await using var db = services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContext();
        await db.Database.MigrateAsync();
        return new Office(services);
    }

    public AppDb OpenDb() => Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContext();

    /// <summary>A project with a task of so many items, each wanted by three of so many people.</summary>
    public async Task<(Guid Project, Guid Task, Caller[] People)> FillAsync(int items, int people)
    {
        await using var db = OpenDb();
        var users = Enumerable.Range(0, people + 1).Select(i => new AppUser { UserName = $"u{i}", NormalizedUserName = $"U{i}", DisplayName = $"Person {i}", CreatedAt = DateTimeOffset.UtcNow }).ToList();
        db.Users.AddRange(users);
        var lead = new Caller(users[^1].Id, "lead");
        var project = new Project("Load", "", lead.UserId, DateTimeOffset.UtcNow);
        project.Members.AddRange(users.Take(people).Select(u => new Membership(project.Id, u.Id, ProjectRole.Annotator, DateTimeOffset.UtcNow)));
        db.Projects.Add(project);
        var store = Services.GetRequiredService<FileStore>();
        var rows = Enumerable.Range(0, items).Select(i => CanonicalRow.Create($"row{i:000000}", i + 1, null, $"Customer message number {i}: where is my card, and why was it declined at the shop in the {i % 97} street?", (string?)null));
        var file = await new VersionWriter().WriteAsync(rows.ToAsyncEnumerable(), store.NewTemporaryPath());
        await store.AddAsync(file.Path, default);
        var dataset = new Dataset(project.Id, "Messages", "load", DateTimeOffset.UtcNow);
        var version = new DatasetVersion(dataset, 1, VersionKind.Imported, file.Sha256, file.Rows, file.Bytes, "load", DateTimeOffset.UtcNow);
        db.AddRange(dataset, version);
        await db.SaveChangesAsync();
        var task = await Services.GetRequiredService<LabelingService>().CreateAsync(
            lead, project.Id,
            new NewTaskDraft
            {
                VersionId = version.Id, Name = "Load", Questions = [Question.New(QuestionKind.Choose, "label", "Which?", "a", "b", "c", "d", "e")],
                Rules = new TaskRules { Overlap = Math.Min(3, people) }, Assignees = [.. users.Take(people).Select(u => u.Id)],
            },
            default);
        return (project.Id, task, [.. users.Take(people).Select(u => new Caller(u.Id, u.DisplayName))]);
    }

    public ValueTask DisposeAsync() => Services.DisposeAsync();
}
