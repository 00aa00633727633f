using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>Mean loss over rows, without learning.</summary>
public static class MeanLoss
{
    private const int BatchTokens = 4096;

    /// <returns>Nats per learned token.</returns>
    public static double Of(ILanguageModel model, IReadOnlyList<TokenRow> rows, int paddingId, CancellationToken cancellationToken)
    {
        using var _ = inference_mode();
        model.Training = false;
        var (sum, count) = (0.0, 0L);
        foreach (var group in Grouped(rows, row => row.Tokens.Length))
        {
            cancellationToken.ThrowIfCancellationRequested();
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
    /// <param name="rows">Any things that have a length.</param>
    /// <param name="length">Tokens of a row.</param>
    internal static IEnumerable<List<T>> Grouped<T>(IEnumerable<T> rows, Func<T, int> length)
    {
        var group = new List<T>();
        foreach (var row in rows.OrderBy(length))
        {
            if (group.Count > 0 && (group.Count + 1) * length(row) > BatchTokens)
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
