using System.Buffers;

namespace WebTrainer.Pipeline.Import;

/// <summary>Cuts a JSON list into the bytes of its elements without reading the list as a whole.</summary>
/// <remarks>It only follows strings and brackets; whether an element is valid JSON is for its parser to say.</remarks>
internal sealed class JsonArraySplitter(Stream stream, string fileName, int maxElementBytes)
{
    private readonly byte[] _buffer = new byte[128 * 1024];
    private readonly ArrayBufferWriter<byte> _element = new(4096);
    private int _next;
    private int _end;
    private bool _entered;

    public ReadOnlyMemory<byte> Element => _element.WrittenMemory;

    /// <summary>Line where <see cref="Element"/> begins, counted from 1.</summary>
    public long ElementLine { get; private set; }

    /// <summary>Line reached so far.</summary>
    public long Line { get; private set; } = 1;

    /// <summary>Whether the list's closing bracket was seen.</summary>
    public bool Closed { get; private set; }

    /// <returns>False at the end of the list or of the file.</returns>
    /// <exception cref="DataProblemException">An element is longer than the limit, or its end is missing.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        if (Closed || !await SkipToElementAsync(cancellationToken))
        {
            return false;
        }

        _element.ResetWrittenCount();
        ElementLine = Line;
        var scanner = new ElementScanner();
        while (true)
        {
            var taken = scanner.Scan(_buffer.AsSpan(_next, _end - _next));
            Collect(taken);
            if (scanner.Done)
            {
                return true;
            }

            if (!await FillAsync(cancellationToken))
            {
                return true;
            }
        }
    }

    private async ValueTask<bool> SkipToElementAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_next == _end && !await FillAsync(cancellationToken))
            {
                return false;
            }

            var b = _buffer[_next];
            if (b == ']')
            {
                Closed = true;
                return false;
            }

            if (b == '[' && !_entered)
            {
                _entered = true;
            }
            else if (b is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)','))
            {
                return true;
            }

            if (b == '\n')
            {
                Line++;
            }

            _next++;
        }
    }

    private void Collect(int length)
    {
        var part = _buffer.AsSpan(_next, length);
        if (_element.WrittenCount + length > maxElementBytes)
        {
            throw new DataProblemException(
                $"The row that begins in line {ElementLine} of '{fileName}' is longer than {maxElementBytes / 1024.0 / 1024.0:0.##} MiB, "
                    + "which is more than one row may have.",
                ElementLine
            );
        }

        _element.Write(part);
        Line += part.Count((byte)'\n');
        _next += length;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        _next = 0;
        _end = await stream.ReadAsync(_buffer, cancellationToken);
        return _end > 0;
    }

    /// <summary>Finds where an element ends, over as many pieces as it takes.</summary>
    private struct ElementScanner
    {
        private int _depth;
        private bool _inString;
        private bool _escaped;

        public bool Done { get; private set; }

        /// <returns>Bytes of <paramref name="piece"/> that belong to the element.</returns>
        public int Scan(ReadOnlySpan<byte> piece)
        {
            for (var i = 0; i < piece.Length; i++)
            {
                var b = piece[i];
                if (_inString)
                {
                    if (_escaped)
                    {
                        _escaped = false;
                    }
                    else if (b == '\\')
                    {
                        _escaped = true;
                    }
                    else if (b == '"')
                    {
                        _inString = false;
                    }

                    continue;
                }

                if (_depth == 0 && (b is (byte)',' or (byte)']'))
                {
                    Done = true;
                    return i;
                }

                if (b == '"')
                {
                    _inString = true;
                }
                else if (b is (byte)'{' or (byte)'[')
                {
                    _depth++;
                }
                else if (b is (byte)'}' or (byte)']' && --_depth <= 0)
                {
                    Done = true;
                    return i + 1;
                }
            }

            return piece.Length;
        }
    }
}
