namespace WebTrainer.Learning.Batching;

/// <summary>
/// Leaves out tokens of the prompts at random, others in each pass, so that answers are learned from all of a prompt's words and
/// not from a few ("word dropout", Iyyer et al., ACL 2015). Answers and control tokens always stay.
/// </summary>
/// <param name="share">Chance of each token to be left out, 0 to 1.</param>
/// <param name="stays">Whether a token is never left out.</param>
public sealed class PromptDropout(double share, Func<int, bool> stays, long seed)
{
    /// <param name="pass">Which pass over the rows this is.</param>
    /// <param name="index">The row's place in its dataset: with seed and pass it decides what is left out.</param>
    /// <returns>The row itself where nothing is left out.</returns>
    public TokenRow Apply(TokenRow row, int pass, int index)
    {
        if (share <= 0)
        {
            return row;
        }

        var random = SplitMix.Of(seed ^ unchecked((long)0xA24BAED4963EE407), ((long)pass << 32) | (uint)index);
        var kept = new List<int>(row.Tokens.Length);
        for (var i = 0; i < row.AnswerStart; i++)
        {
            var leaveOut = random.Share() < share;
            if (!leaveOut || stays(row.Tokens[i]))
            {
                kept.Add(row.Tokens[i]);
            }
        }

        // A first token is needed to predict the answer's first.
        if (kept.Count == 0)
        {
            return row;
        }

        var start = kept.Count;
        kept.AddRange(row.Tokens.AsSpan(row.AnswerStart));
        return row with { Tokens = [.. kept], AnswerStart = start };
    }
}
