namespace WebTrainer.EndToEnd.Support;

/// <summary>The same block again and again, as a file too large to keep in memory.</summary>
public sealed class RepeatedStream(byte[] block, int times) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => (long)block.Length * times;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var left = Length - _position;
        var from = (int)(_position % block.Length);
        var taken = (int)Math.Min(Math.Min(buffer.Length, block.Length - from), left);
        block.AsSpan(from, taken).CopyTo(buffer);
        _position += taken;
        return taken;
    }

    public override void Flush()
    {
        // Nothing is written.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
