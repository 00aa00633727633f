namespace WebTrainer.Pipeline.Import;

/// <summary>Cuts a stream into lines, holding never more than one line and one buffer.</summary>
/// <remarks>Lines end with LF; a CR before it stays, because inside a quoted CSV field it is content.</remarks>
internal sealed class Utf8LineReader(Stream stream, string fileName, int maxLineBytes)
{
    private const int BufferBytes = 128 * 1024;
    private byte[] _buffer = new byte[BufferBytes];
    private int _start;
    private int _end;
    private bool _atEnd;

    /// <summary>The line last read, without its LF; valid until the next read.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>Its number, counted from 1.</summary>
    public long Number { get; private set; }

    /// <returns>False at the end of the file.</returns>
    /// <exception cref="DataProblemException">A line is longer than the limit.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        var searched = 0;
        while (true)
        {
            var found = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                return Take(searched + found, skip: 1);
            }

            searched = _end - _start;
            if (searched > maxLineBytes)
            {
                throw TooLong();
            }

            if (_atEnd)
            {
                return searched > 0 && Take(searched, skip: 0);
            }

            MakeRoom();
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            _atEnd = read == 0;
            _end += read;
        }
    }

    private bool Take(int length, int skip)
    {
        if (length > maxLineBytes)
        {
            throw TooLong();
        }

        Line = _buffer.AsMemory(_start, length);
        _start += length + skip;
        Number++;
        return true;
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length)
        {
            return;
        }

        var length = _end - _start;
        var target = _start == 0 ? new byte[_buffer.Length * 2] : _buffer;
        Buffer.BlockCopy(_buffer, _start, target, 0, length);
        (_buffer, _start, _end) = (target, 0, length);
    }

    private DataProblemException TooLong() =>
        new(
            $"Line {Number + 1} of '{fileName}' is longer than {maxLineBytes / 1024.0 / 1024.0:0.##} MiB, which is more than one row may have.",
            Number + 1
        );
}
