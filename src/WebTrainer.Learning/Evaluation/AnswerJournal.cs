using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Benchmarks;

namespace WebTrainer.Learning.Evaluation;

/// <summary>
/// What a model answered, kept in a file as it comes: a worker that was killed goes on behind its last batch, and another evaluation of the
/// same model asks only what is new.
/// </summary>
internal sealed class AnswerJournal : IDisposable
{
    private readonly Dictionary<string, ModelResponse> _known = new(StringComparer.Ordinal);
    private readonly FileStream _file;

    private sealed record Entry(string Key, ModelResponse Response);

    private AnswerJournal(FileStream file)
    {
        _file = file;
        Read();
    }

    /// <param name="folder">Shared by all evaluations; null for none.</param>
    /// <param name="fallback">The run's own folder, used where there is no shared one or another worker has it open.</param>
    /// <param name="identity">Everything that answers depend on, as a file name.</param>
    public static AnswerJournal Open(string? folder, string fallback, string identity)
    {
        var name = identity + ".jsonl";
        if (folder is not null)
        {
            Directory.CreateDirectory(folder);
            try
            {
                return new(Open(Path.Combine(folder, name)));
            }
            catch (IOException)
            {
                // Another worker judges the same model: this one keeps its own answers.
            }
        }

        Directory.CreateDirectory(fallback);
        return new(Open(Path.Combine(fallback, name)));
    }

    public static string KeyOf(ModelRequest request) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(request, ProtocolJson.Line)).AsSpan(0, 16));

    public ModelResponse? Find(string key) => _known.GetValueOrDefault(key);

    /// <summary>Keeps the answers of a batch; they are on disk when this returns.</summary>
    public void Add(IEnumerable<(string Key, ModelResponse Response)> answers)
    {
        var lines = new StringBuilder();
        foreach (var (key, response) in answers)
        {
            _known[key] = response;
            lines.Append(JsonSerializer.Serialize(new Entry(key, response), ProtocolJson.Line)).Append('\n');
        }

        if (lines.Length == 0)
        {
            return;
        }

        _file.Write(Encoding.UTF8.GetBytes(lines.ToString()));
        _file.Flush(flushToDisk: true);
    }

    public void Dispose() => _file.Dispose();

    private static FileStream Open(string path) => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    /// <summary>A worker that was killed may have left half a line; it is cut off.</summary>
    private void Read()
    {
        using var reader = new StreamReader(_file, Encoding.UTF8, leaveOpen: true);
        var whole = 0L;
        while (reader.ReadLine() is { } line)
        {
            Entry? entry = null;
            try
            {
                entry = JsonSerializer.Deserialize<Entry>(line, ProtocolJson.Line);
            }
            catch (JsonException)
            {
                break;
            }

            if (entry is null || whole + Encoding.UTF8.GetByteCount(line) >= _file.Length)
            {
                break; // the last line has no end: more of it may have been meant
            }

            whole += Encoding.UTF8.GetByteCount(line) + 1;
            _known[entry.Key] = entry.Response;
        }

        _file.SetLength(whole);
        _file.Position = whole;
    }
}
