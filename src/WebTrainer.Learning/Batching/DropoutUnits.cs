using System.Text;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Batching;

/// <summary>
/// Which tokens of a text are left out together. A token that holds whole letters stands for itself. Where the tokenizer cuts letters into
/// bytes, as those made for English do with Persian, a piece of a letter means nothing, and a word without some of its letters is another
/// word or none: there whole words are left out, and in writings without spaces whole letters.
/// </summary>
public sealed class DropoutUnits(TextTokenizer tokenizer)
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <returns>Of each token the place of the first token of its unit.</returns>
    public int[] Of(ReadOnlySpan<int> tokens)
    {
        var units = new int[tokens.Length];
        for (var start = 0; start < tokens.Length; )
        {
            var end = start + 1;
            while (end < tokens.Length && !BeginsWord(tokens[end - 1], tokens[end]))
            {
                end++;
            }

            Divide(tokens, start, end, units);
            start = end;
        }

        return units;
    }

    private void Divide(ReadOnlySpan<int> tokens, int start, int end, int[] units)
    {
        var (isBroken, bytes) = (false, new List<byte>());
        for (var i = start; i < end; i++)
        {
            bytes.AddRange(tokenizer.BytesOf(tokens[i]));
            isBroken |= !IsWhole(tokenizer.BytesOf(tokens[i]));
        }

        var byLetters = isBroken && Encoding.UTF8.GetString([.. bytes]).EnumerateRunes().Any(WritesNoSpaces);
        for (var i = start; i < end; i++)
        {
            var begins = i == start || !isBroken || (byLetters && !IsContinuation(tokenizer.BytesOf(tokens[i])));
            units[i] = begins ? i : units[i - 1];
        }
    }

    private bool BeginsWord(int before, int token)
    {
        if (tokenizer.IsSpecial(before) || tokenizer.IsSpecial(token))
        {
            return true;
        }
        // A space that is a token of its own goes with the word after it: left out alone it would make one word of two.
        var previous = tokenizer.BytesOf(before);
        var next = tokenizer.BytesOf(token);
        return !IsBlank(previous) && ((next is [var first, ..] && IsSpace(first)) || (previous is [.., var last] && IsSpace(last)));
    }

    private static bool IsBlank(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExcept(" \n\r\t"u8) < 0;

    private static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';

    /// <summary>Bytes 10xxxxxx go on with a letter that began before (UTF-8).</summary>
    private static bool IsContinuation(ReadOnlySpan<byte> bytes) => bytes is [>= 0x80 and < 0xC0, ..];

    private static bool IsWhole(ReadOnlySpan<byte> bytes)
    {
        try
        {
            s_strict.GetCharCount(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    /// <summary>Thai, Lao, Burmese, Khmer, Chinese and Japanese; Korean sets spaces.</summary>
    private static bool WritesNoSpaces(Rune rune) =>
        rune.Value
            is (>= 0x0E00 and <= 0x0EFF)
                or (>= 0x1000 and <= 0x109F)
                or (>= 0x1780 and <= 0x17FF)
                or (>= 0x2E80 and <= 0x9FFF)
                or (>= 0xF900 and <= 0xFAFF)
                or (>= 0x20000 and <= 0x3FFFF);
}
