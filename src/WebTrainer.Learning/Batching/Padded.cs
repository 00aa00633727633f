using static TorchSharp.torch;

namespace WebTrainer.Learning.Batching;

/// <summary>Token sequences of one forward pass, filled up on the right.</summary>
internal sealed class Padded(IReadOnlyList<IReadOnlyList<int>> rows, int padding)
{
    /// <summary>Tokens of each row without padding.</summary>
    public IReadOnlyList<int> Lengths { get; } = [.. rows.Select(row => row.Count)];

    /// <returns>int64 <c>[rows, tokens]</c>, owned by the scope of the caller.</returns>
    public Tensor Ids(Device device)
    {
        var width = Lengths.Max();
        var ids = new long[rows.Count * width];
        Array.Fill(ids, padding);
        for (var r = 0; r < rows.Count; r++)
        {
            for (var t = 0; t < rows[r].Count; t++)
            {
                ids[(r * width) + t] = rows[r][t];
            }
        }

        return tensor(ids, [rows.Count, width], device: device);
    }
}
