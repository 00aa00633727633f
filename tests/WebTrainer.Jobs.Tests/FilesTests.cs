using System.Text;
using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Tests;

public sealed class FilesTests : IDisposable
{
    private readonly RunFolder _folder = new(Directory.CreateTempSubdirectory("wtf-").FullName);

    public void Dispose() => Directory.Delete(_folder.Root, recursive: true);

    [Fact]
    public void EventReader_EachPrefixOfAFile_GivesWholeLinesOnlyAndAllInTheEnd()
    {
        var bytes = Encoding.UTF8.GetBytes(Line(1, "یک") + Line(2, "two") + Line(3, "سه"));
        var reader = new EventReader(_folder.Events);
        var read = new List<RunEvent>();

        using var file = new FileStream(_folder.Events, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        foreach (var one in bytes)
        {
            file.WriteByte(one);
            file.Flush();
            read.AddRange(reader.Read().Events);
        }

        Assert.Equal(["یک", "two", "سه"], read.Cast<LogEvent>().Select(e => e.Message));
    }

    [Fact]
    public void EventReader_LinesThatAreNoEvents_ArePassedOverAndCounted()
    {
        File.WriteAllText(_folder.Events, Line(1, "a") + "{\"seq\":2,\"ty\n" + "{\"type\":\"hologram\",\"seq\":3}\n" + Line(4, "b"));

        var batch = new EventReader(_folder.Events).Read();

        Assert.Equal([1L, 4L], batch.Events.Select(e => e.Seq));
        Assert.Equal(2, batch.Malformed);
    }

    [Fact]
    public void EventReader_EndlessLine_DoesNotFillMemoryOrStopTheReader()
    {
        File.WriteAllText(_folder.Events, new string('x', (2 * EventReader.MaxBatchBytes) + 5) + "\n" + Line(1, "after"));
        var reader = new EventReader(_folder.Events);

        var batches = Enumerable.Range(0, 4).Select(_ => reader.Read()).ToList();

        Assert.Equal("after", Assert.IsType<LogEvent>(Assert.Single(batches.SelectMany(b => b.Events))).Message);
    }

    [Fact]
    public void ControlWriter_NumbersMessages_AndCutsATornLine()
    {
        ControlWriter.Append(_folder, ControlAction.Pause, DateTimeOffset.UnixEpoch);
        File.AppendAllText(_folder.Control, "{\"seq\":2,\"act");
        ControlWriter.Append(_folder, ControlAction.Stop, DateTimeOffset.UnixEpoch);

        var messages = File.ReadAllLines(_folder.Control).Select(l => JsonSerializer.Deserialize<ControlMessage>(l, ProtocolJson.Line)!);

        Assert.Equal([(1L, ControlAction.Pause), (2L, ControlAction.Stop)], messages.Select(m => (m.Seq, m.Action)));
    }

    private static string Line(long seq, string message) =>
        JsonSerializer.Serialize<RunEvent>(new LogEvent("info", message) { Seq = seq }, ProtocolJson.Line) + "\n";
}
