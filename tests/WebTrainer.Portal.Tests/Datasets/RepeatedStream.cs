namespace WebTrainer.Portal.Tests.Datasets;

/// <summary>A beginning and then one byte again and again, made as it is read.</summary>
internal sealed class RepeatedStream(byte[] beginning, byte then, long repeats) : Stream
{
    private long _position;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => beginning.Length + repeats;
    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var take = (int)Math.Min(count, Length - _position);
        for (var i = 0; i < take && _position + i < beginning.Length; i++)
        {
            buffer[offset + i] = beginning[_position + i];
        }

        var from = (int)Math.Clamp(beginning.Length - _position, 0, take);
        buffer.AsSpan(offset + from, take - from).Fill(then);
        _position += take;
        return take;
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
