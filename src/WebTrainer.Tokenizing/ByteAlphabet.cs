namespace WebTrainer.Tokenizing;

/// <summary>
/// GPT-2's one-to-one map between the 256 bytes and printable characters, which lets a byte-level vocabulary be written as text.
/// Printable Latin-1 characters stand for themselves; the others are moved to U+0100 and up, in order.
/// </summary>
public static class ByteAlphabet
{
    private static readonly char[] s_charOf = BuildCharacters();
    private static readonly Dictionary<char, byte> s_byteOf = s_charOf
        .Select((character, value) => (character, value))
        .ToDictionary(pair => pair.character, pair => (byte)pair.value);

    /// <summary>The character that stands for a byte: U+0021 to U+0143, never white space.</summary>
    public static char CharacterOf(byte value) => s_charOf[value];

    /// <summary>One character a byte; <see cref="TryRead"/> reads it back.</summary>
    public static string Write(ReadOnlySpan<byte> bytes)
    {
        var text = new char[bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            text[i] = s_charOf[bytes[i]];
        }

        return new string(text);
    }

    /// <returns>Null when the text has a character that stands for no byte.</returns>
    public static byte[]? TryRead(string text)
    {
        var bytes = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            if (!s_byteOf.TryGetValue(text[i], out bytes[i]))
            {
                return null;
            }
        }

        return bytes;
    }

    private static char[] BuildCharacters()
    {
        var characters = new char[256];
        var next = 256;
        for (var value = 0; value < 256; value++)
        {
            characters[value] = IsPrintable(value) ? (char)value : (char)next++;
        }

        return characters;
    }

    private static bool IsPrintable(int value) => value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
}
