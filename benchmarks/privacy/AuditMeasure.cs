using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data;
using WebTrainer.Data.Auditing;
using WebTrainer.Domain.Audit;
using WebTrainer.Proof;

namespace WebTrainer.Benchmarks.Privacy;

/// <summary>
/// What sealing and encrypting add to a request that writes an audit entry, and how long a million entries are looked through.
/// </summary>
internal static class AuditMeasure
{
    private const int Writes = 2000,
        WarmUp = 300,
        Blocks = 5,
        Entries = 1_000_000;
    private static readonly Guid s_project = Guid.NewGuid();

    public static async Task RunAsync()
    {
        var root = Directory.CreateTempSubdirectory("webtrainer-privacy-").FullName;
        try
        {
            await WritesAsync(root);
            await MillionAsync(root);
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            Directory.Delete(root, recursive: true);
        }
    }

    // Turn by turn, so that both sides have the same machine.
    private static async Task WritesAsync(string root)
    {
        await using var sealing = await OpenAsync(Path.Combine(root, "sealed"), isSealed: true);
        await using var plain = await OpenAsync(Path.Combine(root, "plain"), isSealed: false);
        await WriteAsync(sealing, WarmUp);
        await WriteAsync(plain, WarmUp);
        var (with, without) = (new List<double>(), new List<double>());
        for (var block = 0; block < Blocks; block++)
        {
            with.AddRange(await WriteAsync(sealing, Writes / Blocks));
            without.AddRange(await WriteAsync(plain, Writes / Blocks));
        }

        Console.WriteLine(
            $"append: {Median(with):0.000} ms sealed and encrypted, {Median(without):0.000} ms without, difference {Median(with) - Median(without):0.000} ms (medians of {Writes}); 95th {At(with, 0.95):0.000} and {At(without, 0.95):0.000} ms"
        );
    }

    private static async Task MillionAsync(string root)
    {
        await using var services = await OpenAsync(Path.Combine(root, "million"), isSealed: true);
        var (folder, keys, files) = (
            services.GetRequiredService<DataFolder>(),
            services.GetRequiredService<ProofKeys>(),
            services.GetRequiredService<AuditFiles>()
        );
        var heads = new AuditHeads(keys, files.OpenHeads());
        await using var db = services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContext();
        await db.Database.OpenConnectionAsync();
        var clock = Stopwatch.StartNew();
        for (var part = 0; part < 10; part++)
        {
            await db.Database.ExecuteSqlRawAsync(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"""
                    INSERT INTO Audit (At, UserId, UserName, ProjectId, Action, Subject, Before, After)
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Entries / 10})
                    SELECT 638000000000000000 + i, '7b0c5f1e-0d2c-4b7e-9a59-0f6f2f4f6c11', 'Ada Lovelace', '{s_project.ToString().ToUpperInvariant()}',
                        'run.approved', '5d7f6a60-6f0a-4c8a-8a0e-3c4f5b6a7d8' || (i % 10),
                        NULL, 'enc1.1.' || hex(randomblob(60)) FROM n
                    """
                )
            );
            await heads.ReadOnAsync(db, CancellationToken.None);
            heads.Sign(DateTimeOffset.UtcNow);
        }

        Console.WriteLine(
            $"a million entries written and sealed in {clock.Elapsed.TotalSeconds:0.0} s, {new FileInfo(folder.Database).Length / 1e6:0} MB"
        );
        for (var i = 0; i < 3; i++)
        {
            var cpu = Environment.CpuUsage.TotalTime;
            var report = AuditVerifier.Verify(folder.Database, keys, files.OpenHeads(), CancellationToken.None);
            Console.WriteLine($"verify ({(Environment.CpuUsage.TotalTime - cpu).TotalSeconds:0.0} s of CPU): {report.Sentences().First()}");
        }

        clock.Restart();
        AuditConsistency.Prove(folder.Database, Entries / 2, CancellationToken.None);
        Console.WriteLine($"consistency proof with the head at half of them: {clock.Elapsed.TotalSeconds:0.00} s");
    }

    private static async Task<ServiceProvider> OpenAsync(string path, bool isSealed)
    {
        var folder = new DataFolder(path);
        folder.Prepare();
        var services = new ServiceCollection();
        if (isSealed)
        {
            services.AddWebTrainerData(folder);
        }
        else
        {
            services.AddDbContextFactory<AppDb>(options =>
                options.UseSqlite($"Data Source={folder.Database}").AddInterceptors(new SqlitePragmas())
            );
        }

        var provider = services.BuildServiceProvider();
        await using var db = provider.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContext();
        await db.Database.MigrateAsync();
        if (!isSealed)
        {
            await db.Database.ExecuteSqlRawAsync("DROP TRIGGER Audit_Seal");
        }

        return provider;
    }

    private static async Task<List<double>> WriteAsync(ServiceProvider services, int count)
    {
        var times = new List<double>(count);
        var databases = services.GetRequiredService<IDbContextFactory<AppDb>>();
        for (var i = 0; i < count; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await using var db = await databases.CreateDbContextAsync();
            db.Audit.Add(
                new AuditEntry(
                    DateTimeOffset.UtcNow,
                    "7b0c5f1e",
                    "Ada Lovelace",
                    s_project,
                    "run.approved",
                    "5d7f6a60",
                    null,
                    """{"hash":"0f6f2f4f6c11"}"""
                )
            );
            await db.SaveChangesAsync();
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return times;
    }

    private static double Median(List<double> values) => At(values, 0.5);

    private static double At(List<double> values, double share) => values.Order().ElementAt((int)(share * (values.Count - 1)));
}
