using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Generation;

/// <summary>Says how likely tokens were, and what stood beside them.</summary>
public sealed class TokenLikelihood(TextTokenizer tokenizer, int alternatives)
{
    private const int PositionsAtOnce = 128;

    /// <param name="logits">Scores of all tokens at the place of <paramref name="token"/>, as the model gave them.</param>
    /// <param name="token">What stands there, likely or not.</param>
    public TokenLogProbability Of(ReadOnlySpan<float> logits, int token)
    {
        var highest = logits[Sampler.Highest(logits)];
        var total = 0.0;
        foreach (var score in logits)
        {
            total += Math.Exp(score - highest);
        }

        var whole = highest + Math.Log(total);
        var likeliest = new PriorityQueue<int, float>();
        for (var i = 0; i < logits.Length; i++)
        {
            if (likeliest.Count < alternatives)
            {
                likeliest.Enqueue(i, logits[i]);
            }
            else if (alternatives > 0)
            {
                likeliest.EnqueueDequeue(i, logits[i]);
            }
        }

        var beside = new List<TokenAlternative>();
        while (likeliest.TryDequeue(out var other, out var score))
        {
            beside.Insert(0, new(TextOf(other), score - whole));
        }

        return new(TextOf(token), logits[token] - whole, beside);
    }

    /// <summary>Of each token of a text, given those before it.</summary>
    public List<TokenLogProbability> Of(ILanguageModel model, IReadOnlyList<int> tokens)
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        var hidden = model.Read([new([tokens[0]], [.. tokens.Skip(1).SkipLast(1)])]); // [tokens - 1, hidden]; of one token, [1, hidden]
        var all = new List<TokenLogProbability> { new(TextOf(tokens[0]), null, []) };
        for (var begin = 0; begin < tokens.Count - 1; begin += PositionsAtOnce)
        {
            using var inner = NewDisposeScope();
            var count = Math.Min(PositionsAtOnce, tokens.Count - 1 - begin);
            var logits = model.Logits(hidden.narrow(0, begin, count)).to(ScalarType.Float32).cpu().contiguous();
            for (var i = 0; i < count; i++)
            {
                all.Add(Of(Logits.Row(logits, i), tokens[begin + i + 1]));
            }
        }

        return all;
    }

    private string TextOf(int token) => System.Text.Encoding.UTF8.GetString(tokenizer.BytesOf(token));
}

internal static class Logits
{
    /// <param name="logits">float32 <c>[rows, vocabulary]</c>, contiguous, on the CPU.</param>
    /// <param name="row">From 0.</param>
    /// <returns>The scores of a row, in place.</returns>
    public static Span<float> Row(Tensor logits, int row)
    {
        var width = (int)logits.shape[1];
        return System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(logits.bytes).Slice(row * width, width);
    }
}
