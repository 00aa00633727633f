using System.Text;
using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.FakeWorker;

/// <summary>Appends events as the real worker does, numbered over all attempts; half a line of a killed one is cut off.</summary>
internal sealed class EventLog : IDisposable
{
    private readonly FileStream _file;
    private long _seq;

    public EventLog(RunFolder folder)
    {
        _file = new FileStream(folder.Events, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        var text = new byte[_file.Length];
        _file.ReadExactly(text);
        _seq = text.Count(b => b == '\n');
        _file.SetLength(text.AsSpan().LastIndexOf((byte)'\n') + 1);
        _file.Seek(0, SeekOrigin.End);
    }

    public void Write(RunEvent entry)
    {
        WriteRaw(JsonSerializer.Serialize(entry with { Seq = ++_seq, Time = DateTimeOffset.UtcNow }, ProtocolJson.Line) + "\n");
    }

    /// <summary>Writes a line in two halves, with time between them for a reader to come by.</summary>
    public void WriteTorn(RunEvent entry)
    {
        var line = JsonSerializer.Serialize(entry with { Seq = ++_seq, Time = DateTimeOffset.UtcNow }, ProtocolJson.Line) + "\n";
        WriteRaw(line[..(line.Length / 2)]);
        Thread.Sleep(30);
        WriteRaw(line[(line.Length / 2)..]);
    }

    public void WriteRaw(string text)
    {
        _file.Write(Encoding.UTF8.GetBytes(text));
        _file.Flush();
    }

    public void State(WorkerState state) => Write(new StateEvent(state) { ProcessId = Environment.ProcessId });

    public void Dispose() => _file.Dispose();
}
