using System.Security.Cryptography;

namespace WebTrainer.Portal.Hosting.Backups;

/// <summary>
/// The first bytes of a stream, hashed as they are read. A file that grows meanwhile is read as far as it reached at the beginning.
/// </summary>
/// <param name="length">How many bytes.</param>
internal sealed class HashingStream(Stream source, long length) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _read;

    public override bool CanRead => true;
    public override bool CanSeek => true; // only so far that its length is known
    public override bool CanWrite => false;
    public override long Length => length;

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    /// <summary>Of what was read, lower-case hex; starts anew.</summary>
    public string TakeSha256() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    /// <exception cref="EndOfStreamException">The source became shorter.</exception>
    public override int Read(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, length - _read);
        if (wanted == 0)
        {
            return 0;
        }

        var count = source.Read(buffer[..wanted]);
        if (count == 0)
        {
            throw new EndOfStreamException($"It has {_read} of {length} bytes.");
        }

        _hash.AppendData(buffer[..count]);
        _read += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _hash.Dispose();
        base.Dispose(disposing);
    }
}
