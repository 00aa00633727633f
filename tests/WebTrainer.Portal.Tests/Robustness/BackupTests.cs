using System.Net;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data;
using WebTrainer.Data.Files;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Uploads;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Robustness;

/// <summary>Backups taken while people upload are whole, and a portal starts on them.</summary>
public sealed class BackupTests(WebPortal portal) : IClassFixture<WebPortal>, IDisposable
{
    private const int Backups = 12,
        Uploaders = 3,
        MaxBytes = 300_000;
    private readonly string _target = Directory.CreateTempSubdirectory("webtrainer-backup-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_target, recursive: true);

    [Fact]
    public async Task BackupsUnderLoad_HaveTheBytesOfEachUpload_AndAPortalStartsOnThem()
    {
        var (client, userId) = await portal.PersonAsync("uploader");
        client.Dispose();
        var project = await portal.ProjectAsync(userId);
        using var enough = new CancellationTokenSource();
        var first = new TaskCompletionSource();
        var load = Enumerable
            .Range(0, Uploaders)
            .Select(i => Task.Run(() => UploadAsync(new Caller(userId, "uploader"), project, i, first, enough.Token), Ct))
            .ToList();
        await Task.WhenAny(first.Task, Task.WhenAll(load));
        var data = portal.Services.GetRequiredService<DataFolder>();
        for (var i = 0; i < Backups; i++)
        {
            Backup.Make(data, Path.Combine(_target, $"{i}"), Ct);
        }

        await enough.CancelAsync();
        await Task.WhenAll(load);
        var seen = 0;
        for (var i = 0; i < Backups; i++)
        {
            seen = Math.Max(seen, await CheckAsync(new DataFolder(Path.Combine(_target, $"{i}"))));
        }

        Assert.InRange(seen, 1, int.MaxValue);

        await using var restored = new WebPortal(Path.Combine(_target, $"{Backups - 1}"));
        using var anyone = restored.CreateClient();
        Assert.Equal(HttpStatusCode.OK, (await anyone.GetAsync("/health", Ct)).StatusCode);
        Assert.All(
            await restored.Services.GetRequiredService<UploadService>().WaitingAsync(new Caller(userId, "uploader"), project, Ct),
            upload => Assert.Null(upload.Problem)
        );
    }

    [Fact]
    public void Backup_IntoAFolderThatIsNotEmpty_IsRefused()
    {
        File.WriteAllText(Path.Combine(_target, "mine"), "");
        var refusal = Assert.Throws<StartFailureException>(() =>
            Backup.Make(portal.Services.GetRequiredService<DataFolder>(), _target, Ct)
        );
        Assert.Contains("not empty", refusal.Message, StringComparison.Ordinal);
    }

    private async Task UploadAsync(Caller caller, Guid project, int seed, TaskCompletionSource first, CancellationToken enough)
    {
        var (random, uploads) = (new Random(seed), portal.Services.GetRequiredService<UploadService>());
        while (!enough.IsCancellationRequested)
        {
            var bytes = new byte[random.Next(1, MaxBytes)];
            random.NextBytes(bytes);
            await uploads.ReceiveAsync(caller, project, $"{Guid.NewGuid():N}.bin", bytes.Length, new MemoryStream(bytes), Ct);
            first.TrySetResult();
        }
    }

    /// <returns>Uploads in the backup.</returns>
    private static async Task<int> CheckAsync(DataFolder backup)
    {
        await using var db = new AppDb(
            new DbContextOptionsBuilder<AppDb>().UseSqlite($"Data Source={backup.Database};Pooling=False").Options
        );
        var uploads = await db.Uploads.AsNoTracking().Where(u => u.CompletedAt != null).ToListAsync(Ct);
        foreach (var sha256 in uploads.Select(u => u.Sha256!))
        {
            await using var file = File.OpenRead(new FileStore(backup).PathOf(sha256));
            Assert.Equal(sha256, Convert.ToHexStringLower(await SHA256.HashDataAsync(file, Ct)));
        }

        return uploads.Count;
    }
}
