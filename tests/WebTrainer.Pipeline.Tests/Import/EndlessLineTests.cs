using WebTrainer.Pipeline.Import;

namespace WebTrainer.Pipeline.Tests.Import;

public sealed class EndlessLineTests
{
    private const int Limit = 1024 * 1024;

    [Fact]
    public async Task LineReader_LineWithoutEnd_StopsNearTheLimit()
    {
        using var stream = new EndlessStream();
        var reader = new Utf8LineReader(stream, "a.jsonl", Limit);
        var problem = await Assert.ThrowsAsync<DataProblemException>(async () => await reader.ReadAsync(CancellationToken.None));

        Assert.Equal(1, problem.Line);
        Assert.InRange(stream.Given, Limit, 2 * Limit);
    }

    [Fact]
    public async Task ArraySplitter_ElementWithoutEnd_StopsNearTheLimit()
    {
        using var stream = new EndlessStream();
        var splitter = new JsonArraySplitter(stream, "a.json", Limit);
        var problem = await Assert.ThrowsAsync<DataProblemException>(async () => await splitter.ReadAsync(CancellationToken.None));

        Assert.Equal(1, problem.Line);
        Assert.InRange(stream.Given, Limit, 2 * Limit);
    }

    /// <summary>Gives the letter x for ever.</summary>
    private sealed class EndlessStream : Stream
    {
        public long Given { get; private set; }
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => Given;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            buffer.Fill((byte)'x');
            Given += buffer.Length;
            return buffer.Length;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
