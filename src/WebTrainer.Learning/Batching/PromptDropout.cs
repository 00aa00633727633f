using WebTrainer.Statistics;

namespace WebTrainer.Learning.Batching;

/// <summary>
/// Leaves out words of the prompts at random, or the tokens they are cut into, others in each pass, so that answers are learned from all of
/// a prompt's words and not from a few ("word dropout", Iyyer et al., ACL 2015). Answers and control tokens always stay.
/// </summary>
/// <param name="share">Chance of each token to be left out, 0 to 1.</param>
/// <param name="stays">Whether a token is never left out.</param>
/// <param name="seed">With the pass and the row it decides what is left out.</param>
/// <param name="units">Which tokens are left out together; null where each goes by itself.</param>
public sealed class PromptDropout(double share, Func<int, bool> stays, long seed, DropoutUnits? units = null)
{
    /// <param name="row">With its answer behind <see cref="TokenRow.AnswerStart"/>.</param>
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
        var unitOf = units?.Of(row.Tokens.AsSpan(0, row.AnswerStart));
        var leaveOut = new bool[row.AnswerStart];
        for (var i = 0; i < row.AnswerStart; i++)
        {
            // A number is drawn for every token, so that what is left out of a text doesn't hang on how another is cut.
            var drawn = random.Share() < share;
            leaveOut[i] = unitOf is null || unitOf[i] == i ? drawn : leaveOut[unitOf[i]];
            if (!leaveOut[i] || stays(row.Tokens[i]))
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
        var moved = start - row.AnswerStart;
        return row with
        {
            Tokens = [.. kept],
            AnswerStart = start,
            Stretches = row.Stretches?.Select(stretch => (stretch.Start + moved, stretch.End + moved)).ToList(),
        };
    }
}
