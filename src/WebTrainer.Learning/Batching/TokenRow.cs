namespace WebTrainer.Learning.Batching;

/// <summary>One sequence to learn from.</summary>
/// <param name="Id">Id of the dataset row.</param>
/// <param name="AnswerStart">Index of the first token whose loss counts; all after it count too.</param>
/// <param name="Truncated">The row was longer than the context and lost the left end of its prompt.</param>
public sealed record TokenRow(string Id, int[] Tokens, int AnswerStart, bool Truncated = false)
{
    /// <summary>The same prompt with the answer that people liked less; null where rows are no pairs.</summary>
    public TokenRow? Rejected { get; init; }

    public int LearnedTokens => Tokens.Length - AnswerStart;
}
