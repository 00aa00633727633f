using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>Mean loss over rows, without learning.</summary>
public static class MeanLoss
{
    private const int BatchTokens = 4096;

    /// <returns>Nats per learned token.</returns>
    public static double Of(CausalLM model, IReadOnlyList<TokenRow> rows, int paddingId, CancellationToken cancellation)
    {
        using var _ = inference_mode();
        model.Training = false;
        var (sum, count) = (0.0, 0L);
        foreach (var group in Grouped(rows))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var batch = Batch.Of(group, paddingId, model.Device);
            sum += AnswerLoss.Sum(model, batch).item<float>();
            count += batch.LearnedTokens;
        }

        return sum / Math.Max(1, count);
    }

    /// <summary>Running text as rows that don't overlap, every token but the first of each learned.</summary>
    public static List<TokenRow> Windows(IReadOnlyList<int> ids, int contextTokens) =>
        [.. ids.Chunk(contextTokens).Where(chunk => chunk.Length > 1).Select(chunk => new TokenRow("", chunk, AnswerStart: 1))];

    /// <summary>Rows of like length together, as many as fill a forward pass.</summary>
    internal static IEnumerable<List<TokenRow>> Grouped(IEnumerable<TokenRow> rows)
    {
        var group = new List<TokenRow>();
        foreach (var row in rows.OrderBy(row => row.Tokens.Length))
        {
            if (group.Count > 0 && (group.Count + 1) * row.Tokens.Length > BatchTokens)
            {
                yield return group;
                group = [];
            }

            group.Add(row);
        }

        if (group.Count > 0)
        {
            yield return group;
        }
    }
}
