using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data.Files;
using WebTrainer.Domain.Audit;
using WebTrainer.Domain.Projects;

namespace WebTrainer.Data.Tests;

public sealed class DatabaseTests : IAsyncLifetime
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 5, 9, 0, 0, TimeSpan.FromHours(2));
    private readonly DataFolder _folder = new(Directory.CreateTempSubdirectory("webtrainer-data-").FullName);
    private ServiceProvider _services = null!;

    public async ValueTask InitializeAsync()
    {
        _folder.Prepare();
        _services = new ServiceCollection().AddWebTrainerData(_folder).BuildServiceProvider();
        await using var db = Open();
        await db.Database.MigrateAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder.Root, recursive: true);
    }

    private AppDb Open() => _services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContext();

    [Fact]
    public async Task Model_HasNoChangeWithoutMigration()
    {
        await using var db = Open();
        Assert.False(db.Database.HasPendingModelChanges());
    }

    [Fact]
    public async Task Audit_ChangedByTheProgram_IsRefused()
    {
        await AddEntryAsync();
        await using var db = Open();
        db.Audit.Remove(await db.Audit.SingleAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => db.SaveChangesAsync());
    }

    [Theory]
    [InlineData("UPDATE Audit SET UserName = 'mallory'")]
    [InlineData("DELETE FROM Audit")]
    public async Task Audit_ChangedBySql_IsRefused(string sql)
    {
        await AddEntryAsync();
        await using var db = Open();
        await Assert.ThrowsAsync<SqliteException>(() => db.Database.ExecuteSqlRawAsync(sql));
        Assert.Equal("Ada", (await db.Audit.SingleAsync()).UserName);
    }

    [Fact]
    public async Task Times_OfAnyZone_ComeBackAsTheSameMoment()
    {
        await AddEntryAsync();
        await using var db = Open();
        Assert.Equal(s_now, (await db.Audit.OrderBy(e => e.At).SingleAsync()).At);
    }

    [Fact]
    public async Task ProjectNumber_TakenByTwoAtOnce_OneIsRefused()
    {
        Guid id;
        await using (var db = Open())
        {
            var project = new Project("p", "", "ada", s_now);
            project.Members.Clear(); // no account needed here
            db.Add(project);
            await db.SaveChangesAsync();
            id = project.Id;
        }

        await using var first = Open();
        await using var second = Open();
        (await first.Projects.SingleAsync(p => p.Id == id)).TakeNumber();
        (await second.Projects.SingleAsync(p => p.Id == id)).TakeNumber();
        await first.SaveChangesAsync();
        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => second.SaveChangesAsync());
    }

    [Fact]
    public async Task FileStore_SameBytesTwice_AreKeptOnce()
    {
        var store = _services.GetRequiredService<FileStore>();
        var cancellationToken = TestContext.Current.CancellationToken;
        var hashes = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            var path = store.NewTemporaryPath();
            await File.WriteAllTextAsync(path, "سلام", cancellationToken);
            hashes.Add(await store.AddAsync(path, cancellationToken));
            Assert.False(File.Exists(path));
        }

        Assert.Equal(hashes[0], hashes[1]);
        Assert.Equal("سلام", await File.ReadAllTextAsync(store.PathOf(hashes[0]), cancellationToken));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("ABCDEF")]
    public void FileStore_PathOfAnythingButAHash_IsRefused(string name) =>
        Assert.Throws<ArgumentException>(() => _services.GetRequiredService<FileStore>().PathOf(name));

    [Fact]
    public void Prepare_HalfMadeFilesOfAKilledProcess_AreSwept()
    {
        File.WriteAllText(Path.Combine(_folder.Temporary, "half"), "x");
        _folder.Prepare();
        Assert.Empty(Directory.EnumerateFiles(_folder.Temporary));
    }

    private async Task AddEntryAsync()
    {
        await using var db = Open();
        db.Audit.Add(new AuditEntry(s_now, "1", "Ada", null, "test.done", "1", null, null));
        await db.SaveChangesAsync();
    }
}
