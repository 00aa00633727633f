using System.Text;
using System.Text.RegularExpressions;

namespace WebTrainer.Tokenizing;

/// <summary>A token that is found in a text before it is cut.</summary>
/// <param name="SingleWord">Not inside a longer word.</param>
/// <param name="TakesLeft">White space before it belongs to it.</param>
/// <param name="TakesRight">White space behind it belongs to it.</param>
/// <param name="Normalized">It is looked for in the normalised text, and normalised itself.</param>
internal sealed record AddedToken(string Text, int Id, bool SingleWord = false, bool TakesLeft = false, bool TakesRight = false, bool Normalized = false);

/// <summary>Tokens that stand beside a vocabulary, by their text.</summary>
internal sealed class AddedTokens
{
    private readonly List<AddedToken> _ordinary = [];

    /// <summary>Control tokens.</summary>
    public Dictionary<string, int> Special { get; } = [];

    /// <summary>Text that is always one token.</summary>
    public Dictionary<string, int> Ordinary { get; } = [];

    /// <summary>The ordinary ones, as they are found.</summary>
    public IReadOnlyList<AddedToken> All => _ordinary;

    public IEnumerable<int> Ids => Special.Values.Concat(Ordinary.Values);

    public void Add(AddedToken token)
    {
        Ordinary[token.Text] = token.Id;
        _ordinary.Add(token);
    }

    public void WriteTo(byte[]?[] bytes)
    {
        foreach (var (token, id) in Special.Concat(Ordinary))
        {
            bytes[id] = Encoding.UTF8.GetBytes(token);
        }
    }
}

/// <summary>Finds added tokens in a text: the leftmost, and of those the longest.</summary>
internal sealed class AddedTokenFinder
{
    private readonly Regex? _pattern;
    private readonly Dictionary<string, AddedToken> _tokens = [];

    public AddedTokenFinder(IEnumerable<AddedToken> tokens)
    {
        foreach (var token in tokens.Where(token => token.Text.Length > 0))
        {
            _tokens.TryAdd(token.Text, token);
        }

        var pattern = string.Join('|', _tokens.Keys.OrderByDescending(text => text.Length).Select(Regex.Escape));
        _pattern = pattern.Length == 0 ? null : new Regex(pattern, RegexOptions.None, WordPattern.MatchTimeout);
    }

    /// <returns>The text's stretches in order, each with the token that it is, or null for what is between.</returns>
    /// <exception cref="RegexMatchTimeoutException">The tokens' texts take too long to be found.</exception>
    public IEnumerable<(string Text, int? Id)> Split(string text)
    {
        var end = 0;
        foreach (Match match in _pattern?.Matches(text) ?? Enumerable.Empty<Match>())
        {
            var token = _tokens[match.Value];
            var (from, to) = (match.Index, match.Index + match.Length);
            if (token.SingleWord && ((from > 0 && IsWord(text[from - 1])) || (to < text.Length && IsWord(text[to]))))
            {
                continue;
            }

            while (token.TakesLeft && from > end && char.IsWhiteSpace(text[from - 1]))
            {
                from--;
            }

            while (token.TakesRight && to < text.Length && char.IsWhiteSpace(text[to]))
            {
                to++;
            }

            if (from > end)
            {
                yield return (text[end..from], null);
            }

            yield return (match.Value, token.Id);
            end = Math.Max(end, to);
        }

        if (end < text.Length)
        {
            yield return (text[end..], null);
        }
    }

    private static bool IsWord(char character) => char.IsLetterOrDigit(character) || character == '_';
}
