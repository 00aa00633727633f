using System.Runtime.CompilerServices;

namespace WebTrainer.Pipeline.Import;

/// <summary>Some lines of a file, copied out of the reader's buffer so that they can be read on another thread.</summary>
/// <param name="Bytes">The lines one after the other.</param>
/// <param name="Lines">Number in the file, and where each lies in <paramref name="Bytes"/>.</param>
internal sealed record LineBatch(byte[] Bytes, IReadOnlyList<(long Number, int Start, int Length)> Lines)
{
    /// <summary>A few milliseconds of parsing.</summary>
    private const int BatchBytes = 256 * 1024;

    public IEnumerable<(long Number, ReadOnlyMemory<byte> Text)> Texts =>
        Lines.Select(line => (line.Number, (ReadOnlyMemory<byte>)Bytes.AsMemory(line.Start, line.Length)));

    /// <summary>All lines that aren't empty.</summary>
    /// <exception cref="DataProblemException">A line is longer than the limit.</exception>
    public static async IAsyncEnumerable<LineBatch> ReadAsync(
        Utf8LineReader reader,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var bytes = new byte[BatchBytes];
        var (used, lines) = (0, new List<(long, int, int)>());
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.Line.Span.TrimEnd(" \t\r"u8).IsEmpty)
            {
                continue;
            }

            if (used > 0 && used + reader.Line.Length > bytes.Length)
            {
                yield return new LineBatch(bytes, lines);
                (bytes, used, lines) = (new byte[BatchBytes], 0, []);
            }

            if (reader.Line.Length > bytes.Length)
            {
                bytes = new byte[reader.Line.Length];
            }

            reader.Line.Span.CopyTo(bytes.AsSpan(used));
            lines.Add((reader.Number, used, reader.Line.Length));
            used += reader.Line.Length;
        }

        if (used > 0)
        {
            yield return new LineBatch(bytes, lines);
        }
    }
}
