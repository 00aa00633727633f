using System.Text;
using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>Writes one object a line.</summary>
internal sealed class JsonLinesFile : IAsyncDisposable
{
    private readonly StreamWriter _writer;

    private JsonLinesFile(StreamWriter writer) => _writer = writer;

    public static JsonLinesFile Create(string path) =>
        new(
            new StreamWriter(new FileStream(path, FileMode.CreateNew), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false))
            {
                NewLine = "\n",
            }
        );

    public Task WriteAsync<T>(T value) => _writer.WriteLineAsync(JsonSerializer.Serialize(value, ProtocolJson.Line));

    public ValueTask DisposeAsync() => _writer.DisposeAsync();
}
