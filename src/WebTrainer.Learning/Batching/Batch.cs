using static TorchSharp.torch;

namespace WebTrainer.Learning.Batching;

/// <summary>Rows of one forward pass as tensors.</summary>
/// <param name="Ids"><c>[batch, tokens]</c>, int64, padded on the right.</param>
/// <param name="Sources">Flat index into <c>[batch · tokens]</c> of each position whose next token is learned.</param>
/// <param name="Targets">Those next tokens, int64.</param>
/// <param name="Tokens">Tokens without padding.</param>
public sealed record Batch(Tensor Ids, Tensor Sources, Tensor Targets, int Tokens) : IDisposable
{
    public long LearnedTokens => Targets.shape[0];

    public static Batch Of(IReadOnlyList<TokenRow> rows, int paddingId, Device device)
    {
        var width = rows.Max(row => row.Tokens.Length);
        var ids = new long[rows.Count * width];
        Array.Fill(ids, paddingId);
        var sources = new List<long>();
        var targets = new List<long>();
        for (var r = 0; r < rows.Count; r++)
        {
            var tokens = rows[r].Tokens;
            for (var t = 0; t < tokens.Length; t++)
            {
                ids[(r * width) + t] = tokens[t];
                if (t >= rows[r].AnswerStart)
                {
                    sources.Add((r * width) + t - 1);
                    targets.Add(tokens[t]);
                }
            }
        }

        return new(
            tensor(ids, [rows.Count, width], device: device),
            tensor(sources.ToArray(), device: device),
            tensor(targets.ToArray(), device: device),
            rows.Sum(row => row.Tokens.Length));
    }

    public void Dispose()
    {
        Ids.Dispose();
        Sources.Dispose();
        Targets.Dispose();
    }
}
