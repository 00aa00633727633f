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

    public static async Task<SourceStream> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.SequentialScan);
        try
        {
            var head = new byte[3];
            var read = await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
            var (encoding, markBytes) = Recognise(head.AsSpan(0, read));
            file.Position = markBytes;
            return new SourceStream(file, Decode(file, encoding), encoding);
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

    private static (TextEncoding Encoding, int MarkBytes) Recognise(ReadOnlySpan<byte> head) => head switch
    {
        [0xEF, 0xBB, 0xBF, ..] => (TextEncoding.Utf8WithBom, 3),
        [0xFF, 0xFE, ..] => (TextEncoding.Utf16LittleEndian, 2),
        [0xFE, 0xFF, ..] => (TextEncoding.Utf16BigEndian, 2),
        _ => (TextEncoding.Utf8, 0),
    };

    private static Stream Decode(FileStream file, TextEncoding encoding)
    {
        if (encoding is TextEncoding.Utf8 or TextEncoding.Utf8WithBom) return file;

        // Lone surrogates become NUL, which no row may hold: so they are reported by line like all broken text.
        var name = encoding == TextEncoding.Utf16BigEndian ? "utf-16BE" : "utf-16";
        var utf16 = System.Text.Encoding.GetEncoding(name, EncoderFallback.ExceptionFallback, new DecoderReplacementFallback("\0"));
        return System.Text.Encoding.CreateTranscodingStream(file, utf16, new UTF8Encoding(false), leaveOpen: true);
    }
}
