namespace WebTrainer.Portal.Features.Evaluations.Examples;

/// <summary>
/// Workers' files of a JSON object a line, hundreds of megabytes long: read once in large pieces, then single lines by where they begin.
/// </summary>
public static class JsonLines
{
    private const int PieceBytes = 1 << 20;

    /// <param name="line">Without its end.</param>
    /// <param name="at">Byte at which it begins.</param>
    public delegate void OnLine(ReadOnlySpan<byte> line, long at);

    /// <summary>Every whole line in its order; a last one without its end is still being written, and left out.</summary>
    /// <returns>The byte after the last whole line.</returns>
    public static long ForEach(string path, OnLine onLine, CancellationToken cancellationToken)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, PieceBytes, FileOptions.SequentialScan);
        var buffer = new byte[PieceBytes];
        var (filled, start) = (0, 0L);
        for (int read; (read = stream.Read(buffer, filled, buffer.Length - filled)) > 0; )
        {
            cancellationToken.ThrowIfCancellationRequested();
            filled += read;
            var begin = 0;
            for (int length; (length = buffer.AsSpan(begin, filled - begin).IndexOf((byte)'\n')) >= 0; begin += length + 1)
            {
                onLine(buffer.AsSpan(begin, length), start + begin);
            }

            buffer.AsSpan(begin, filled - begin).CopyTo(buffer);
            (filled, start) = (filled - begin, start + begin);
            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }

        return start;
    }
}
