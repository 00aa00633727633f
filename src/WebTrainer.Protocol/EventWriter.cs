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
    private readonly CancellationToken _stopping;
    private readonly Lock _lock = new();
    private long _seq;

    /// <param name="path">The file; made where it isn't there, else gone on with.</param>
    /// <param name="clock">Gives events their time; null for the system's.</param>
    /// <param name="cancellationToken">Ends waiting for room on a full disk.</param>
    /// <exception cref="IOException">The file can't be written, or another worker writes it.</exception>
    public EventWriter(string path, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        _stopping = cancellationToken;
        _clock = clock ?? TimeProvider.System;
        // Without a buffer: what a full disk refused must not be written again with the next line.
        _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        _seq = CutToLastWholeLine(_stream);
    }

    /// <summary>Number of the last event written.</summary>
    public long LastSeq => _seq;

    /// <summary>Waits while the disk is full: an event that is lost could not be told from one that never was.</summary>
    /// <exception cref="OperationCanceledException">While waiting.</exception>
    public void Write(RunEvent entry) => FullDisk.WriteWhenThereIsRoom(() => Append(entry), onFull: null, _stopping);

    /// <returns>False where the disk is full and nothing was written.</returns>
    public bool TryWrite(RunEvent entry)
    {
        try
        {
            Append(entry);
            return true;
        }
        catch (IOException exception) when (FullDisk.Caused(exception))
        {
            return false;
        }
    }

    private void Append(RunEvent entry)
    {
        lock (_lock)
        {
            var numbered = entry with { Seq = _seq + 1, Time = _clock.GetUtcNow() };
            var (line, end) = (JsonSerializer.SerializeToUtf8Bytes(numbered, ProtocolJson.Line), _stream.Position);
            try
            {
                _stream.Write([.. line, (byte)'\n']);
                _stream.Flush();
            }
            catch (IOException)
            {
                // What fitted of the line is taken back, so that a later one does not stand behind half of this.
                RandomAccess.SetLength(_stream.SafeFileHandle, end);
                _stream.Position = end;
                throw;
            }

            _seq++;
        }
    }

    /// <summary>Closes the file, so that another worker can write it.</summary>
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
