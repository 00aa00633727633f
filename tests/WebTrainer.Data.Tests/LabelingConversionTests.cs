using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Domain.Labels;

namespace WebTrainer.Data.Tests;

public sealed class LabelingConversionTests : IAsyncLifetime
{
    private readonly DataFolder _folder = new(Directory.CreateTempSubdirectory("webtrainer-data-").FullName);
    private ServiceProvider _services = null!;

    public ValueTask InitializeAsync()
    {
        _folder.Prepare();
        _services = new ServiceCollection().AddWebTrainerData(_folder).BuildServiceProvider();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder.Root, recursive: true);
    }

    [Fact]
    public async Task AnswersFromBeforeTheChange_AreKept()
    {
        await using var db = _services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContext();
        await db.GetService<IMigrator>().MigrateAsync("Initial");
        await db.Database.OpenConnectionAsync();
        await db.Database.ExecuteSqlRawAsync("PRAGMA foreign_keys=OFF"); // projects, versions and people are beside the point
        var (task, item, answer) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "LabelTasks" VALUES ({task}, {Guid.NewGuid()}, {Guid.NewGuid()}, 'Old', 'Choose', 'Which?', {"[\"a\",\"b\"]"}, 2, {"[\"eve\"]"}, 'ada', 1, NULL)
            """);
        await db.Database.ExecuteSqlAsync($"""INSERT INTO "LabelItems" VALUES ({item}, {task}, 0, 'row', 'Approved', 'b', 'ada', 5, NULL, 3)""");
        await db.Database.ExecuteSqlAsync($"""INSERT INTO "LabelAnswers" VALUES ({answer}, {item}, 'eve', 'b', 4, 0)""");
        await db.Database.MigrateAsync();

        var kept = await db.LabelTasks.SingleAsync();
        var question = Assert.Single(kept.Questions);
        Assert.Equal((QuestionKind.Choose, "Which?", 2, ItemOrder.AsGiven, false), (question.Kind, question.Text, kept.Rules.Overlap, kept.Rules.Order, kept.Rules.AgreedIsDone));
        var row = await db.LabelItems.Include(i => i.Assignments).SingleAsync();
        Assert.Equal((1, """{"answer":"b"}"""), (row.Places, row.Final));
        var given = Assert.Single(row.Assignments);
        Assert.Equal((AssignmentState.Answered, "eve", QuestionForm.Write(new Dictionary<string, string> { ["answer"] = "b" })), (given.State, given.UserId, given.Values));
    }
}
