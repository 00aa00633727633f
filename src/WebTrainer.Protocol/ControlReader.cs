using System.Text;
using System.Text.Json;

namespace WebTrainer.Protocol;

/// <summary>Follows a growing <c>control.jsonl</c>; lines that are not finished yet are left for the next look.</summary>
/// <param name="path">The file; it may not exist yet.</param>
/// <param name="handledUntil">Messages of this time and earlier were for a former worker and are skipped.</param>
public sealed class ControlReader(string path, DateTimeOffset handledUntil)
{
    private long _position;

    /// <summary>What was asked since the last look, oldest first.</summary>
    /// <exception cref="IOException">The file is there but can't be read.</exception>
    public IReadOnlyList<ControlMessage> Poll()
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.Length <= _position)
        {
            return [];
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = _position;
        var bytes = new byte[stream.Length - _position];
        stream.ReadExactly(bytes);
        var whole = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        _position += whole;
        return
        [
            .. Encoding
                .UTF8.GetString(bytes, 0, whole)
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonSerializer.Deserialize<ControlMessage>(line, ProtocolJson.Line)!)
                .Where(message => message.Time > handledUntil),
        ];
    }
}
