using System.Text;
using System.Text.RegularExpressions;

namespace WebTrainer.Tokenizing;

/// <summary>A token that is found in a text before it is cut.</summary>
/// <param name="SingleWord">Not inside a longer word.</param>
/// <param name="TakesLeft">White space before it belongs to it.</param>
/// <param name="TakesRight">White space behind it belongs to it.</param>
/// <param name="Normalized">It is looked for in the normalised text, and normalised itself.</param>
internal sealed record AddedToken(
    string Text,
    int Id,
    bool SingleWord = false,
    bool TakesLeft = false,
    bool TakesRight = false,
    bool Normalized = false
);

/// <summary>Tokens that stand beside a vocabulary, by their text.</summary>
internal sealed class AddedTokens
{
    private readonly List<AddedToken> _ordinary = [],
        _special = [];

    /// <summary>Control tokens.</summary>
    public Dictionary<string, int> Special { get; } = [];

    /// <summary>Text that is always one token.</summary>
    public Dictionary<string, int> Ordinary { get; } = [];

    /// <summary>The ordinary ones, as they are found.</summary>
    public IReadOnlyList<AddedToken> All => _ordinary;

    /// <summary>The control tokens that take white space around them or stand alone, as they are found.</summary>
    public IReadOnlyList<AddedToken> Control => _special;

    public IEnumerable<int> Ids => Special.Values.Concat(Ordinary.Values);

    public void Add(AddedToken token, bool special)
    {
        (special ? Special : Ordinary)[token.Text] = token.Id;
        (special ? _special : _ordinary).Add(token);
    }

    /// <summary>A token that the vocabulary has too has its id there, whatever the list says.</summary>
    public void TakeIdsFrom(IReadOnlyDictionary<string, int> vocabulary)
    {
        foreach (var (tokens, names) in ((List<AddedToken>, Dictionary<string, int>)[])[(_ordinary, Ordinary), (_special, Special)])
        {
            for (var i = 0; i < tokens.Count; i++)
            {
                if (vocabulary.TryGetValue(tokens[i].Text, out var id))
                {
                    tokens[i] = tokens[i] with { Id = id };
                    names[tokens[i].Text] = id;
                }
            }
        }
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

    /// <summary>The tokens of a text as they stand, whatever white space they take.</summary>
    /// <returns>As <see cref="Split"/>.</returns>
    public IEnumerable<(string Text, AddedToken? Token)> Find(string text)
    {
        var end = 0;
        foreach (Match match in _pattern?.Matches(text) ?? Enumerable.Empty<Match>())
        {
            if (_tokens[match.Value] is { SingleWord: true } && !StandsAlone(text, match.Index, match.Index + match.Length))
            {
                continue;
            }

            yield return (text[end..match.Index], null);
            yield return (match.Value, _tokens[match.Value]);
            end = match.Index + match.Length;
        }

        yield return (text[end..], null);
    }

    /// <returns>The text's stretches in order, each with the token that it is, or null for what is between.</returns>
    /// <exception cref="RegexMatchTimeoutException">The tokens' texts take too long to be found.</exception>
    public IEnumerable<(string Text, int? Id)> Split(string text)
    {
        var end = 0;
        foreach (Match match in _pattern?.Matches(text) ?? Enumerable.Empty<Match>())
        {
            var token = _tokens[match.Value];
            if (match.Index < end)
            {
                continue; // in the white space that the token before took
            }

            var (from, to) = (match.Index, match.Index + match.Length);
            if (token.SingleWord && !StandsAlone(text, from, to))
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

    private static bool StandsAlone(string text, int from, int to) =>
        !(from > 0 && IsWord(text[from - 1])) && !(to < text.Length && IsWord(text[to]));

    private static bool IsWord(char character) =>
        char.IsLetterOrDigit(character)
        || character == '_'
        || char.GetUnicodeCategory(character)
            is System.Globalization.UnicodeCategory.NonSpacingMark
                or System.Globalization.UnicodeCategory.SpacingCombiningMark
                or System.Globalization.UnicodeCategory.EnclosingMark
                or System.Globalization.UnicodeCategory.ConnectorPunctuation;
}
