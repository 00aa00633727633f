using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>Cuts a text into words, which no token of a vocabulary crosses.</summary>
/// <param name="first">The text begins here: nothing stands before it.</param>
internal delegate IEnumerable<string> Words(string text, bool first);

/// <summary>The second step of a <c>tokenizer.json</c>; a kind that is not known is refused by its name.</summary>
internal static partial class PreTokenizer
{
    private const int MaximumPatternLength = 1000;

    public static IEnumerable<string> Whole(string text, bool first) => [text];

    /// <summary>All of the text, with a space before it where it begins with none, so that its first word is one like all others.</summary>
    public static IEnumerable<string> AfterSpace(string text, bool first) => [text.StartsWith(' ') ? text : " " + text];

    /// <summary>BERT's: words between white space, each sign of punctuation for itself.</summary>
    public static IEnumerable<string> Bert(string text, bool first) => WhiteSpace(text, first).SelectMany(SplitPunctuation);

    /// <exception cref="ModelFileException">A step is of an unknown kind.</exception>
    public static Words Read(JsonElement step)
    {
        if (step.ValueKind != JsonValueKind.Object)
        {
            return Whole;
        }

        var type = step.TryGetProperty("type", out var name) ? name.GetString() : null;
        switch (type)
        {
            case "Sequence":
                Words[] steps = [.. step.GetProperty("pretokenizers").EnumerateArray().Select(Read)];
                return (text, first) => steps.Aggregate((IEnumerable<string>)[text], (words, next) => Each(words, next, first));
            case "BertPreTokenizer":
                return Bert;
            case "WhitespaceSplit":
                return WhiteSpace;
            case "Whitespace":
                return (text, _) => WordsAndSigns().Matches(text).Select(match => match.Value);
            case "Punctuation" when BehaviourOf(step) == "Isolated":
                return (text, _) => SplitPunctuation(text);
            case "Digits":
                var single = step.TryGetProperty("individual_digits", out var each) && each.ValueKind == JsonValueKind.True;
                var digits = new SplitPattern(single ? @"\p{N}" : @"\p{N}+");
                return (text, _) => Isolated(text, digits);
            case "Metaspace":
                return Metaspace(step);
            case "Split" when BehaviourOf(step) == "Isolated" && !(step.TryGetProperty("invert", out var invert) && invert.ValueKind == JsonValueKind.True):
                var pattern = PatternOf(step.GetProperty("pattern"));
                return (text, _) => Isolated(text, pattern);
            default:
                throw new ModelFileException($"The tokenizer's pre-tokenizer '{type}'{(BehaviourOf(step) is { Length: > 0 } behaviour ? $" ({behaviour})" : "")} is not known here.");
        }
    }

    private static string BehaviourOf(JsonElement step) =>
        step.TryGetProperty("behavior", out var behaviour) ? behaviour.GetString() ?? "" : step.GetProperty("type").GetString() == "Punctuation" ? "Isolated" : "";

    private static SplitPattern PatternOf(JsonElement pattern)
    {
        var text = pattern.TryGetProperty("Regex", out var regex) ? regex.GetString()! : Regex.Escape(pattern.GetProperty("String").GetString()!);
        return text.Length is > 0 and <= MaximumPatternLength ? new SplitPattern(text) : throw new ModelFileException("The tokenizer's split pattern is too long, or empty.");
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

    private static IEnumerable<string> WhiteSpace(string text, bool first) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> SplitPunctuation(string text)
    {
        var (start, position) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            if (UnicodeText.IsPunctuation(rune))
            {
                if (start < position)
                {
                    yield return text[start..position];
                }

                start = position + rune.Utf16SequenceLength;
                yield return text[position..start];
            }

            position += rune.Utf16SequenceLength;
        }

        if (start < text.Length)
        {
            yield return start == 0 ? text : text[start..];
        }
    }

    /// <summary>What a pattern finds, and what is between.</summary>
    private static IEnumerable<string> Isolated(string text, SplitPattern pattern) => pattern.Parts(text).Select(part => text.Substring(part.Index, part.Length));

    /// <summary>SentencePiece's: a sign for each space and one before the text; each word begins with its sign.</summary>
    public static Words Metaspace(string sign, string scheme, bool split) => (text, first) =>
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
        var scheme = step.TryGetProperty("prepend_scheme", out var named) ? named.GetString()!
            : step.TryGetProperty("add_prefix_space", out var add) && add.ValueKind == JsonValueKind.False ? "never" : "always";
        return sign.Length == 1 && scheme is "always" or "first" or "never"
            ? Metaspace(sign, scheme, split: !(step.TryGetProperty("split", out var flag) && flag.ValueKind == JsonValueKind.False))
            : throw new ModelFileException($"The tokenizer's Metaspace puts '{sign}' before words by the scheme '{scheme}', which is not known here.");
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

    [GeneratedRegex(@"[\w\p{M}\p{Nl}]+|[^\w\p{M}\p{Nl}\s]+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex WordsAndSigns();
}
