using WebTrainer.Protocol;

namespace WebTrainer.Learning.Generation.Constrained;

/// <summary>
/// A constraint in the tokens of one model: which may come next in each state. What was found for a state is kept, so that another token in
/// the same state costs a look-up.
/// </summary>
internal sealed class TokenGrammar
{
    /// <summary>States whose tokens are kept, a bit for each token of the vocabulary; beyond, all are found anew.</summary>
    private const int MostMasks = 1024;

    /// <summary>Texts of a choice.</summary>
    public const int MostChoices = 1000;

    private readonly TokenTrie _trie;
    private readonly Automaton _automaton;
    private readonly Dictionary<State, ulong[]> _allowed = [];
    private readonly Dictionary<State, List<int>?> _ends = [];

    /// <param name="constraint">What is asked for.</param>
    /// <param name="trie">Of the model's tokens.</param>
    /// <param name="leadingSpace">The answer's first space is no part of it, as in SentencePiece.</param>
    /// <exception cref="ConstraintException">The constraint can't be kept.</exception>
    public TokenGrammar(AnswerConstraint constraint, TokenTrie trie, bool leadingSpace)
    {
        _trie = trie;
        var grammar = GrammarOf(constraint);
        _automaton = new Automaton(leadingSpace ? Grammar.All(Grammar.Optional(Grammar.Text(" ")), grammar) : grammar);
        if (End(Start) is null)
        {
            throw new ConstraintException("The model's vocabulary has no tokens to write such an answer.");
        }
    }

    /// <summary>Before the answer.</summary>
    public State Start => _automaton.Start;

    /// <summary>A bit for each token by which the answer can go on.</summary>
    public ulong[] Allowed(State state)
    {
        if (!_allowed.TryGetValue(state, out var allowed))
        {
            if (_allowed.Count >= MostMasks)
            {
                _allowed.Clear();
            }

            _allowed[state] = allowed = _trie.Allowed(_automaton, state);
        }

        return allowed;
    }

    /// <summary>The state behind a token.</summary>
    public State Step(State state, ReadOnlySpan<byte> token)
    {
        foreach (var value in token)
        {
            state = _automaton.Step(state, value);
        }

        return state;
    }

    /// <summary>Whether the answer can be ended within so many tokens.</summary>
    public bool EndsWithin(State state, int tokens) =>
        (_trie.HasAllBytes && state.LeastBytes <= tokens) || (End(state) is { } end && end.Count <= tokens);

    /// <summary>The shortest end, in the fewest tokens.</summary>
    /// <returns>Null where the vocabulary can't write it.</returns>
    public List<int>? End(State state)
    {
        if (!_ends.TryGetValue(state, out var end))
        {
            if (_ends.Count >= MostMasks)
            {
                _ends.Clear();
            }

            _ends[state] = end = state.IsDead ? null : _trie.Cut(state.Shortest);
        }

        return end;
    }

    private static Grammar GrammarOf(AnswerConstraint constraint) =>
        constraint switch
        {
            { Schema: { } schema, Choices: null } => SchemaGrammar.Of(schema),
            { Choices: { Count: > 0 and <= MostChoices } choices, Schema: null } => Grammar.Any([.. choices.Select(ChoiceOf)]),
            _ => throw new ConstraintException($"A constraint has either a schema or 1 to {MostChoices} choices."),
        };

    private static Grammar ChoiceOf(string text) =>
        text.Length > 0 && text.Trim().Length == text.Length
            ? Grammar.Text(text)
            : throw new ConstraintException($"The choice '{text}' is empty, or begins or ends with white space.");
}
