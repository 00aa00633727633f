namespace WebTrainer.Pipeline.Connectors;

/// <summary>Lines of a stream, none longer than a limit.</summary>
internal sealed class MessageLines(Stream stream, int maxBytes)
{
    private const int InitialBytes = 64 * 1024;
    private byte[] _buffer = new byte[InitialBytes];
    private int _start,
        _end;
    private bool _ended;

    /// <returns>The next line without its end, valid until the next call; null after the last.</returns>
    /// <exception cref="DataProblemException">A line is longer than the limit.</exception>
    public async Task<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        var searched = 0;
        while (true)
        {
            var at = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                return Take(searched + at, 1);
            }

            if (_ended && _end > _start)
            {
                return Take(_end - _start, 0);
            }

            if (_ended)
            {
                return null; // not in one expression with the line: there, null would become an empty line
            }

            searched = _end - _start;
            if (searched >= maxBytes)
            {
                throw new DataProblemException($"A message is longer than {maxBytes / 1_048_576:N0} MiB.");
            }

            MakeRoom();
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            _ended = read == 0;
            _end += read;
        }
    }

    private ReadOnlyMemory<byte> Take(int length, int lineEnd)
    {
        var line = _buffer.AsMemory(_start, length);
        _start += length + lineEnd;
        return line;
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
    }
}
