using static TorchSharp.torch;

namespace WebTrainer.Learning.Batching;

/// <summary>What an encoder needs of a batch beside its tokens.</summary>
public static class EncoderBatch
{
    /// <returns>int64 <c>[rows, tokens]</c>, 1 for tokens and 0 for padding, owned by the scope of the caller.</returns>
    public static Tensor MaskOf(Batch batch) => Fill(batch, (_, _) => 1);

    /// <returns>0 for the first text of a pair, 1 for the second, int64 <c>[rows, tokens]</c>; null where no row is a pair.</returns>
    public static Tensor? TypesOf(Batch batch) =>
        batch.Rows.All(row => row.Types is null) ? null : Fill(batch, (row, t) => row.Types?[t] ?? 0);

    private static Tensor Fill(Batch batch, Func<TokenRow, int, long> value)
    {
        var width = batch.Ids.shape[1];
        var values = new long[batch.Rows.Count * width];
        for (var r = 0; r < batch.Rows.Count; r++)
        {
            for (var t = 0; t < batch.Rows[r].Tokens.Length; t++)
            {
                values[(r * width) + t] = value(batch.Rows[r], t);
            }
        }

        return tensor(values, [batch.Rows.Count, width], device: batch.Ids.device);
    }
}
