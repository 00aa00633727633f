namespace WebTrainer.Pipeline.Connectors;

/// <summary>
/// What a server sends, for as long as it sends: the client's own time ends with the head of the answer, and one that falls silent behind
/// it would be waited for without end.
/// </summary>
/// <param name="patience">Longest silence.</param>
internal sealed class PatientStream(Stream body, TimeSpan patience) : Stream
{
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

    /// <exception cref="DataProblemException">The server fell silent, or broke off.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            var read = await body.ReadAsync(buffer, limit.Token);
            _read += read;
            return read;
        }
        catch (IOException e)
        {
            throw new DataProblemException($"The transfer broke off after {_read:N0} bytes.", cause: e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DataProblemException(
                $"The server sent nothing for {patience.TotalSeconds:N0} seconds, after {_read:N0} bytes.",
                cause: e
            );
        }
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

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
        }

        base.Dispose(disposing);
    }
}
