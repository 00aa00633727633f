using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Generation.Constrained;

/// <summary>
/// Holds one answer to a constraint: forbids tokens that lead out of it, and near the limit of tokens takes the shortest way to its end.
/// </summary>
/// <param name="grammar">May be shared by answers of one thread.</param>
/// <param name="tokenizer">The model's.</param>
/// <param name="ends">Tokens that end an answer; allowed only where it is complete.</param>
internal sealed class ConstrainedAnswer(TokenGrammar grammar, TextTokenizer tokenizer, IReadOnlySet<int> ends)
{
    private State _state = grammar.Start;
    private Queue<int>? _end;

    /// <summary>The answer is complete, and nothing more will be written.</summary>
    public bool IsOver => _end is { Count: 0 } || (_state.IsComplete && !_state.GoesOn);

    /// <summary>Takes the chance from all tokens by which the answer can't go on.</summary>
    /// <param name="logits">Scores of all tokens.</param>
    public void Forbid(Span<float> logits)
    {
        var allowed = grammar.Allowed(_state);
        for (var token = 0; token < logits.Length; token++)
        {
            var word = token >> 6;
            if ((word >= allowed.Length || (allowed[word] & (1UL << (token & 63))) == 0) && !(_state.IsComplete && ends.Contains(token)))
            {
                logits[token] = float.NegativeInfinity;
            }
        }
    }

    /// <summary>Takes the chosen token, or another where behind it the answer could not be ended in time.</summary>
    /// <param name="token">Chosen among those that are not forbidden.</param>
    /// <param name="left">Tokens that may follow it.</param>
    /// <returns>The token to write; null where the answer is complete as it is.</returns>
    public int? Take(int token, int left)
    {
        if (_end is null && ends.Contains(token))
        {
            return token;
        }

        _end ??= EndInsteadOf(token, left);
        if (_end is { Count: 0 })
        {
            return null;
        }

        var written = _end?.Dequeue() ?? token;
        _state = grammar.Step(_state, tokenizer.BytesOf(written));
        return written;
    }

    /// <returns>Null where the token may be written: its answer ends in time, or no other would.</returns>
    private Queue<int>? EndInsteadOf(int token, int left)
    {
        var next = grammar.Step(_state, tokenizer.BytesOf(token));
        if (grammar.EndsWithin(next, left) || grammar.End(_state) is not { } end)
        {
            return null;
        }

        return end.Count <= left + 1 || grammar.End(next) is null ? new Queue<int>(end) : null;
    }
}
