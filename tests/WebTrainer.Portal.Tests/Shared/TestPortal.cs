using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using WebTrainer.Data;
using WebTrainer.Data.Files;
using WebTrainer.Data.Identity;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Tests.Shared;

/// <summary>
/// The portal without its web server: a data folder of its own, a migrated SQLite file, the rights, and the features asked for.
/// </summary>
public sealed class TestPortal : IAsyncDisposable
{
    private readonly DataFolder _folder;

    private TestPortal(DataFolder folder, ServiceProvider services)
    {
        _folder = folder;
        Services = services;
    }

    public ServiceProvider Services { get; }

    /// <summary>Stands still until a test moves it.</summary>
    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 5, 9, 0, 0, TimeSpan.Zero));

    /// <param name="features">Registers what the test uses: <c>s => s.AddLabeling()</c>.</param>
    public static async Task<TestPortal> StartAsync(Action<IServiceCollection>? features = null)
    {
        var folder = new DataFolder(Directory.CreateTempSubdirectory("webtrainer-test-").FullName);
        folder.Prepare();
        TestPortal? portal = null;
        var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(_ => portal!.Clock)
            .AddWebTrainerData(folder)
            .AddAccess();
        features?.Invoke(services);
        portal = new TestPortal(folder, services.BuildServiceProvider());
        await using var db = portal.OpenDb();
        await db.Database.MigrateAsync();
        return portal;
    }

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    public AppDb OpenDb() => Get<IDbContextFactory<AppDb>>().CreateDbContext();

    /// <summary>A person with an account, as the caller of use cases.</summary>
    public async Task<Caller> AddUserAsync(string name)
    {
        await using var db = OpenDb();
        var user = new AppUser
        {
            UserName = name,
            NormalizedUserName = name.ToUpperInvariant(),
            DisplayName = name,
            CreatedAt = Clock.GetUtcNow(),
        };
        db.Users.Add(user);
        await db.SaveChangesAsync();
        return new Caller(user.Id, name);
    }

    /// <summary>As an administrator does on the page of accounts.</summary>
    public async Task LetManageModelsAsync(Caller person)
    {
        await using var db = OpenDb();
        await db.Users.Where(u => u.Id == person.UserId).ExecuteUpdateAsync(set => set.SetProperty(u => u.ManagesModels, true));
    }

    /// <returns>Id of a project that <paramref name="lead"/> leads.</returns>
    public async Task<Guid> AddProjectAsync(Caller lead, params (Caller Person, ProjectRole Role)[] members)
    {
        await using var db = OpenDb();
        var project = new Project("Project of " + lead.Name, "", lead.UserId, Clock.GetUtcNow());
        project.Members.AddRange(members.Select(m => new Membership(project.Id, m.Person.UserId, m.Role, Clock.GetUtcNow())));
        db.Projects.Add(project);
        await db.SaveChangesAsync();
        return project.Id;
    }

    /// <summary>A new dataset with one version of these rows.</summary>
    public async Task<DatasetVersion> AddVersionAsync(
        Guid projectId,
        IEnumerable<CanonicalRow> rows,
        string name = "Rows",
        VersionKind kind = VersionKind.Imported
    )
    {
        var store = Get<FileStore>();
        var file = await new VersionWriter().WriteAsync(rows.ToAsyncEnumerable(), store.NewTemporaryPath());
        await store.AddAsync(file.Path, CancellationToken.None);
        await using var db = OpenDb();
        var dataset = new Dataset(projectId, name, "test", Clock.GetUtcNow());
        var version = new DatasetVersion(dataset, 1, kind, file.Sha256, file.Rows, file.Bytes, "test", Clock.GetUtcNow());
        db.AddRange(dataset, version);
        await db.SaveChangesAsync();
        return version;
    }

    public async ValueTask DisposeAsync()
    {
        await Services.DisposeAsync();
        Directory.Delete(_folder.Root, recursive: true);
    }
}
