using System.Text.RegularExpressions;

namespace WebTrainer.Tokenizing;

/// <summary>How text is cut into words before pairs are merged inside each (GPT-2; no token crosses a word's border).</summary>
public static class WordPattern
{
    private const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)", Ending = @"\s*[\r\n]+|\s+(?!\S)|\s+";

    public const string Gpt2 = @"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>GPT-2's as the ecosystem's files write it.</summary>
    public const string Gpt2Long = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    public const string Llama3 = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + Ending;
    public const string Qwen2 = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + Ending;

    /// <summary>Those of most models. An engine that goes back takes a fifteenth of the time for them, and goes back by one sign at most: each repeats one kind of sign and then ends, or has another alternative.</summary>
    public static readonly IReadOnlySet<string> KnownToBeLinear = new HashSet<string>(StringComparer.Ordinal) { Gpt2, Gpt2Long, Llama3, Qwen2 };

    /// <summary>Patterns come from files of others: matching ends after this long, whatever the pattern.</summary>
    public static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(2);

    /// <summary>For patterns that are known to take no longer than their text.</summary>
    public static Regex Compile(string pattern) => new(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled, MatchTimeout);
}
