using System.Text;

namespace WebTrainer.Pipeline.Import;

/// <summary>A file as a stream of UTF-8 without byte order mark, whatever it was encoded in.</summary>
internal sealed class SourceStream : IAsyncDisposable
{
    private const int BufferBytes = 128 * 1024;
    private readonly FileStream _file;

    private SourceStream(FileStream file, Stream text, TextEncoding encoding)
    {
        _file = file;
        Text = text;
        Encoding = encoding;
    }

    public Stream Text { get; }
    public TextEncoding Encoding { get; }

    /// <summary>Bytes of the file read so far.</summary>
    public long Position => _file.Position;
    public long Length => _file.Length;

    /// <summary>Opens it as its first bytes say.</summary>
    public static Task<SourceStream> OpenAsync(string path, CancellationToken cancellationToken) =>
        OpenAsync(path, known: null, cancellationToken);

    /// <param name="known">What it is encoded in, where that is known; null to go by its first bytes.</param>
    public static async Task<SourceStream> OpenAsync(string path, TextEncoding? known, CancellationToken cancellationToken)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.SequentialScan);
        try
        {
            var head = new byte[TextEncodings.HeadBytes];
            var read = await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
            var (found, markBytes) = TextEncodings.Recognise(head.AsSpan(0, read));
            var encoding = known ?? found;
            file.Position = markBytes;
            var text = Decode(file, encoding);
            return new SourceStream(file, LineEnds.AreCr(head.AsSpan(0, read)) ? new LineEnds(text) : text, encoding);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Text.DisposeAsync();
        await _file.DisposeAsync();
    }

    private static Stream Decode(FileStream file, TextEncoding encoding) =>
        TextEncodings.IsUtf8(encoding)
            ? file
            : System.Text.Encoding.CreateTranscodingStream(file, TextEncodings.Decoder(encoding), new UTF8Encoding(false), leaveOpen: true);
}
