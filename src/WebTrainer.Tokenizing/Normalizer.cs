using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>
/// The first step of a <c>tokenizer.json</c>, which writes a text as the vocabulary expects it. Each kind does what the ecosystem's own
/// library does, character by character; one that is not known is refused by its name.
/// </summary>
internal static class Normalizer
{
    private const int MaximumPatternLength = 1000;

    /// <summary>Leaves a text as it is.</summary>
    public static string None(string text) => text;

    /// <exception cref="ModelFileException">A step is of an unknown kind.</exception>
    public static Func<string, string> Read(JsonElement step)
    {
        if (step.ValueKind != JsonValueKind.Object)
        {
            return None;
        }

        var type = step.TryGetProperty("type", out var name) ? name.GetString() : null;
        switch (type)
        {
            case "Sequence":
                Func<string, string>[] steps = [.. step.GetProperty("normalizers").EnumerateArray().Select(Read)];
                return text => steps.Aggregate(text, (now, next) => next(now));
            case "BertNormalizer":
                return BertNormalizer.Read(step).Apply;
            case "NFC":
                return text => UnicodeText.Normalize(text, NormalizationForm.FormC);
            case "NFD":
                return text => UnicodeText.Normalize(text, NormalizationForm.FormD);
            case "NFKC":
                return text => UnicodeText.Normalize(text, NormalizationForm.FormKC);
            case "NFKD":
                return text => UnicodeText.Normalize(text, NormalizationForm.FormKD);
            case "Lowercase":
                return UnicodeText.Lower;
            case "StripAccents":
                return text =>
                    UnicodeText.Where(
                        text,
                        rune =>
                            Rune.GetUnicodeCategory(rune)
                                is not (
                                    UnicodeCategory.NonSpacingMark
                                    or UnicodeCategory.SpacingCombiningMark
                                    or UnicodeCategory.EnclosingMark
                                )
                    );
            case "Strip":
                var (left, right) = (step.GetProperty("strip_left").GetBoolean(), step.GetProperty("strip_right").GetBoolean());
                return text =>
                    (left, right) switch
                    {
                        (true, true) => text.Trim(),
                        (true, false) => text.TrimStart(),
                        (false, true) => text.TrimEnd(),
                        _ => text,
                    };
            case "Prepend":
                var prefix = step.GetProperty("prepend").GetString()!;
                return text => text.Length == 0 ? text : prefix + text;
            case "Replace":
                return Replacing(step.GetProperty("pattern"), step.GetProperty("content").GetString()!);
            case "Precompiled":
                return CharacterMap.Read(step.GetProperty("precompiled_charsmap").GetBytesFromBase64()).Apply;
            case "ByteLevel":
                return text => PreTokenizer.Spell(text);
            case "Nmt":
                return text => Map(text, Nmt);
            default:
                throw new ModelFileException($"The tokenizer's normalizer '{type}' is not known here.");
        }
    }

    private static Func<string, string> Replacing(JsonElement pattern, string content)
    {
        if (pattern.TryGetProperty("String", out var plain))
        {
            return plain.GetString() is { Length: > 0 } searched ? text => text.Replace(searched, content, StringComparison.Ordinal) : None;
        }

        var expression = pattern.GetProperty("Regex").GetString()!;
        if (expression.Length > MaximumPatternLength)
        {
            throw new ModelFileException("A pattern of the tokenizer's normalizer is too long.");
        }

        var searchedFor = new SplitPattern(expression);
        return text => searchedFor.Replace(text, content);
    }

    /// <summary>The control characters and odd spaces of machine translation's texts: null takes one away.</summary>
    private static Rune? Nmt(Rune rune) =>
        rune.Value switch
        {
            (>= 0x01 and <= 0x08) or 0x0B or (>= 0x0E and <= 0x1F) or 0x7F or 0x8F or 0x9F => null,
            0x09 or 0x0A or 0x0C or 0x0D or 0x1680 or (>= 0x200B and <= 0x200F) or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD =>
                new Rune(' '),
            _ => rune,
        };

    private static string Map(string text, Func<Rune, Rune?> map)
    {
        var mapped = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (map(rune) is { } kept)
            {
                mapped.Append(kept);
            }
        }

        return mapped.ToString();
    }
}

/// <summary>BERT's normaliser (arXiv:1810.04805): control characters away, Chinese characters apart, accents away, small letters.</summary>
internal sealed record BertNormalizer(bool CleanText, bool SplitChinese, bool StripAccents, bool LowerCase)
{
    public static BertNormalizer Read(JsonElement step)
    {
        bool Flag(string name, bool absent) =>
            step.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? value.GetBoolean()
                : absent;
        var lower = Flag("lowercase", true);
        return new(Flag("clean_text", true), Flag("handle_chinese_chars", true), Flag("strip_accents", lower), lower);
    }

    public string Apply(string text)
    {
        if (Ascii.IsValid(text) && !text.AsSpan().ContainsAnyInRange('\0', '\u001F') && !text.Contains('\u007F', StringComparison.Ordinal))
        {
            return LowerCase ? text.ToLowerInvariant() : text;
        }

        var cleaned = Clean(text);
        var plain = StripAccents ? UnicodeText.WithoutAccents(cleaned) : cleaned;
        return LowerCase ? UnicodeText.Lower(plain) : plain;
    }

    private string Clean(string text)
    {
        var cleaned = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            if (CleanText && (rune.Value is 0 or 0xFFFD || UnicodeText.IsControl(rune)))
            {
                continue;
            }

            if (CleanText && Rune.IsWhiteSpace(rune))
            {
                cleaned.Append(' ');
            }
            else if (SplitChinese && UnicodeText.IsChinese(rune))
            {
                cleaned.Append(' ').Append(rune).Append(' ');
            }
            else
            {
                cleaned.Append(rune);
            }
        }

        return cleaned.ToString();
    }
}
