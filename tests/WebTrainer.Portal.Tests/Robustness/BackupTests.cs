using System.Formats.Tar;
using System.Net;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data;
using WebTrainer.Data.Files;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Uploads;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Hosting.Backups;
using WebTrainer.Portal.Tests.Shared;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Robustness;

/// <summary>Backups taken while people upload are whole, and a portal starts on what is restored; what was changed is refused by
/// name.</summary>
public sealed class BackupTests(WebPortal portal) : IClassFixture<WebPortal>, IDisposable
{
    private const int Backups = 12,
        Uploaders = 3,
        MaxBytes = 300_000;
    private static readonly DateTimeOffset s_now = new(2026, 11, 30, 4, 0, 0, TimeSpan.Zero);
    private readonly string _target = Directory.CreateTempSubdirectory("webtrainer-backup-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private DataFolder Data => portal.Services.GetRequiredService<DataFolder>();

    public void Dispose() => Directory.Delete(_target, recursive: true);

    [Fact]
    public async Task BackupsUnderLoad_AreRestoredWhole_AndAPortalStartsOnThem()
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
        for (var i = 0; i < Backups; i++)
        {
            BackupWriter.Write(Data, Path.Combine(_target, $"{i}.tar"), s_now, Ct);
        }

        await enough.CancelAsync();
        await Task.WhenAll(load);
        var seen = 0;
        for (var i = 0; i < Backups; i++)
        {
            var folder = new DataFolder(Path.Combine(_target, $"{i}"));
            Restore.Into(folder, Path.Combine(_target, $"{i}.tar"), Ct);
            Assert.Empty(FolderCheck.Look(folder, Ct).Findings);
            seen = Math.Max(seen, await UploadsAsync(folder));
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
    public async Task Backup_WhileAWorkerHoldsItsFolder_HasItsFilesAndNotItsLease()
    {
        var folder = new RunFolder(Data.RunFolderOf(Guid.NewGuid()));
        Directory.CreateDirectory(folder.Root);
        await using var lease = new FileStream(folder.Lease, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        await using var events = new FileStream(folder.Events, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        events.Write("{}\n"u8);
        events.Flush();

        var names = BackupWriter.Write(Data, Archive, s_now, Ct).Files.Select(file => file.Path).ToList();

        Assert.Contains($"runs/{Path.GetFileName(folder.Root)}/events.jsonl", names);
        Assert.DoesNotContain(names, name => name.EndsWith(Path.GetFileName(folder.Lease), StringComparison.Ordinal));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Archive));
    }

    [Theory]
    [InlineData("changed", "keys/secret.xml is not what was written")]
    [InlineData("missing", "keys/secret.xml is missing")]
    [InlineData("added", "keys/other.xml does not belong into it")]
    [InlineData("outside", "../outside does not belong into it")]
    [InlineData("link", "keys/link does not belong into it")]
    [InlineData("twice", "keys/secret.xml does not belong into it")]
    [InlineData("cut", "its end is missing")]
    public void Restore_OfAnArchiveThatWasChanged_IsRefused_NamesTheFile_AndLeavesNothing(string how, string sentence)
    {
        File.WriteAllText(Path.Combine(Data.Keys, "secret.xml"), "<key/>");
        BackupWriter.Write(Data, Archive, s_now, Ct);
        var changed = Path.Combine(_target, "changed.tar");
        Rewrite(Archive, changed, how);
        var target = new DataFolder(Path.Combine(_target, "restored"));

        var refusal = Assert.Throws<StartFailureException>(() => Restore.Into(target, changed, Ct));

        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(target.Root));
        Assert.False(File.Exists(Path.Combine(_target, "outside")));
    }

    [Fact]
    public void Restore_OfWhatIsNoArchive_IsRefused()
    {
        File.WriteAllBytes(Archive, [.. Enumerable.Range(0, 2000).Select(i => (byte)(i * 7))]);
        Assert.Contains(
            "can't be read",
            Assert.Throws<StartFailureException>(() => BackupReader.Read(Archive, null, Ct)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Restore_IntoAFolderThatIsNotEmpty_AndBackupOverAFile_AreRefused()
    {
        BackupWriter.Write(Data, Archive, s_now, Ct);
        var full = Directory.CreateDirectory(Path.Combine(_target, "full")).FullName;
        File.WriteAllText(Path.Combine(full, "mine"), "");
        Assert.Contains(
            "not empty",
            Assert.Throws<StartFailureException>(() => Restore.Into(new DataFolder(full), Archive, Ct)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "there already",
            Assert.Throws<StartFailureException>(() => BackupWriter.Write(Data, Archive, s_now, Ct)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Commands_BackUpRestoreAndCheck_AndCheckNamesADamagedFileAndALostOne()
    {
        var (client, userId) = await portal.PersonAsync("commander");
        client.Dispose();
        var project = await portal.ProjectAsync(userId);
        var uploads = portal.Services.GetRequiredService<UploadService>();
        foreach (var text in (byte[][])["kept"u8.ToArray(), "lost"u8.ToArray()])
        {
            await uploads.ReceiveAsync(
                new Caller(userId, "commander"),
                project,
                $"{Guid.NewGuid():N}.bin",
                text.Length,
                new MemoryStream(text),
                Ct
            );
        }

        var root = Path.Combine(_target, "restored");
        Assert.Equal(0, Run(Data.Root, "backup", Archive));
        Assert.Equal(0, Run(root, "check", Archive));
        Assert.Equal(0, Run(root, "restore", Archive));
        Assert.Equal(0, Run(root, "check"));
        Assert.Throws<StartFailureException>(() => Run(root, "backup"));

        var store = new FileStore(new DataFolder(root));
        var (kept, lost) = (store.PathOf(Hash("kept")), store.PathOf(Hash("lost")));
        await File.AppendAllTextAsync(kept, "!", Ct);
        File.Delete(lost);
        Assert.Equal(1, Run(root, "check"));
        var findings = FolderCheck.Look(new DataFolder(root), Ct).Findings;
        Assert.Contains(
            findings,
            finding => finding.Contains(Hash("kept"), StringComparison.Ordinal) && finding.Contains("damaged", StringComparison.Ordinal)
        );
        Assert.Contains(
            findings,
            finding => finding.Contains(Hash("lost"), StringComparison.Ordinal) && finding.Contains("missing", StringComparison.Ordinal)
        );
        Assert.Equal(2, findings.Count);
    }

    private string Archive => Path.Combine(_target, "backup.tar");

    private static string Hash(string text) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));

    private static int Run(string folder, params string[] words) =>
        BackupCommand.Run(
            CommandWords.Find(words, BackupCommand.Names)!,
            new ConfigurationBuilder().AddInMemoryCollection([new("Portal:DataFolder", folder)]).Build(),
            new FakeHost(folder),
            TimeProvider.System,
            Ct
        );

    private static void Rewrite(string from, string to, string how)
    {
        using var source = new TarReader(File.OpenRead(from));
        using var target = new TarWriter(File.Create(to));
        while (source.GetNextEntry(copyData: true) is { } entry)
        {
            if (entry.Name == BackupManifest.Name && how == "cut")
            {
                break;
            }

            if (entry.Name != "keys/secret.xml")
            {
                target.WriteEntry(entry);
                continue;
            }

            if (how != "missing")
            {
                target.WriteEntry(Plain(entry.Name, how == "changed" ? "<kez/>" : "<key/>"));
            }

            if (how == "link")
            {
                target.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "keys/link") { LinkName = "/etc/passwd" });
            }
            else if (how is "added" or "outside" or "twice")
            {
                target.WriteEntry(
                    Plain(
                        how == "added" ? "keys/other.xml"
                            : how == "outside" ? "../outside"
                            : entry.Name,
                        "<key/>"
                    )
                );
            }
        }

        static PaxTarEntry Plain(string name, string text) =>
            new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)) };
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

    private static async Task<int> UploadsAsync(DataFolder folder)
    {
        await using var connection = new SqliteConnection($"Data Source={folder.Database};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(Ct);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM Uploads WHERE CompletedAt IS NOT NULL";
        return Convert.ToInt32(await command.ExecuteScalarAsync(Ct));
    }
}
