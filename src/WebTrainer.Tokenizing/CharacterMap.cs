using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>
/// SentencePiece's compiled table of what is written for which characters (arXiv:1808.06226): a double-array trie of UTF-8 bytes
/// (darts-clone) behind its length, then the texts that it points at, each ended by a zero.
/// </summary>
internal sealed class CharacterMap
{
    private const int LongestCluster = 5;
    private readonly uint[] _units;
    private readonly byte[] _texts;

    private CharacterMap(uint[] units, byte[] texts) => (_units, _texts) = (units, texts);

    /// <exception cref="ModelFileException">The table contradicts itself.</exception>
    public static CharacterMap Read(byte[] table)
    {
        if (table.Length == 0)
        {
            return new([], []);
        }

        if (
            table.Length < sizeof(uint)
            || BinaryPrimitives.ReadUInt32LittleEndian(table) is var bytes
                && (bytes > table.Length - sizeof(uint) || bytes % sizeof(uint) != 0)
        )
        {
            throw new ModelFileException("The tokenizer's table of characters is cut off.");
        }

        var units = new uint[bytes / sizeof(uint)];
        for (var i = 0; i < units.Length; i++)
        {
            units[i] = BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan((i + 1) * sizeof(uint)));
        }

        return new(units, table[(int)(bytes + sizeof(uint))..]);
    }

    /// <summary>Each cluster of characters as the table has it whole, or else each of its characters.</summary>
    public string Apply(string text)
    {
        if (_units.Length == 0)
        {
            return text;
        }

        var written = new StringBuilder(text.Length);
        var clusters = StringInfo.GetTextElementEnumerator(text);
        while (clusters.MoveNext())
        {
            var cluster = clusters.GetTextElement();
            if (Encoding.UTF8.GetByteCount(cluster) <= LongestCluster && Find(cluster) is { } whole)
            {
                written.Append(whole);
                continue;
            }

            foreach (var rune in cluster.EnumerateRunes())
            {
                written.Append(Find(rune.ToString()) ?? rune.ToString());
            }
        }

        return written.ToString();
    }

    /// <summary>What stands for the longest beginning of a text that the table knows, and how many characters that is.</summary>
    /// <returns>Null if it knows none.</returns>
    public (string Text, int Length)? FindLongest(ReadOnlySpan<char> text)
    {
        if (_units.Length == 0)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[4];
        var (position, length, found) = (Offset(Unit(0)), 0, ((string, int)?)null);
        foreach (var rune in text.EnumerateRunes())
        {
            foreach (var next in bytes[..rune.EncodeToUtf8(bytes)])
            {
                position ^= next;
                var unit = Unit(position);
                if (next == 0 || (unit & 0x8000_00FF) != next)
                {
                    return found;
                }

                position ^= Offset(unit);
                if ((unit >> 8 & 1) == 1)
                {
                    found = (TextAt(Unit(position) & 0x7FFF_FFFF), length + rune.Utf16SequenceLength);
                }
            }

            length += rune.Utf16SequenceLength;
        }

        return found;
    }

    /// <summary>What stands for the shortest beginning of these characters that the table knows; null if it knows none.</summary>
    private string? Find(string characters)
    {
        var position = Offset(Unit(0));
        foreach (var next in Encoding.UTF8.GetBytes(characters))
        {
            position ^= next;
            var unit = Unit(position);
            if (next == 0 || (unit & 0x8000_00FF) != next)
            {
                return null;
            }

            position ^= Offset(unit);
            if ((unit >> 8 & 1) == 1)
            {
                return TextAt(Unit(position) & 0x7FFF_FFFF);
            }
        }

        return null;
    }

    private uint Unit(uint position) =>
        position < _units.Length
            ? _units[position]
            : throw new ModelFileException("The tokenizer's table of characters points outside itself.");

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & 0x200) >> 6);

    private string TextAt(uint start)
    {
        if (start >= _texts.Length)
        {
            throw new ModelFileException("The tokenizer's table of characters points outside itself.");
        }

        var rest = _texts.AsSpan((int)start);
        var end = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }
}
