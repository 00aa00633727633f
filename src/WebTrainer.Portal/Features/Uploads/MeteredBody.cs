using WebTrainer.Domain;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Uploads;

/// <summary>A body that doesn't tell its length before: room is kept for it as it comes, ever larger pieces ahead.</summary>
internal sealed class MeteredBody(Stream body, QuotaRoom room) : Stream
{
    private const long MaxStep = 64 << 20;
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    /// <exception cref="RuleViolationException">There is no more room.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await body.ReadAsync(buffer, cancellationToken);
        _read += read;
        if (_read > room.Bytes)
        {
            await ExtendAsync(_read - room.Bytes, cancellationToken);
        }

        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    public override void Flush()
    {
        // Nothing is written.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async Task ExtendAsync(long needed, CancellationToken cancellationToken)
    {
        try
        {
            await room.ExtendAsync(Math.Max(needed, Math.Min(room.Bytes, MaxStep)), cancellationToken);
        }
        catch (RuleViolationException)
        {
            await room.ExtendAsync(needed, cancellationToken); // the end may be near
        }
    }
}
