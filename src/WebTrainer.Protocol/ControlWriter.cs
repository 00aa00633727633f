using System.Text.Json;

namespace WebTrainer.Protocol;

/// <summary>Appends numbered control messages to <c>control.jsonl</c>, flushed to disk. Only the portal writes there.</summary>
public static class ControlWriter
{
    private static readonly Lock s_lock = new();

    /// <exception cref="IOException">The disk is full or the folder is gone.</exception>
    public static ControlMessage Append(RunFolder folder, ControlAction action, DateTimeOffset time)
    {
        lock (s_lock) // The number depends on what is in the file; messages are rare, so one lock serves all runs.
        {
            using var stream = new FileStream(folder.Control, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
            var written = new byte[stream.Length];
            stream.ReadExactly(written);
            // Half a line of a portal that was killed while writing was never obeyed: it is cut off.
            var end = written.AsSpan().LastIndexOf((byte)'\n') + 1;
            stream.SetLength(end);
            stream.Position = end;

            var message = new ControlMessage(written.Count(b => b == '\n') + 1, action, time);
            stream.Write([.. JsonSerializer.SerializeToUtf8Bytes(message, ProtocolJson.Line), (byte)'\n']);
            stream.Flush(flushToDisk: true);
            return message;
        }
    }

    /// <summary>Forgets the messages to an earlier worker of this run, so that a resumed one does not obey an old stop.</summary>
    public static void Clear(RunFolder folder) => File.Delete(folder.Control);
}
