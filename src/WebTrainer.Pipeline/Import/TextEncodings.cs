using System.Text;
using System.Text.Unicode;

namespace WebTrainer.Pipeline.Import;

/// <summary>Tells by the first bytes of a file how its text is encoded.</summary>
internal static class TextEncodings
{
    /// <summary>Bytes looked at.</summary>
    public const int HeadBytes = 64 * 1024;

    /// <summary>Arabic text seldom has fewer letters, and fewer would be a guess.</summary>
    private const int LeastArabicBytes = 12;

    /// <summary>Letters of windows-1256: accents of Latin scripts share some of these bytes, but never stand three in a row.</summary>
    private static readonly bool[] s_arabic = Arabic();

    /// <returns>The encoding, and the bytes of its mark at the beginning.</returns>
    public static (TextEncoding Encoding, int MarkBytes) Recognise(ReadOnlySpan<byte> head) =>
        head switch
        {
            [0xEF, 0xBB, 0xBF, ..] => (TextEncoding.Utf8WithBom, 3),
            [0xFF, 0xFE, ..] => (TextEncoding.Utf16LittleEndian, 2),
            [0xFE, 0xFF, ..] => (TextEncoding.Utf16BigEndian, 2),
            _ => (WithoutMark(head), 0),
        };

    /// <summary>
    /// The decoder; what it can't read becomes NUL, which no row may hold, so that it is reported by line like all broken text.
    /// </summary>
    public static Encoding Decoder(TextEncoding encoding)
    {
        var broken = new DecoderReplacementFallback("\0");
        return encoding switch
        {
            TextEncoding.Utf16LittleEndian => Encoding.GetEncoding("utf-16", EncoderFallback.ExceptionFallback, broken),
            TextEncoding.Utf16BigEndian => Encoding.GetEncoding("utf-16BE", EncoderFallback.ExceptionFallback, broken),
            _ when CodePage(encoding) is { } page => CodePagesEncodingProvider.Instance.GetEncoding(
                page,
                EncoderFallback.ExceptionFallback,
                broken
            )!,
            _ => throw new ArgumentOutOfRangeException(nameof(encoding), encoding, message: null),
        };
    }

    public static bool IsUtf8(TextEncoding encoding) => encoding is TextEncoding.Utf8 or TextEncoding.Utf8WithBom;

    /// <summary>What lines are written in that are no UTF-8, in a file that shows no sign of it either.</summary>
    /// <returns>Null where they may be anything: such lines are broken.</returns>
    public static TextEncoding? Guess(ReadOnlySpan<byte> lines) =>
        IsJapanese(lines) ? TextEncoding.ShiftJis
        : IsWestern(lines) ? TextEncoding.Windows1252
        : null;

    private static int? CodePage(TextEncoding encoding) =>
        encoding switch
        {
            TextEncoding.Windows1250 => 1250,
            TextEncoding.Windows1251 => 1251,
            TextEncoding.Windows1252 => 1252,
            TextEncoding.Windows1256 => 1256,
            TextEncoding.ShiftJis => 932,
            TextEncoding.Gb18030 => 54936,
            TextEncoding.Big5 => 950,
            TextEncoding.EucKr => 949,
            _ => null,
        };

    /// <summary>
    /// Signs of two bytes all along, most of them kana or the common kanji: letters of the West that happen to fit never do so to the end.
    /// </summary>
    private static bool IsJapanese(ReadOnlySpan<byte> text)
    {
        int signs = 0,
            common = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is < 0x80 or (>= 0xA1 and <= 0xDF))
            {
                continue;
            }

            if (text[i] is 0x80 or 0xA0 or > 0xFC || i + 1 == text.Length || text[i + 1] is < 0x40 or 0x7F or > 0xFC)
            {
                return false;
            }

            signs++;
            if (text[i] is >= 0x81 and <= 0x9F)
            {
                common++;
            }

            i++;
        }

        return signs >= 2 && common * 2 >= signs;
    }

    /// <summary>Accented letters that stand in words, dashes and quotes: what Western texts hold of the upper half.</summary>
    private static bool IsWestern(ReadOnlySpan<byte> text)
    {
        int letters = 0,
            inWords = 0,
            signs = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] < 0x80)
            {
                continue;
            }

            if (text[i] is 0x81 or 0x8D or 0x8F or 0x90 or 0x9D or >= 0xFE or 0xD7 or 0xF7 or 0xF0 or 0xD0)
            {
                return false;
            }

            if (text[i] < 0xC0)
            {
                signs++;
            }
            else
            {
                letters++;
            }

            if (text[i] >= 0xC0 && (IsLetter(text, i - 1) || IsLetter(text, i + 1)))
            {
                inWords++;
            }
        }

        return letters + signs > 0 && inWords * 4 >= letters * 3 && signs <= Math.Max(letters, text.Length / 20);
    }

    private static bool IsLetter(ReadOnlySpan<byte> text, int at) => at >= 0 && at < text.Length && char.IsAsciiLetter((char)text[at]);

    private static TextEncoding WithoutMark(ReadOnlySpan<byte> head)
    {
        if (IsUtf16(head, nulAt: 1))
        {
            return TextEncoding.Utf16LittleEndian;
        }

        if (IsUtf16(head, nulAt: 0))
        {
            return TextEncoding.Utf16BigEndian;
        }

        return !IsUtf8(head) && IsArabic(head) ? TextEncoding.Windows1256 : TextEncoding.Utf8;
    }

    /// <summary>Spaces, line ends and signs of any script have a zero byte in UTF-16, always on the same side.</summary>
    private static bool IsUtf16(ReadOnlySpan<byte> head, int nulAt)
    {
        var pairs = head.Length / 2;
        Span<int> zeros = [0, 0];
        for (var i = 0; i < pairs * 2; i++)
        {
            if (head[i] == 0)
            {
                zeros[i % 2]++;
            }
        }

        return pairs >= 4 && zeros[nulAt] * 10 >= pairs && zeros[1 - nulAt] * 100 <= pairs;
    }

    // The head may end within a character.
    private static bool IsUtf8(ReadOnlySpan<byte> head)
    {
        for (var cut = 0; cut < 4 && cut <= head.Length; cut++)
        {
            if (Utf8.IsValid(head[..^cut]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsArabic(ReadOnlySpan<byte> head)
    {
        int high = 0,
            arabic = 0,
            runs = 0;
        var inRun = false;
        foreach (var b in head)
        {
            if (b >= 0x80)
            {
                high++;
            }

            if (s_arabic[b])
            {
                arabic++;
            }

            if (s_arabic[b] && !inRun)
            {
                runs++;
            }

            inRun = s_arabic[b];
        }

        return arabic >= LeastArabicBytes && arabic * 10 >= high * 9 && arabic >= runs * 3;
    }

    private static bool[] Arabic()
    {
        var letters = new bool[256];
        foreach (
            var (from, to) in ((int, int)[])
                [(0xC0, 0xD6), (0xD8, 0xDF), (0xE1, 0xE1), (0xE3, 0xE6), (0xEC, 0xED), (0xF0, 0xF3), (0xF5, 0xF6)]
        )
        {
            Array.Fill(letters, true, from, to - from + 1);
        }
        // Letters of Persian and Urdu, and the joiners: پ چ ژ گ ک ٹ ڈ ڑ ھ ے, ZWNJ, ZWJ.
        foreach (var b in "\x81\x8D\x8E\x90\x98\x8A\x8F\x9A\xAA\xFF\x9D\x9E")
        {
            letters[b] = true;
        }

        return letters;
    }
}
