using WebTrainer.Protocol;

namespace WebTrainer.Learning.Batching;

/// <summary>Makes of a conversation the sequences from which those of its answers are learned that are meant to be.</summary>
public sealed class TurnEncoder
{
    private readonly ConversationEncoder _encoder;
    private readonly LearnedTurns _turns;

    /// <exception cref="ModelFileException">The model's chat template was to say what is learned, and marks nothing.</exception>
    public TurnEncoder(ConversationEncoder encoder, LearnedTurns turns)
    {
        (_encoder, _turns) = (encoder, turns);
        if (turns == LearnedTurns.Template && !encoder.MarksGeneration)
        {
            throw new ModelFileException(
                "The model's chat template has no {% generation %} marks that say what is learned: set the learned turns to the last answer or to all."
            );
        }
    }

    /// <exception cref="DataException">The conversation has no answer to learn.</exception>
    public IEnumerable<TokenRow> Encode(DatasetRow row) =>
        _turns switch
        {
            LearnedTurns.All => All(row),
            LearnedTurns.Template => [Marked(row)],
            _ when row.Messages[^1].Weight == 0 => throw Nothing(row),
            _ => [_encoder.Encode(row)],
        };

    /// <summary>
    /// One sequence where the template shows answers as it asks for them; else one for each answer, which the model sees then as it will
    /// when it is asked.
    /// </summary>
    private IEnumerable<TokenRow> All(DatasetRow row)
    {
        List<int> answers =
        [
            .. Enumerable.Range(0, row.Messages.Count).Where(i => row.Messages[i] is { Role: "assistant", Weight: not 0 }),
        ];
        if (answers.Count == 0)
        {
            throw Nothing(row);
        }

        if (_encoder.EncodeTogether(row.Messages, answers) is var (tokens, stretches) && Fitted(row.Id, tokens, stretches) is { } together)
        {
            return [together];
        }

        return answers.Select(answer => _encoder.Encode(row with { Messages = [.. row.Messages.Take(answer + 1)] }));
    }

    private TokenRow Marked(DatasetRow row)
    {
        var (tokens, stretches) = _encoder.EncodeMarked(row.Messages);
        List<int?> weights = [.. row.Messages.Where(message => message.Role == "assistant").Select(message => message.Weight)];
        if (weights.Contains(0))
        {
            stretches =
                stretches.Count == weights.Count
                    ? [.. stretches.Where((_, i) => weights[i] != 0)]
                    : throw new DataException(
                        $"Row {row.Id} has answers of weight 0, and the chat template marks {stretches.Count} stretches in {weights.Count} answers, so that nobody can say which is which."
                    );
        }

        return stretches.Count == 0
            ? throw Nothing(row)
            : Fitted(row.Id, tokens, stretches)
                ?? throw new DataException(
                    $"Row {row.Id} is longer than the context of {_encoder.ContextTokens} tokens, and its last answer alone too: set a longer context."
                );
    }

    /// <summary>The conversation loses its left end where it is too long.</summary>
    /// <returns>Null where the last answer alone is too long.</returns>
    private TokenRow? Fitted(string id, int[] tokens, List<(int Start, int End)> stretches)
    {
        // What follows the last answer teaches nothing.
        tokens = tokens[..stretches[^1].End];
        var cut = Math.Max(0, tokens.Length - _encoder.ContextTokens);
        List<(int Start, int End)> kept =
        [
            .. stretches.Where(stretch => stretch.End > cut + 1).Select(stretch => (Math.Max(1, stretch.Start - cut), stretch.End - cut)),
        ];
        return stretches[^1].Start <= cut
            ? null
            : new(id, tokens[cut..], kept[0].Start, Truncated: cut > 0)
            {
                Stretches = kept is [var only] && only.End == tokens.Length - cut ? null : kept,
            };
    }

    private static DataException Nothing(DatasetRow row) =>
        new($"Row {row.Id} has no answer that may be learned: all that are meant have the weight 0.");
}
