using System.Text.Json;

namespace WebTrainer.Proof.Heads;

/// <summary>
/// Signed heads, a line of JSON each, only ever appended to. A copy of the file elsewhere (another disk, another machine) is what shows
/// later that the log and this file were rolled back together.
/// </summary>
/// <param name="path">The file; made with the first head.</param>
public sealed class HeadFile(string path)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>Writes a head behind the others and waits until the disk has it.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public void Append(TreeHead head)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(
            new Line(head.Size, head.LastEntry, head.Root.ToString(), head.At, head.Key, head.Signature),
            s_json
        );
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var isBroken = file.Length > 0 && file.Seek(-1, SeekOrigin.End) >= 0 && file.ReadByte() != '\n';
        file.Seek(0, SeekOrigin.End);
        file.Write([.. isBroken ? "\n"u8 : [], .. line, (byte)'\n']); // a writer that was killed left half a line
        file.Flush(flushToDisk: true);
    }

    /// <summary>All heads in the order of the file; none where there is no file.</summary>
    /// <param name="unread">Numbers of lines, from 1, that are no heads. The last may be one whose writer was killed.</param>
    /// <exception cref="IOException">It can't be read.</exception>
    public IReadOnlyList<TreeHead> Read(out IReadOnlyList<int> unread)
    {
        var (heads, others) = (new List<TreeHead>(), new List<int>());
        unread = others;
        if (!File.Exists(path))
        {
            return heads;
        }

        foreach (var (number, text) in File.ReadLines(path).Index())
        {
            if (Parse(text) is { } head)
            {
                heads.Add(head);
            }
            else if (text.Length > 0)
            {
                others.Add(number + 1);
            }
        }

        return heads;
    }

    private static TreeHead? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<Line>(text, s_json) is { Size: >= 0, Root: not null, Key: not null, Signature: not null } line
                ? new TreeHead(line.Size, line.LastEntry, Digest.Parse(line.Root), line.At, line.Key, line.Signature)
                : null;
        }
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            return null;
        }
    }

    private sealed record Line(long Size, long LastEntry, string Root, DateTimeOffset At, string Key, byte[] Signature);
}
