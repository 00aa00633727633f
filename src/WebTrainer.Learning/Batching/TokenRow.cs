namespace WebTrainer.Learning.Batching;

/// <summary>One sequence to learn from: the tokens of a prompt, and behind them those of the answer, whose loss counts.</summary>
/// <param name="Id">Id of the dataset row.</param>
/// <param name="Tokens">Ids of prompt and answer, without padding.</param>
/// <param name="AnswerStart">Index of the first token whose loss counts; all after it count too, unless <see cref="Stretches"/> says
/// which.</param>
/// <param name="Truncated">The row was longer than the context and lost the left end of its prompt.</param>
public sealed record TokenRow(string Id, int[] Tokens, int AnswerStart, bool Truncated = false)
{
    /// <summary>The same prompt with the answer that people liked less; null where rows are no pairs.</summary>
    public TokenRow? Rejected { get; init; }

    /// <summary>Whether people want the answer; null where nobody has said.</summary>
    public bool? Wanted { get; init; }

    /// <summary>The prompt's tokens are scored too, all but the first, which nothing stands before.</summary>
    public bool ScoresPrompt { get; init; }

    /// <summary>First or second text of each token where an encoder reads a pair; null where there is one text.</summary>
    public int[]? Types { get; init; }

    /// <summary>What a classifier shall say of the row; null for models that answer in text.</summary>
    public RowTarget? Target { get; init; }

    /// <summary>
    /// Where several answers are learned and not what stands between them: first token and the one behind the last of each, in order, the
    /// first from <see cref="AnswerStart"/> on. Null where all tokens from there on are learned.
    /// </summary>
    public IReadOnlyList<(int Start, int End)>? Stretches { get; init; }

    /// <summary>Tokens whose loss counts: those of all stretches, or all from <see cref="AnswerStart"/> on.</summary>
    public int LearnedTokens => Stretches?.Sum(stretch => stretch.End - stretch.Start) ?? Tokens.Length - AnswerStart;

    /// <summary>Whether the loss of a token counts.</summary>
    /// <param name="place">Its index.</param>
    public bool Learns(int place) =>
        Stretches is null ? place >= AnswerStart : Stretches.Any(stretch => place >= stretch.Start && place < stretch.End);
}
