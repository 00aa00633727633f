using System.Text;

namespace WebTrainer.Pipeline.Cleaning.Duplicates;

/// <summary>A text as the set of its word sequences, each as a hash.</summary>
internal static class Shingles
{
    /// <summary>Words of a sequence.</summary>
    public const int Words = 3;

    /// <summary>Code points of a sequence, spaces among them.</summary>
    public const int Letters = 5;

    /// <summary>Sequences of three words, set apart by a space; a shorter text is one sequence.</summary>
    /// <returns>The first four bytes of the SHA-1 of each sequence's UTF-8, little endian. A sequence that comes twice is in it
    /// twice.</returns>
    public static uint[] Hash(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        var starts = new List<int>();
        var end = Join(text, bytes, starts);
        if (starts.Count == 0)
        {
            return [];
        }

        var count = Math.Max(1, starts.Count - Words + 1);
        var spans = new (int Start, int Length)[count];
        for (var i = 0; i < count; i++)
        {
            var stop = i + Words < starts.Count ? starts[i + Words] - 1 : end;
            spans[i] = (starts[i], stop - starts[i]);
        }

        return Sha1Lanes.FirstWords(bytes, spans);
    }

    /// <summary>
    /// Sequences of five letters, spaces among them; a shorter text is one sequence. One wrong letter changes five of them, whatever the
    /// length of its word.
    /// </summary>
    /// <returns>As <see cref="Hash"/>.</returns>
    public static uint[] HashLetters(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        var end = Join(text, bytes, []);
        if (end == 0)
        {
            return [];
        }

        var starts = new List<int>(text.Length);
        for (var i = 0; i < end; i++)
        {
            // Bytes of the form 10xxxxxx go on with a letter.
            if ((bytes[i] & 0xC0) != 0x80)
            {
                starts.Add(i);
            }
        }

        var spans = new (int Start, int Length)[Math.Max(1, starts.Count - Letters + 1)];
        for (var i = 0; i < spans.Length; i++)
        {
            spans[i] = (starts[i], (i + Letters < starts.Count ? starts[i + Letters] : end) - starts[i]);
        }

        return Sha1Lanes.FirstWords(bytes, spans);
    }

    /// <summary>Writes the words of a text one space apart, and notes where each begins.</summary>
    /// <returns>Bytes written.</returns>
    private static int Join(string text, byte[] bytes, List<int> starts)
    {
        var position = 0;
        var i = 0;
        while (true)
        {
            while (i < text.Length && char.IsWhiteSpace(text[i]))
            {
                i++;
            }

            if (i == text.Length)
            {
                return position;
            }

            var word = i;
            while (i < text.Length && !char.IsWhiteSpace(text[i]))
            {
                i++;
            }

            if (position > 0)
            {
                bytes[position++] = (byte)' ';
            }

            starts.Add(position);
            position += Encoding.UTF8.GetBytes(text.AsSpan(word, i - word), bytes.AsSpan(position));
        }
    }
}
