using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WebTrainer.Data;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Feed;
using WebTrainer.Jobs.Queue;
using WebTrainer.Jobs.Sharing;
using WebTrainer.Jobs.Watching;
using WebTrainer.Jobs.Workers;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Tests;

/// <summary>A portal's jobs on a data folder of their own, with real worker processes; it can be stopped and started again.</summary>
internal sealed class TestPortal : IAsyncDisposable
{
    private static readonly Lazy<byte[]> s_emptyDatabase = new(MigrateOnce);

    private readonly Action<JobsOptions> _configure;
    private readonly Action<SharingOptions> _share;
    private readonly DataFolder _data = new(Path.Combine("/tmp", "wtj-" + Guid.NewGuid().ToString("N")[..8]));
    private IHost _host;

    private TestPortal(Action<JobsOptions> configure, Action<SharingOptions> share)
    {
        (_configure, _share) = (configure, share);
        _data.Prepare();
        File.WriteAllBytes(_data.Database, s_emptyDatabase.Value);
        _host = Build();
    }

    public static Guid Project { get; } = Guid.NewGuid();

    public static string WorkerPath { get; } = Path.Combine(AppContext.BaseDirectory, "WebTrainer.Jobs.FakeWorker.dll");

    public DataFolder Data => _data;
    public LiveFeed Feed => Get<LiveFeed>();
    public JobControl Control => Get<JobControl>();
    public EventStore Store => Get<EventStore>();

    public static async Task<TestPortal> StartAsync(Action<JobsOptions>? configure = null, Action<SharingOptions>? share = null)
    {
        var portal = new TestPortal(configure ?? (_ => { }), share ?? (_ => { }));
        try
        {
            await portal._host.StartAsync();
            return portal;
        }
        catch
        {
            portal._host.Dispose(); // One that did not start can't be stopped.
            Directory.Delete(portal._data.Root, recursive: true);
            throw;
        }
    }

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public RunFolder FolderOf(Job job) => new(_data.RunFolderOf(job.Id));

    /// <summary>What the portal does when a run is approved.</summary>
    public async Task<Job> EnqueueAsync(JobSpec spec, string creator = "ada", string kind = "train")
    {
        var job = new Job(Project, kind, creator, DateTimeOffset.UtcNow);
        Get<RunFolders>().Create(job.Id, spec);
        await using var db = await OpenAsync();
        db.Jobs.Add(job);
        await db.SaveChangesAsync();
        Get<JobQueue>().Enqueued(job);
        return job;
    }

    /// <summary>Commits a job.</summary>
    public async Task AddAsync(Job job)
    {
        await using var db = await OpenAsync();
        db.Jobs.Add(job);
        await db.SaveChangesAsync();
    }

    /// <summary>The same, of a run whose settings have a hash that somebody approved.</summary>
    public async Task<Job> EnqueueApprovedAsync(TrainSpec spec)
    {
        var (now, text) = (DateTimeOffset.UtcNow, spec.ToText());
        var project = new Project("Project", "", "ada", now);
        project.Members.Clear();
        var dataset = new Dataset(project.Id, "Rows", "ada", now);
        var version = new DatasetVersion(dataset, 1, VersionKind.Imported, new string('a', 64), 1, 1, "ada", now);
        var run = new Run(project.Id, 1, "Run", version.Id, spec.BaseModel, text, JobSpec.Hash(text), "ada", now, spec.RunId);
        var job = run.Approve("bob", run.SpecSha256, now);
        Get<RunFolders>().Create(job.Id, text);
        await using var db = await OpenAsync();
        db.AddRange(project, dataset, version, run, job);
        await db.SaveChangesAsync();
        Get<JobQueue>().Enqueued(job);
        return job;
    }

    /// <summary>A job as a damaged data folder has it.</summary>
    public async Task AddWithoutFolderAsync(JobState state)
    {
        var job = new Job(Project, "train", "ada", DateTimeOffset.UtcNow);
        if (state != JobState.Queued)
        {
            job.Start("cpu:0", DateTimeOffset.UtcNow);
        }

        job.WorkerIs(state);
        await using var db = new AppDb(
            new DbContextOptionsBuilder<AppDb>().UseSqlite($"Data Source={_data.Database};Pooling=False").Options
        );
        db.Jobs.Add(job);
        await db.SaveChangesAsync();
    }

    public async Task<List<Job>> AllAsync()
    {
        await using var db = await OpenAsync();
        return await db.Jobs.AsNoTracking().ToListAsync();
    }

    public static TrainSpec Training(string behaviour = "plain", int steps = 20, int stepMilliseconds = 1, int checkpointEvery = 5) =>
        new()
        {
            RunId = Guid.NewGuid(),
            BaseModel = behaviour,
            Seed = stepMilliseconds,
            Training = new TrainingSettings { MaxSteps = steps, CheckpointEverySteps = checkpointEvery },
        };

    public Task<AppDb> OpenAsync() => Get<IDbContextFactory<AppDb>>().CreateDbContextAsync();

    public async Task<Job> ReadAsync(Job job)
    {
        await using var db = await OpenAsync();
        return await db.Jobs.AsNoTracking().SingleAsync(j => j.Id == job.Id);
    }

    public Task<Job> UntilAsync(Job job, Func<Job, bool> isRight) => Eventually.GetAsync(() => ReadAsync(job), isRight);

    public Task<Job> UntilAsync(Job job, JobState state) => UntilAsync(job, j => j.State == state);

    /// <summary>Lets go of the workers as a portal that ends does.</summary>
    public async Task StopAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAgainAsync();
    }

    public async Task StartAgainAsync()
    {
        _host = Build();
        await _host.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var worker in WorkerFinder.FindBelow(_data.Runs))
        {
            worker.Kill();
        }

        SqliteConnection.ClearAllPools();
        await Eventually.TrueAsync(() => WorkerFinder.FindBelow(_data.Runs).Count == 0);
        Directory.Delete(_data.Root, recursive: true);
    }

    private IHost Build()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Jobs:WorkerPath"] = WorkerPath });
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddWebTrainerData(_data);
        builder.Services.AddWebTrainerJobs();
        builder.Services.Configure<JobsOptions>(options => options.PollInterval = TimeSpan.FromMilliseconds(20));
        builder.Services.Configure(_configure);
        builder.Services.Configure(_share);
        return builder.Build();
    }

    private static byte[] MigrateOnce()
    {
        var path = Path.GetTempFileName();
        using (var db = new AppDb(new DbContextOptionsBuilder<AppDb>().UseSqlite($"Data Source={path};Pooling=False").Options))
        {
            db.Database.Migrate();
        }

        var bytes = File.ReadAllBytes(path);
        File.Delete(path);
        return bytes;
    }
}
