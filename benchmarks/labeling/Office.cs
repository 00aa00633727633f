using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
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
    public const string Password = "correct horse battery";

    private Office(ServiceProvider services) => Services = services;

    public ServiceProvider Services { get; }
    public AnswerService Answers => Services.GetRequiredService<AnswerService>();

    public static async Task<Office> OpenAsync(string folder)
    {
        var data = new DataFolder(folder);
        data.Prepare();
        var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddWebTrainerData(data)
            .AddSingleton<Authorizer>()
            .AddLabeling()
            .BuildServiceProvider();
        await using var db = services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContext();
        await db.Database.MigrateAsync();
        return new Office(services);
    }

    public AppDb OpenDb() => Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContext();

    /// <summary>A project with a task of so many items, each wanted by three of so many people.</summary>
    public async Task<(Guid Project, Guid Task, Caller[] People)> FillAsync(int items, int people)
    {
        await using var db = OpenDb();
        // One password for all: what it costs to sign in is not measured.
        var password = new PasswordHasher<AppUser>().HashPassword(new AppUser(), Password);
        var users = Enumerable
            .Range(0, people + 1)
            .Select(i => new AppUser
            {
                UserName = $"u{i}",
                NormalizedUserName = $"U{i}",
                DisplayName = $"Person {i}",
                CreatedAt = DateTimeOffset.UtcNow,
                PasswordHash = password,
                SecurityStamp = Guid.NewGuid().ToString("N"),
            })
            .ToList();
        db.Users.AddRange(users);
        var lead = new Caller(users[^1].Id, "lead");
        var project = new Project("Load", "", lead.UserId, DateTimeOffset.UtcNow);
        project.Members.AddRange(
            users.Take(people).Select(u => new Membership(project.Id, u.Id, ProjectRole.Annotator, DateTimeOffset.UtcNow))
        );
        db.Projects.Add(project);
        await db.SaveChangesAsync();
        var version = await AddVersionAsync(
            db,
            project,
            Enumerable
                .Range(0, items)
                .Select(i =>
                    CanonicalRow.Create(
                        $"row{i:000000}",
                        i + 1,
                        null,
                        $"Customer message number {i}: where is my card, and why was it declined at the shop in the {i % 97} street?",
                        (string?)null
                    )
                )
        );
        var task = await Services
            .GetRequiredService<LabelingService>()
            .CreateAsync(
                lead,
                project.Id,
                new NewTaskDraft
                {
                    VersionId = version,
                    Name = "Load",
                    Questions = [Question.New(QuestionKind.Choose, "label", "Which?", "a", "b", "c", "d", "e")],
                    Rules = new TaskRules { Overlap = Math.Min(3, people) },
                    Assignees = [.. users.Take(people).Select(u => u.Id)],
                },
                default
            );
        return (project.Id, task, [.. users.Take(people).Select(u => new Caller(u.Id, u.DisplayName))]);
    }

    /// <summary>A project with a dataset of these rows.</summary>
    public async Task<(Caller Lead, Guid Project, Guid Version)> PublishAsync(IEnumerable<CanonicalRow> rows)
    {
        await using var db = OpenDb();
        var user = new AppUser
        {
            UserName = "lead",
            NormalizedUserName = "LEAD",
            DisplayName = "Lead",
            CreatedAt = DateTimeOffset.UtcNow,
        };
        var project = new Project("Messages", "", user.Id, DateTimeOffset.UtcNow);
        db.AddRange(user, project);
        await db.SaveChangesAsync();
        return (new Caller(user.Id, "lead"), project.Id, await AddVersionAsync(db, project, rows));
    }

    private async Task<Guid> AddVersionAsync(AppDb db, Project project, IEnumerable<CanonicalRow> rows)
    {
        var store = Services.GetRequiredService<FileStore>();
        var file = await new VersionWriter().WriteAsync(rows.ToAsyncEnumerable(), store.NewTemporaryPath());
        await store.AddAsync(file.Path, default);
        var dataset = new Dataset(project.Id, "Messages", "load", DateTimeOffset.UtcNow);
        var version = new DatasetVersion(
            dataset,
            1,
            VersionKind.Imported,
            file.Sha256,
            file.Rows,
            file.Bytes,
            "load",
            DateTimeOffset.UtcNow
        );
        db.AddRange(dataset, version);
        await db.SaveChangesAsync();
        return version.Id;
    }

    public async Task<Caller> LeadAsync(Guid project)
    {
        await using var db = OpenDb();
        return new Caller(
            await db.Memberships.Where(m => m.ProjectId == project && m.Role == ProjectRole.Lead).Select(m => m.UserId).SingleAsync(),
            "lead"
        );
    }

    /// <summary>
    /// Three answers to each item, four fifths of them right, written past the services: half a minute instead of an hour.
    /// </summary>
    public async Task AnswerAllAsync(Guid task, Caller[] people)
    {
        await using var db = OpenDb();
        var items = await db.LabelItems.Where(i => i.TaskId == task).OrderBy(i => i.Ordinal).Select(i => i.Id).ToListAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await using var insert = (SqliteCommand)db.Database.GetDbConnection().CreateCommand();
        insert.Transaction = (SqliteTransaction)transaction.GetDbTransaction();
        insert.CommandText = """
            INSERT INTO "Assignments" ("Id", "TaskId", "ItemId", "UserId", "State", "TakenAt", "ExpiresAt", "AnsweredAt", "Seconds", "Values", "QuestionsVersion", "GuidelinesVersion")
            VALUES ($id, $task, $item, $user, 'Answered', 0, 0, 1, $seconds, $values, 1, 1)
            """;
        var random = new Random(1);
        foreach (var (place, item) in items.Index())
        {
            var first = random.Next(people.Length);
            for (var k = 0; k < 3; k++)
            {
                insert.Parameters.Clear();
                insert.Parameters.AddWithValue("$id", Guid.CreateVersion7());
                insert.Parameters.AddWithValue("$task", task);
                insert.Parameters.AddWithValue("$item", item);
                insert.Parameters.AddWithValue("$user", people[(first + k) % people.Length].UserId);
                insert.Parameters.AddWithValue("$seconds", 1 + random.NextDouble());
                insert.Parameters.AddWithValue(
                    "$values",
                    $$"""{"label":"{{(char)('a' + (random.Next(100) < 80 ? place % 5 : random.Next(5)))}}"}"""
                );
                await insert.ExecuteNonQueryAsync();
            }
        }

        await db.Database.ExecuteSqlAsync(
            $$"""UPDATE "LabelItems" SET "Places" = 0, "State" = 'Agreed', "Final" = '{"label":"a"}' WHERE "TaskId" = {{task}}"""
        );
        await transaction.CommitAsync();
    }

    public ValueTask DisposeAsync() => Services.DisposeAsync();
}
