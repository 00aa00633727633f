using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Operations;
using WebTrainer.Portal.Features.Uploads;

namespace WebTrainer.Portal.Tests.Datasets;

public sealed class UploadTests : DatasetsTest
{
    [Fact]
    public async Task Chunks_OneAfterTheOther_BecomeTheFile()
    {
        var upload = await Uploads.StartAsync(Lead, Project, "rows.csv", 10, Ct);
        Assert.True((await SendAsync(upload.Id, 0, "01234")).Accepted);
        var (accepted, done) = await SendAsync(upload.Id, 5, "56789");
        Assert.True(accepted);
        Assert.True(done.IsComplete);
        Assert.Equal("0123456789", await File.ReadAllTextAsync(Portal.Get<FileStore>().PathOf(done.Sha256!), Ct));
        Assert.Empty(Directory.GetFiles(Folder.Uploads));
        await using var db = Portal.OpenDb();
        Assert.Equal(["upload.started", "upload.completed"], await db.Audit.OrderBy(a => a.Id).Select(a => a.Action).ToListAsync(Ct));
    }

    [Fact]
    public async Task Upload_WhoseBytesAreMissing_SaysSo_AndCanBeDiscarded()
    {
        var upload = await UploadAsync("rows.csv", TwoLabels);
        Assert.Null(Assert.Single(await Uploads.WaitingAsync(Lead, Project, Ct)).Problem);
        File.Delete(Portal.Get<FileStore>().PathOf(upload.Sha256!));
        Assert.Contains(
            "missing on the server",
            Assert.Single(await Uploads.WaitingAsync(Lead, Project, Ct)).Problem,
            StringComparison.Ordinal
        );
        await Uploads.DiscardAsync(Lead, Project, upload.Id, Ct);
        Assert.Empty(await Uploads.WaitingAsync(Lead, Project, Ct));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public async Task Chunk_AtAnotherOffset_IsRefusedAndSaysWhereToGoOn(long offset)
    {
        var upload = await Uploads.StartAsync(Lead, Project, "rows.csv", 10, Ct);
        await SendAsync(upload.Id, 0, "01234");
        var (accepted, now) = await SendAsync(upload.Id, offset, "xx");
        Assert.False(accepted);
        Assert.Equal(5, now.Received);
    }

    [Fact]
    public async Task Start_AfterARestart_GoesOnWhereItStopped()
    {
        var upload = await Uploads.StartAsync(Lead, Project, "rows.csv", 10, Ct);
        await SendAsync(upload.Id, 0, "01234");
        using var restarted = ActivatorUtilities.CreateInstance<UploadService>(Portal.Services);
        var again = await restarted.StartAsync(Lead, Project, "rows.csv", 10, Ct);
        Assert.Equal((upload.Id, 5L), (again.Id, again.Received));
        Assert.True((await restarted.AppendAsync(Lead, Project, again.Id, 5, Body("56789"), Ct)).Upload.IsComplete);
    }

    [Fact]
    public async Task Chunk_WithMoreThanAnnounced_IsRefusedAndLeavesTheFileAsItWas()
    {
        var upload = await Uploads.StartAsync(Lead, Project, "rows.csv", 6, Ct);
        await SendAsync(upload.Id, 0, "01234");
        await Assert.ThrowsAsync<RuleViolationException>(() => SendAsync(upload.Id, 5, "too much"));
        Assert.Equal(5, (await Uploads.GetAsync(Lead, Project, upload.Id, Ct)).Received);
    }

    [Fact]
    public async Task Chunk_ThatBreaksOff_KeepsWhatArrived()
    {
        var upload = await Uploads.StartAsync(Lead, Project, "rows.csv", 10, Ct);
        await Assert.ThrowsAsync<IOException>(() => Uploads.AppendAsync(Lead, Project, upload.Id, 0, new BreakingStream("012"), Ct));
        Assert.Equal(3, (await Uploads.GetAsync(Lead, Project, upload.Id, Ct)).Received);
    }

    [Fact]
    public async Task WholeFile_ThatBreaksOff_LeavesNothing()
    {
        await Assert.ThrowsAsync<IOException>(() => Uploads.ReceiveAsync(Lead, Project, "rows.csv", null, new BreakingStream("012"), Ct));
        await Assert.ThrowsAsync<RuleViolationException>(() => Uploads.ReceiveAsync(Lead, Project, "rows.csv", 10, Body("012"), Ct));
        Assert.Empty(Directory.GetFiles(Folder.Temporary));
        Assert.Empty(await Uploads.WaitingAsync(Lead, Project, Ct));
    }

    [Theory]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("..\\..\\evil.csv", "evil.csv")]
    [InlineData("/tmp/x.csv", "x.csv")]
    public async Task Start_WithAPathAsName_KeepsItsLastPartForShow(string name, string shown)
    {
        var upload = await Uploads.StartAsync(Lead, Project, name, 3, Ct);
        Assert.Equal(shown, upload.FileName);
        await SendAsync(upload.Id, 0, "ab");
        Assert.Equal(upload.Id.ToString("N"), Path.GetFileName(Assert.Single(Directory.GetFiles(Folder.Uploads))));
    }

    [Fact]
    public async Task Start_TooLargeOrEmpty_IsRefused()
    {
        var tooLarge = await Assert.ThrowsAsync<RuleViolationException>(() => Uploads.StartAsync(Lead, Project, "a.csv", 600_000_000, Ct));
        Assert.Contains("the limit is 500 MB", tooLarge.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RuleViolationException>(() => Uploads.StartAsync(Lead, Project, "a.csv", 0, Ct));
    }

    [Fact]
    public async Task Discard_RemovesRecordAndBytes_ButNotWhatADatasetWasMadeOf()
    {
        var unused = await UploadAsync("unused.csv", "text,label\na,b\n");
        await Uploads.DiscardAsync(Lead, Project, unused.Id, Ct);
        Assert.False(File.Exists(Portal.Get<FileStore>().PathOf(unused.Sha256!)));
        await Assert.ThrowsAsync<NotFoundException>(() => Uploads.GetAsync(Lead, Project, unused.Id, Ct));

        var used = await UploadAsync("used.csv", TwoLabels);
        await DataImports.ImportAsync(Lead, Project, used.Id, "Used", null, Ct);
        await Assert.ThrowsAsync<RuleViolationException>(() => Uploads.DiscardAsync(Lead, Project, used.Id, Ct));
    }

    [Fact]
    public async Task Discard_WhileItIsBeingImported_IsRefused()
    {
        var upload = await UploadAsync("rows.csv", Table(300_000)); // takes seconds, unless it is stopped
        var operation = await DataImports.StartImportAsync(Lead, Project, upload.Id, "Rows", null, Ct);
        await Assert.ThrowsAsync<RuleViolationException>(() => Uploads.DiscardAsync(Lead, Project, upload.Id, Ct));
        Assert.Empty(await Uploads.WaitingAsync(Lead, Project, Ct));
        await Data.StopAsync(Lead, Project, operation.Id, Ct);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => operation.Completion);
        await Uploads.DiscardAsync(Lead, Project, upload.Id, Ct);
    }

    [Fact]
    public async Task Sweep_ThrowsAwayWhatIsOldOrBelongsToNothing()
    {
        var old = await Uploads.StartAsync(Lead, Project, "old.csv", 10, Ct);
        await SendAsync(old.Id, 0, "01234");
        Portal.Clock.Advance(TimeSpan.FromDays(8));
        var young = await Uploads.StartAsync(Lead, Project, "young.csv", 10, Ct);
        await SendAsync(young.Id, 0, "01234");
        await File.WriteAllTextAsync(Path.Combine(Folder.Uploads, "stray"), "x", Ct);

        await ActivatorUtilities.CreateInstance<UploadSweep>(Portal.Services).StartAsync(Ct);
        Assert.Equal(young.Id.ToString("N"), Path.GetFileName(Assert.Single(Directory.GetFiles(Folder.Uploads))));
        Assert.Equal(young.Id, Assert.Single(await Uploads.WaitingAsync(Lead, Project, Ct)).Id);
    }

    private Task<ChunkResult> SendAsync(Guid upload, long offset, string text) =>
        Uploads.AppendAsync(Lead, Project, upload, offset, Body(text), Ct);

    private static MemoryStream Body(string text) => new(Encoding.ASCII.GetBytes(text));

    /// <summary>A connection that is lost after these bytes.</summary>
    private sealed class BreakingStream(string text) : MemoryStream(Encoding.ASCII.GetBytes(text))
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer, cancellationToken);
            return read > 0 ? read : throw new IOException("The connection was lost.");
        }
    }
}
