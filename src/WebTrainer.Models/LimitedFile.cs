using WebTrainer.Protocol;

namespace WebTrainer.Models;

/// <summary>A file that is written from its beginning, says how far it is, and takes no more than was announced.</summary>
internal sealed class LimitedFile(string path, long maximumBytes, IProgress<long>? progress) : Stream
{
    private readonly FileStream _file = new(path, FileMode.Create, FileAccess.Write, FileShare.None);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _file.Length;

    public override long Position
    {
        get => _file.Position;
        set => throw new NotSupportedException();
    }

    /// <exception cref="ModelFileException">There is more than was announced.</exception>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Check(buffer.Length);
        await _file.WriteAsync(buffer, cancellationToken);
        progress?.Report(Position);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count)
    {
        Check(count);
        _file.Write(buffer, offset, count);
        progress?.Report(Position);
    }

    public override void Flush() => _file.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Check(int bytes)
    {
        if (Position + bytes > maximumBytes)
        {
            throw new ModelFileException("More bytes arrived than the package has; it was not taken.");
        }
    }
}
