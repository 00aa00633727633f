using WebTrainer.Learning.Batching;
using WebTrainer.Protocol;
using WebTrainer.Statistics;

namespace WebTrainer.Learning.Generation;

/// <summary>
/// Chooses the next token. In this order, as the field does: bias, penalties, temperature, top-k, top-p, min-p; then a draw
/// from what is left. At a temperature of 0 the likeliest token is taken.
/// </summary>
/// <param name="settings">Temperature, cuts, penalties and biases; checked by whoever took the request.</param>
/// <param name="seed">Same seed, same choices.</param>
/// <param name="stream">Of the seed; streams are independent of each other.</param>
public sealed class Sampler(SamplingSettings settings, long seed, int stream = 0)
{
    private static readonly Dictionary<int, double> s_none = [];
    private readonly Dictionary<int, int> _chosen = [];
    private SplitMix _random = SplitMix.Of(seed, stream);

    /// <param name="logits">Scores of all tokens; overwritten.</param>
    /// <param name="seen">Tokens of prompt and answer so far.</param>
    public int Choose(Span<float> logits, IReadOnlySet<int> seen)
    {
        Bias(logits);
        Penalise(logits, seen);
        var token = settings.Temperature <= 0 ? Highest(logits) : Draw(logits);
        _chosen[token] = _chosen.GetValueOrDefault(token) + 1;
        return token;
    }

    /// <summary>
    /// Index of the largest score, the first where several are equal; 0 for none. Unlike a draw it needs no random numbers.
    /// </summary>
    public static int Highest(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var i = 1; i < logits.Length; i++)
        {
            best = logits[i] > logits[best] ? i : best;
        }

        return best;
    }

    /// <summary>
    /// Tokens that the vocabulary doesn't have are passed over: the rows of the last layer may be more than its tokens, or fewer.
    /// </summary>
    private void Bias(Span<float> logits)
    {
        foreach (var (token, bias) in settings.LogitBias ?? s_none)
        {
            if (token >= 0 && token < logits.Length)
            {
                logits[token] += (float)bias;
            }
        }
    }

    /// <summary>
    /// Scores of tokens that were there before are divided by the penalty, or multiplied where negative (CTRL, arXiv:1909.05858); from
    /// those of tokens that the sampler has chosen itself, <c>presence + frequency · times</c> is taken away, as OpenAI does.
    /// </summary>
    private void Penalise(Span<float> logits, IReadOnlySet<int> seen)
    {
        if (settings.RepetitionPenalty != 1)
        {
            foreach (var token in seen)
            {
                logits[token] *= (float)(logits[token] > 0 ? 1 / settings.RepetitionPenalty : settings.RepetitionPenalty);
            }
        }

        foreach (var (token, times) in _chosen)
        {
            logits[token] -= (float)(settings.PresencePenalty + (settings.FrequencyPenalty * times));
        }
    }

    private int Draw(ReadOnlySpan<float> logits)
    {
        var highest = logits[Highest(logits)];
        var weights = new double[logits.Length];
        var total = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = Math.Exp((logits[i] - highest) / settings.Temperature); // the likeliest has 1
            total += weights[i];
        }

        var choice = Choice(weights, total);
        var point = _random.Share() * choice.Sum(candidate => candidate.Weight);
        foreach (var (weight, token) in choice)
        {
            point -= weight;
            if (point < 0)
            {
                return token;
            }
        }

        return choice[^1].Token;
    }

    /// <summary>
    /// What may be drawn: the top k, of these the fewest that reach top-p (arXiv:1904.09751), of these what min-p leaves
    /// (arXiv:2407.01082).
    /// </summary>
    private List<(double Weight, int Token)> Choice(double[] weights, double total)
    {
        if (settings.TopK == 0 && settings.TopP >= 1)
        {
            return AtLeast(weights, settings.MinP);
        }

        // Tokens of less than (1 - p)/n each have together less than top-p leaves out: they need no sorting.
        var candidates = AtLeast(weights, settings.TopK > 0 ? 0 : Math.Max(settings.MinP, (1 - settings.TopP) * total / weights.Length));
        candidates.Sort((a, b) => b.Weight != a.Weight ? b.Weight.CompareTo(a.Weight) : a.Token.CompareTo(b.Token));
        if (settings.TopK > 0 && settings.TopK < candidates.Count)
        {
            candidates.RemoveRange(settings.TopK, candidates.Count - settings.TopK);
            total = candidates.Sum(candidate => candidate.Weight);
        }

        var (reached, count) = (0.0, 0);
        while (count < candidates.Count && (count == 0 || (candidates[count].Weight >= settings.MinP && reached < settings.TopP * total)))
        {
            reached += candidates[count++].Weight;
        }

        candidates.RemoveRange(count, candidates.Count - count);
        return candidates;
    }

    private static List<(double Weight, int Token)> AtLeast(double[] weights, double least)
    {
        var candidates = new List<(double Weight, int Token)>();
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0 && weights[i] >= least) // what is forbidden is never drawn, rounding or not
            {
                candidates.Add((weights[i], i));
            }
        }

        return candidates;
    }
}
