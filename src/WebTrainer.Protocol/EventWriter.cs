using System.Text.Json;

namespace WebTrainer.Protocol;

/// <summary>
/// Appends numbered events, one line each, flushed. A worker that comes back goes on with the next number; half a line that a
/// killed worker left is cut off first.
/// </summary>
public sealed class EventWriter : IDisposable
{
    private readonly FileStream _stream;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private long _seq;

    /// <exception cref="IOException">The file can't be written, or another worker writes it.</exception>
    public EventWriter(string path, TimeProvider? clock = null)
    {
        _clock = clock ?? TimeProvider.System;
        _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        _seq = CutToLastWholeLine(_stream);
    }

    /// <summary>Number of the last event written.</summary>
    public long LastSeq => _seq;

    /// <exception cref="IOException">The disk is full.</exception>
    public void Write(RunEvent entry)
    {
        lock (_lock)
        {
            var numbered = entry with { Seq = _seq + 1, Time = _clock.GetUtcNow() };
            var line = JsonSerializer.SerializeToUtf8Bytes(numbered, ProtocolJson.Line);
            _stream.Write([.. line, (byte)'\n']);
            _stream.Flush();
            _seq++;
        }
    }

    public void Dispose() => _stream.Dispose();

    private static long CutToLastWholeLine(FileStream stream)
    {
        var (count, end, position) = (0L, 0L, 0L);
        var buffer = new byte[1 << 16];
        for (int read; (read = stream.Read(buffer)) > 0; position += read)
        {
            for (var i = 0; i < read; i++)
            {
                if (buffer[i] == '\n')
                {
                    count++;
                    end = position + i + 1;
                }
            }
        }

        stream.SetLength(end);
        stream.Position = end;
        return count;
    }
}
