using System.Text.Json;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Generation.Constrained;

/// <summary>The constraints that were asked for last, with what is known of their states. One thread uses it at a time.</summary>
/// <param name="tokenizer">The model's.</param>
/// <param name="ends">Tokens that end an answer.</param>
internal sealed class ConstraintCache(TextTokenizer tokenizer, IReadOnlySet<int> ends)
{
    /// <summary>Constraints that are kept.</summary>
    private const int MostConstraints = 16;

    private readonly Dictionary<string, (TokenGrammar Grammar, long Used)> _known = new(StringComparer.Ordinal);
    private TokenTrie? _trie;
    private long _uses;

    /// <exception cref="ConstraintException">The constraint can't be kept.</exception>
    public TokenGrammar Get(AnswerConstraint constraint)
    {
        var key = JsonSerializer.Serialize(constraint, ProtocolJson.Line);
        var grammar = _known.TryGetValue(key, out var known)
            ? known.Grammar
            : new TokenGrammar(constraint, _trie ??= new TokenTrie(tokenizer, ends), tokenizer.LeadingSpace);
        _known[key] = (grammar, ++_uses);
        if (_known.Count > MostConstraints)
        {
            _known.Remove(_known.MinBy(entry => entry.Value.Used).Key);
        }

        return grammar;
    }
}
