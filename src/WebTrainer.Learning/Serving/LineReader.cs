namespace WebTrainer.Learning.Serving;

/// <summary>Reads lines of bounded length, so that a peer that never ends its line can't fill the memory.</summary>
internal sealed class LineReader(Stream stream, int maximumBytes)
{
    private readonly byte[] _buffer = new byte[1 << 14];
    private int _begin,
        _end;

    /// <returns>Null at the end of the stream.</returns>
    /// <exception cref="InvalidDataException">The line is too long.</exception>
    public async Task<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        using var line = new MemoryStream();
        while (true)
        {
            if (_begin == _end)
            {
                (_begin, _end) = (0, await stream.ReadAsync(_buffer, cancellationToken));
                if (_end == 0)
                {
                    return null;
                }
            }

            var newline = Array.IndexOf(_buffer, (byte)'\n', _begin, _end - _begin);
            var stop = newline < 0 ? _end : newline;
            line.Write(_buffer, _begin, stop - _begin);
            _begin = newline < 0 ? _end : newline + 1;
            if (line.Length > maximumBytes)
            {
                throw new InvalidDataException("A line is too long.");
            }

            if (newline >= 0)
            {
                return line.ToArray();
            }
        }
    }
}
