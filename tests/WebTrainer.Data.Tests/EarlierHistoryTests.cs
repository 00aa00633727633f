using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace WebTrainer.Data.Tests;

/// <summary>A database as the last state before version 0.1.0 left it, with the demo's project in it (Data/before-0.1.0.sql).</summary>
public sealed class EarlierHistoryTests : IAsyncDisposable
{
    private readonly DataFolder _earlier = NewFolder(),
        _fresh = NewFolder();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_earlier.Root, recursive: true);
        Directory.Delete(_fresh.Root, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task TakenOver_HasTheTablesOfANewOne_AndAllThatWasInIt()
    {
        await using var db = Open(_earlier);
        await RestoreAsync(db);
        var before = await CountsAsync(db);
        Assert.Null(await EarlierHistory.TakeOverAsync(db, Ct));
        await db.Database.MigrateAsync(Ct);
        await using var fresh = Open(_fresh);
        await fresh.Database.MigrateAsync(Ct);

        Assert.Equal(await SchemaAsync(fresh), await SchemaAsync(db));
        Assert.Empty(before.Except(await CountsAsync(db))); // later versions add tables
        Assert.Equal(
            ["runs", "ada"],
            [
                (await db.Runs.SingleAsync(Ct)).Spec.Length > 1000 ? "runs" : "",
                (await db.Users.OrderBy(u => u.UserName).FirstAsync(Ct)).UserName!,
            ]
        );
        Assert.Null(await EarlierHistory.TakeOverAsync(db, Ct)); // once more, as at the next start
        Assert.Equal(db.Database.GetMigrations(), await db.Database.GetAppliedMigrationsAsync(Ct));
        Assert.All(await db.Jobs.Where(job => job.Kind == "evaluate").ToListAsync(Ct), job => Assert.True(job.HasCheckpoint));
    }

    [Fact]
    public async Task OfAnOlderState_IsRefusedInASentence_AndLeftAsItWas()
    {
        await using var db = Open(_earlier);
        await RestoreAsync(db);
        await db.Database.ExecuteSqlRawAsync("DELETE FROM __EFMigrationsHistory WHERE MigrationId LIKE '%SeparatedPeople'", Ct);
        var before = await db.Database.GetAppliedMigrationsAsync(Ct);
        Assert.Contains("Nothing was changed.", await EarlierHistory.TakeOverAsync(db, Ct), StringComparison.Ordinal);
        Assert.Equal(before, await db.Database.GetAppliedMigrationsAsync(Ct));
    }

    [Fact]
    public async Task NewOne_IsLeftToTheMigrations()
    {
        await using var db = Open(_fresh);
        Assert.Null(await EarlierHistory.TakeOverAsync(db, Ct));
        await db.Database.MigrateAsync(Ct);
        Assert.Null(await EarlierHistory.TakeOverAsync(db, Ct));
    }

    private static DataFolder NewFolder()
    {
        var folder = new DataFolder(Directory.CreateTempSubdirectory("webtrainer-data-").FullName);
        folder.Prepare();
        return folder;
    }

    private static AppDb Open(DataFolder folder) =>
        new ServiceCollection()
            .AddWebTrainerData(folder)
            .BuildServiceProvider()
            .GetRequiredService<IDbContextFactory<AppDb>>()
            .CreateDbContext();

    private static async Task RestoreAsync(AppDb db)
    {
        var sql = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Data/before-0.1.0.sql"), Ct);
        await using var connection = new SqliteConnection(db.Database.GetConnectionString());
        await connection.OpenAsync(Ct);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Ct);
    }

    /// <summary>Columns, keys, indices and triggers; in which order columns stand is what adding them leaves.</summary>
    private static Task<List<string>> SchemaAsync(AppDb db) =>
        db
            .Database.SqlQueryRaw<string>(
                """
                SELECT t.name || '.' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || c.pk AS Value FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'
                UNION SELECT t.name || ' refers by ' || f."from" || ' to ' || f."table" || '.' || f."to" || ' ' || f.on_delete FROM sqlite_master t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'
                UNION SELECT name || ' ' || coalesce(sql, '') FROM sqlite_master WHERE type IN ('index', 'trigger')
                ORDER BY 1
                """
            )
            .ToListAsync(Ct);

    private static async Task<List<string>> CountsAsync(AppDb db)
    {
        var tables = await db
            .Database.SqlQueryRaw<string>(
                "SELECT name AS Value FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY 1"
            )
            .ToListAsync(Ct);
        var counts = new List<string>();
        foreach (var table in tables)
        {
#pragma warning disable EF1002 // the names are the database's own
            counts.Add($"{table} {(await db.Database.SqlQueryRaw<int>($"SELECT count(*) AS Value FROM \"{table}\"").ToListAsync(Ct))[0]}");
#pragma warning restore EF1002
        }

        return counts;
    }
}
