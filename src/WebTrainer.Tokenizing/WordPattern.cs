using System.Text.RegularExpressions;

namespace WebTrainer.Tokenizing;

/// <summary>How text is cut into words before pairs are merged inside each (GPT-2; no token crosses a word's border).</summary>
public static class WordPattern
{
    public const string Gpt2 = @"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>Patterns come from files of others: matching ends after this long, whatever the pattern.</summary>
    public static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(2);

    public static Regex Compile(string pattern) => new(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled, MatchTimeout);
}
