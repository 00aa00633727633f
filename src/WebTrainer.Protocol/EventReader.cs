using System.Text.Json;

namespace WebTrainer.Protocol;

/// <summary>Events read at one go.</summary>
/// <param name="Events">In the order of the file.</param>
/// <param name="Malformed">Whole lines that were no event, and were passed over.</param>
public sealed record EventBatch(IReadOnlyList<RunEvent> Events, int Malformed)
{
    /// <summary>Nothing was appended, or no whole line.</summary>
    public static EventBatch Empty { get; } = new([], 0);
}

/// <summary>Follows <c>events.jsonl</c> while a worker appends to it. Half a line at the end is left until it is whole.</summary>
/// <param name="path">The file; it may not exist yet.</param>
public sealed class EventReader(string path)
{
    /// <summary>Bytes read at one go, which is also the longest line: a worker gone wild must not fill the reader's memory.</summary>
    public const int MaxBatchBytes = 4 << 20;

    private long _offset;

    /// <summary>What was appended since the last call; empty when there is nothing whole.</summary>
    /// <exception cref="IOException">The file can't be read.</exception>
    public EventBatch Read()
    {
        if (!File.Exists(path))
        {
            return EventBatch.Empty;
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        if (stream.Length <= _offset)
        {
            return EventBatch.Empty;
        }

        var buffer = new byte[Math.Min(stream.Length - _offset, MaxBatchBytes)];
        stream.Position = _offset;
        var bytes = buffer.AsSpan(0, stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));

        var end = bytes.LastIndexOf((byte)'\n') + 1;
        if (end > 0)
        {
            _offset += end;
            return Parse(bytes[..end]);
        }

        if (bytes.Length < MaxBatchBytes)
        {
            return EventBatch.Empty;
        }

        _offset += bytes.Length; // A line longer than any event: what is left of it is passed over as malformed too.
        return new EventBatch([], 1);
    }

    private static EventBatch Parse(ReadOnlySpan<byte> bytes)
    {
        var events = new List<RunEvent>();
        var malformed = 0;
        while (bytes.Length > 0)
        {
            var length = bytes.IndexOf((byte)'\n');
            if (ParseLine(bytes[..length]) is { } entry)
            {
                events.Add(entry);
            }
            else
            {
                malformed++;
            }

            bytes = bytes[(length + 1)..];
        }

        return new EventBatch(events, malformed);
    }

    private static RunEvent? ParseLine(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize<RunEvent>(line, ProtocolJson.Line);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            return null; // Counted by the caller: an event of a later version, or a line that a full disk tore.
        }
    }
}
