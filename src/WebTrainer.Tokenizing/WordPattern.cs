using System.Text.RegularExpressions;

namespace WebTrainer.Tokenizing;

/// <summary>How text is cut into words before pairs are merged inside each (GPT-2; no token crosses a word's border).</summary>
public static partial class WordPattern
{
    private const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)",
        Ending = @"\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>That of GPT-2, with its alternatives of one letter put together: the same words.</summary>
    public const string Gpt2 = @"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>GPT-2's as the ecosystem's files write it.</summary>
    public const string Gpt2Long = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>That of Llama 3 and GPT-4 (cl100k): digits in threes, a sign stays with the letters behind it.</summary>
    public const string Llama3 = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + Ending;

    /// <summary>That of Qwen 2 and later: as Llama 3, but each digit is a word of its own.</summary>
    public const string Qwen2 = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + Ending;

    /// <summary>GPT-4o's and gpt-oss's, which part words before capitals.</summary>
    public const string O200k =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
        + Contractions
        + @"?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
        + Contractions
        + @"?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|"
        + Ending;

    /// <summary>The last of DeepSeek's, with its line ends as they are.</summary>
    public const string DeepSeek =
        "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+";

    /// <summary>
    /// Those of most models. An engine that goes back takes a fifteenth of the time for them, and goes back by one sign at most: each
    /// repeats one kind of sign and then ends, or has another alternative.
    /// </summary>
    public static readonly IReadOnlySet<string> KnownToBeLinear = new HashSet<string>(StringComparer.Ordinal)
    {
        Gpt2,
        Gpt2Long,
        Llama3,
        Qwen2,
        O200k,
        DeepSeek,
    };

    /// <summary>Patterns come from files of others: matching ends after this long, whatever the pattern.</summary>
    public static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Whether no way of matching takes longer than its text: the pattern is a known one, or one class of characters, repeated or not.
    /// </summary>
    public static bool IsLinear(string pattern) => KnownToBeLinear.Contains(pattern) || OneClass().IsMatch(pattern);

    [GeneratedRegex(
        @"^(\\p\{\w+\}|\[[^\[\]\\]+\])(\+|\{\d{1,2}(,\d{1,2})?\})?$",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex OneClass();

    /// <summary>For patterns that are known to take no longer than their text.</summary>
    public static Regex Compile(string pattern) => new(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled, MatchTimeout);
}
