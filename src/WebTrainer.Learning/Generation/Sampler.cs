using WebTrainer.Learning.Batching;

namespace WebTrainer.Learning.Generation;

/// <summary>
/// Chooses the next token: greedily at temperature 0, else from the smallest set of tokens whose probabilities reach top-p
/// (nucleus sampling, arXiv:1904.09751).
/// </summary>
public sealed class Sampler(double temperature, double topP, long seed)
{
    private SplitMix _random = SplitMix.Of(seed, stream: 0);

    /// <param name="logits">Scores of all tokens.</param>
    public int Choose(ReadOnlySpan<float> logits) => temperature <= 0 ? Highest(logits) : Draw(logits);

    public static int Highest(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var i = 1; i < logits.Length; i++)
        {
            best = logits[i] > logits[best] ? i : best;
        }

        return best;
    }

    private int Draw(ReadOnlySpan<float> logits)
    {
        var order = new int[logits.Length];
        var weights = new double[logits.Length];
        var maximum = logits[Highest(logits)];
        var total = 0.0;
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
            weights[i] = -Math.Exp((logits[i] - maximum) / temperature); // negative, so that sorting puts the likeliest first
            total -= weights[i];
        }

        Array.Sort(weights, order);
        var (nucleus, count) = (0.0, 0);
        while (count < order.Length && (count == 0 || nucleus < topP * total))
        {
            nucleus -= weights[count++];
        }

        var point = _random.Share() * nucleus;
        for (var i = 0; i < count; i++)
        {
            point += weights[i];
            if (point < 0)
            {
                return order[i];
            }
        }

        return order[count - 1];
    }
}
