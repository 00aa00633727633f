namespace WebTrainer.Learning.Batching;

/// <summary>One sequence to learn from.</summary>
/// <param name="Id">Id of the dataset row.</param>
/// <param name="AnswerStart">Index of the first token whose loss counts; all after it count too.</param>
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

    public int LearnedTokens => Tokens.Length - AnswerStart;
}
