using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>Cuts a text into words, which no token of a vocabulary crosses.</summary>
/// <param name="first">The text begins here: nothing stands before it.</param>
internal delegate IEnumerable<string> Words(string text, bool first);

/// <summary>The second step of a <c>tokenizer.json</c>; a kind that is not known is refused by its name.</summary>
internal static class PreTokenizer
{
    private const int MaximumPatternLength = 1000;
    private static readonly SplitPattern s_gpt2 = new(WordPattern.Gpt2);

    /// <summary>Joiners belong to words, as in Unicode's definition of them.</summary>
    private static readonly SplitPattern s_wordsAndSigns = new(@"[\w\p{M}\p{Nl}\u200C\u200D]+|[^\w\p{M}\p{Nl}\u200C\u200D\s]+");

    public static IEnumerable<string> Whole(string text, bool first) => [text];

    /// <summary>BERT's: words between white space, each sign of punctuation for itself.</summary>
    public static IEnumerable<string> Bert(string text, bool first) =>
        WhiteSpace(text, first).SelectMany(word => Split(word, PunctuationIn(word), DelimiterBehaviour.Isolated));

    /// <exception cref="ModelFileException">A step is of an unknown kind.</exception>
    /// <param name="prefix">Whether a space stands before words, where a configuration says otherwise than the step.</param>
    public static Words Read(JsonElement step, bool? prefix = null)
    {
        if (step.ValueKind != JsonValueKind.Object)
        {
            return Whole;
        }

        var type = step.TryGetProperty("type", out var name) ? name.GetString() : null;
        switch (type)
        {
            case "Sequence":
                Words[] steps = [.. step.GetProperty("pretokenizers").EnumerateArray().Select(part => Read(part))];
                return (text, first) => steps.Aggregate((IEnumerable<string>)[text], (words, next) => Each(words, next, first));
            case "BertPreTokenizer":
                return Bert;
            case "WhitespaceSplit":
                return WhiteSpace;
            case "Whitespace":
                return (text, _) => Split(text, s_wordsAndSigns.Matches(text), DelimiterBehaviour.Removed, inverted: true);
            case "Punctuation":
                var signs = BehaviourOf(step, "Isolated");
                return (text, _) => Split(text, PunctuationIn(text), signs);
            case "Digits":
                var digits = new SplitPattern(@"\p{N}");
                var apart = Flag(step, "individual_digits", false) ? DelimiterBehaviour.Isolated : DelimiterBehaviour.Contiguous;
                return (text, _) => Split(text, digits.Matches(text), apart);
            case "CharDelimiterSplit":
                var delimiter = new SplitPattern(Regex.Escape(step.GetProperty("delimiter").GetString()!));
                return (text, _) => Split(text, delimiter.Matches(text), DelimiterBehaviour.Removed);
            case "ByteLevel":
                return ByteLevel(prefix ?? Flag(step, "add_prefix_space", true), Flag(step, "use_regex", true));
            case "Metaspace":
                return Metaspace(step);
            case "Split":
                var (pattern, behaviour, inverted) = (
                    PatternOf(step.GetProperty("pattern")),
                    BehaviourOf(step, null),
                    Flag(step, "invert", false)
                );
                return (text, _) => Split(text, pattern.Matches(text), behaviour, inverted);
            default:
                throw new ModelFileException($"The tokenizer's pre-tokenizer '{type}' is not known here.");
        }
    }

    /// <summary>Bytes written in their alphabet, cut as GPT-2 does or not at all.</summary>
    /// <param name="prefix">A space stands before each stretch that begins with none, so that its first word is one like all
    /// others.</param>
    public static Words ByteLevel(bool prefix, bool cuts) =>
        (text, _) =>
        {
            var written = prefix && !text.StartsWith(' ') ? " " + text : text;
            return cuts ? s_gpt2.Parts(written).Select(part => Spell(written.AsSpan(part.Index, part.Length))) : [Spell(written)];
        };

    /// <summary>A text in the byte alphabet.</summary>
    public static string Spell(ReadOnlySpan<char> text)
    {
        const int Small = 256;
        var length = Encoding.UTF8.GetByteCount(text);
        Span<byte> bytes = length <= Small ? stackalloc byte[Small] : new byte[length];
        Encoding.UTF8.GetBytes(text, bytes);
        return ByteAlphabet.Write(bytes[..length]);
    }

    private static IEnumerable<string> Split(
        string text,
        List<(int Index, int Length)> found,
        DelimiterBehaviour behaviour,
        bool inverted = false
    ) => Delimiters.Cut(text.Length, found, behaviour, inverted).Select(part => text.Substring(part.Index, part.Length));

    private static DelimiterBehaviour BehaviourOf(JsonElement step, string? absent)
    {
        var name = (step.TryGetProperty("behavior", out var behaviour) ? behaviour.GetString() : absent) ?? "";
        return Enum.TryParse<DelimiterBehaviour>(name, out var known) && Enum.IsDefined(known)
            ? known
            : throw new ModelFileException(
                $"The tokenizer's pre-tokenizer '{step.GetProperty("type").GetString()}' ({name}) is not known here."
            );
    }

    private static bool Flag(JsonElement step, string name, bool absent) =>
        step.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : absent;

    private static List<(int Index, int Length)> PunctuationIn(string text)
    {
        var (found, position) = (new List<(int, int)>(), 0);
        foreach (var rune in text.EnumerateRunes())
        {
            if (UnicodeText.IsPunctuation(rune))
            {
                found.Add((position, rune.Utf16SequenceLength));
            }

            position += rune.Utf16SequenceLength;
        }

        return found;
    }

    private static SplitPattern PatternOf(JsonElement pattern)
    {
        var text = pattern.TryGetProperty("Regex", out var regex)
            ? regex.GetString()!
            : Regex.Escape(pattern.GetProperty("String").GetString()!);
        return text.Length is > 0 and <= MaximumPatternLength
            ? new SplitPattern(text)
            : throw new ModelFileException("The tokenizer's split pattern is too long, or empty.");
    }

    private static IEnumerable<string> Each(IEnumerable<string> words, Words next, bool first)
    {
        foreach (var word in words)
        {
            foreach (var part in next(word, first))
            {
                yield return part;
            }

            first = false;
        }
    }

    private static IEnumerable<string> WhiteSpace(string text, bool first) =>
        text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>SentencePiece's: a sign for each space and one before the text; each word begins with its sign.</summary>
    public static Words Metaspace(string sign, string scheme, bool split) =>
        (text, first) =>
        {
            var written = text.Replace(" ", sign, StringComparison.Ordinal);
            if (!written.StartsWith(sign[0]) && (scheme == "always" || (scheme == "first" && first)))
            {
                written = sign + written;
            }

            return split ? BeforeEach(written, sign[0]) : [written];
        };

    private static Words Metaspace(JsonElement step)
    {
        var sign = step.TryGetProperty("replacement", out var replacement) ? replacement.GetString()! : "▁";
        var scheme =
            step.TryGetProperty("prepend_scheme", out var named) ? named.GetString()!
            : step.TryGetProperty("add_prefix_space", out var add) && add.ValueKind == JsonValueKind.False ? "never"
            : "always";
        return sign.Length == 1 && scheme is "always" or "first" or "never"
            ? Metaspace(sign, scheme, split: !(step.TryGetProperty("split", out var flag) && flag.ValueKind == JsonValueKind.False))
            : throw new ModelFileException(
                $"The tokenizer's Metaspace puts '{sign}' before words by the scheme '{scheme}', which is not known here."
            );
    }

    private static IEnumerable<string> BeforeEach(string text, char sign)
    {
        var start = 0;
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == sign)
            {
                yield return text[start..i];
                start = i;
            }
        }

        yield return text[start..];
    }
}
