using System.Security.Cryptography;
using System.Text.Json;
using WebTrainer.Pipeline.Publishing;
using WebTrainer.Pipeline.Splits;
using WebTrainer.Pipeline.Tests.Support;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Tests.Publishing;

public sealed class SnapshotWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SnapshotWriter _writer = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Write_LabelData_FilesHashesAndClosedLabels()
    {
        var version = await _folder.WriteAsync(Generated.Labelled(100, 3));
        var split = await new Splitter().SplitAsync(version.Path, _folder.At("s"), new SplitShares(0.1, 0.2), 1);
        var snapshot = await _writer.WriteAsync(split.Version.Path, _folder.At("snapshot"));

        Assert.Equal(["label0", "label1", "label2"], snapshot.Files.Labels!);
        Assert.Equal((70L, 10L, 20L), (snapshot.Files.Train!.Rows, snapshot.Files.Validation!.Rows, snapshot.Files.Test!.Rows));
        var bytes = await File.ReadAllBytesAsync(snapshot.Files.Test.Path);
        Assert.Equal(snapshot.Files.Test.Sha256, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        var rows = File.ReadLines(snapshot.Files.Test.Path)
            .Select(l => JsonSerializer.Deserialize<DatasetRow>(l, ProtocolJson.Line)!)
            .ToList();
        var expected = (await split.Version.RowsAsync()).Where(r => r.Split == DataSplit.Test);
        Assert.Equal(
            expected.Select(r => (r.Id, r.Prompt, r.Response!)),
            rows.Select(r => (r.Id, r.Messages[0].Content, r.Messages[^1].Content))
        );
    }

    [Fact]
    public async Task Write_FreeAnswersAndUnanswered_NoLabelsAndCounted()
    {
        var version = await _folder.WriteAsync([
            CanonicalRow.Create("1", 1, null, "p", "r", split: DataSplit.Train),
            CanonicalRow.Create("2", 2, null, "q", null, split: DataSplit.Train),
        ]);
        var snapshot = await _writer.WriteAsync(version.Path, _folder.At("snapshot"));

        Assert.Null(snapshot.Files.Labels);
        Assert.Null(snapshot.Files.Test);
        Assert.Equal((1L, 1L), (snapshot.Files.Train!.Rows, snapshot.Unanswered));
    }

    [Fact]
    public async Task Write_PreferencePair_KeepsTheRejectedAnswer()
    {
        var row = CanonicalRow.Create("1", 1, null, "p", "good", split: DataSplit.Train) with
        {
            Extra = new Dictionary<string, string> { [Preferences.Rejected] = "bad" },
        };
        var snapshot = await _writer.WriteAsync((await _folder.WriteAsync([row])).Path, _folder.At("snapshot"));

        var read = JsonSerializer.Deserialize<DatasetRow>(File.ReadLines(snapshot.Files.Train!.Path).Single(), ProtocolJson.Line)!;
        Assert.Equal(("good", "bad"), (read.Messages[^1].Content, read.Rejected));
    }

    [Fact]
    public async Task Write_JudgedAnswers_KeepTheirMarks_AndNobodyIsJudgedByAnUnwantedOne()
    {
        static CanonicalRow Row(int line, string mark, DataSplit split) =>
            CanonicalRow.Create($"{line}", line, null, "p", $"answer {mark}", $"answer {mark}", split) with
            {
                Extra = new Dictionary<string, string> { [Preferences.Desired] = mark },
            };
        var version = await _folder.WriteAsync([
            Row(1, "true", DataSplit.Train),
            Row(2, "false", DataSplit.Train),
            Row(3, "false", DataSplit.Test),
            Row(4, "true", DataSplit.Test),
        ]);
        var snapshot = await _writer.WriteAsync(version.Path, _folder.At("snapshot"));

        var read = File.ReadLines(snapshot.Files.Train!.Path).Select(l => JsonSerializer.Deserialize<DatasetRow>(l, ProtocolJson.Line)!);
        Assert.Equal([true, false], read.Select(row => row.Desired!.Value));
        Assert.Equal(1, snapshot.Files.Test!.Rows);
        Assert.Equal(["answer true"], snapshot.Files.Labels!); // what nobody wants is no label
    }

    [Fact]
    public async Task Write_UnsplitOrUnansweredOrExisting_IsRefusedAndLeavesNothing()
    {
        var unsplit = await _folder.WriteAsync([CanonicalRow.Create("1", 1, null, "p", "r")], "1");
        var unanswered = await _folder.WriteAsync([CanonicalRow.Create("1", 1, null, "p", null, split: DataSplit.Train)], "2");

        await Assert.ThrowsAsync<DataProblemException>(() => _writer.WriteAsync(unsplit.Path, _folder.At("snapshot")));
        await Assert.ThrowsAsync<DataProblemException>(() => _writer.WriteAsync(unanswered.Path, _folder.At("snapshot")));
        Assert.Empty(Directory.GetDirectories(_folder.Root));
        Directory.CreateDirectory(_folder.At("snapshot"));
        await Assert.ThrowsAsync<IOException>(() => _writer.WriteAsync(unsplit.Path, _folder.At("snapshot")));
    }
}
