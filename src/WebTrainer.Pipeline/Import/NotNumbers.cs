namespace WebTrainer.Pipeline.Import;

/// <summary>The words that programs write where JSON has no number.</summary>
internal static class NotNumbers
{
    private static readonly byte[][] s_words = ["-Infinity"u8.ToArray(), "Infinity"u8.ToArray(), "NaN"u8.ToArray(), "-NaN"u8.ToArray()];

    /// <summary>The text with <c>null</c> in their places, texts left alone.</summary>
    /// <returns>Null where there are none.</returns>
    public static byte[]? Replace(ReadOnlySpan<byte> json)
    {
        var replaced = new List<byte>(json.Length);
        var (inText, any) = (false, false);
        for (var i = 0; i < json.Length; )
        {
            var word = inText ? 0 : WordAt(json[i..]);
            replaced.AddRange(word > 0 ? "null"u8 : json.Slice(i, inText && json[i] == '\\' && i + 1 < json.Length ? 2 : 1));
            if (word == 0 && json[i] == '"')
            {
                inText = !inText;
            }

            i +=
                word > 0 ? word
                : inText && json[i] == '\\' && i + 1 < json.Length ? 2
                : 1;
            any |= word > 0;
        }

        return any ? [.. replaced] : null;
    }

    private static int WordAt(ReadOnlySpan<byte> json)
    {
        foreach (var word in s_words)
        {
            if (json.StartsWith(word))
            {
                return word.Length;
            }
        }

        return 0;
    }
}
