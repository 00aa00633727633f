using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Queries;

/// <summary>Writes the lines of an answer, up to its limit.</summary>
internal sealed class QueryLines(Stream output, int maxBytes) : IDisposable
{
    private readonly BufferedStream _output = new(output);
    private long _bytes;

    /// <summary>Writes a row if there is room for it.</summary>
    public bool TryWrite(QueryLine line)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(line, ProtocolJson.Line);
        if (_bytes + text.Length > maxBytes)
        {
            return false;
        }

        Write(text);
        return true;
    }

    /// <summary>Writes what frames the rows, whatever has been written.</summary>
    public void Write(QueryLine line) => Write(JsonSerializer.SerializeToUtf8Bytes(line, ProtocolJson.Line));

    public void Dispose() => _output.Dispose();

    private void Write(byte[] text)
    {
        _output.Write(text);
        _output.WriteByte((byte)'\n');
        _bytes += text.Length + 1;
    }
}
