using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>
/// T5's positions (arXiv:1910.10683): a learned offset for each head and bucket of distances. Half of the buckets are single
/// distances, the others grow with the logarithm up to the maximum. A stack's layers share one table.
/// </summary>
/// <param name="positions">Number of buckets and the maximum distance.</param>
/// <param name="table"><c>[buckets, heads]</c></param>
/// <param name="bothWays">An encoder tells tokens before from tokens behind.</param>
internal sealed class RelativeBias(RelativePositions positions, Tensor table, bool bothWays)
{
    /// <summary>Of so many tokens to each other.</summary>
    /// <returns><c>[heads, tokens, tokens]</c></returns>
    public Tensor For(int tokens)
    {
        int[] places = [.. Enumerable.Range(0, tokens)];
        return For(places, places);
    }

    /// <param name="queries">Place of each.</param>
    /// <param name="keys">Place of each.</param>
    /// <returns><c>[heads, queries, keys]</c></returns>
    public Tensor For(IReadOnlyList<int> queries, IReadOnlyList<int> keys)
    {
        using var scope = NewDisposeScope();
        var (least, most) = (keys.Min() - queries.Max(), keys.Max() - queries.Min());
        long[] known = [.. Enumerable.Range(least, most - least + 1).Select(Bucket)];
        var buckets = new long[queries.Count * keys.Count];
        for (var q = 0; q < queries.Count; q++)
        {
            for (var k = 0; k < keys.Count; k++)
            {
                buckets[(q * keys.Count) + k] = known[keys[k] - queries[q] - least];
            }
        }

        return table
            .index_select(0, tensor(buckets, device: table.device))
            .view(queries.Count, keys.Count, -1)
            .permute(2, 0, 1)
            .MoveToOuterDisposeScope();
    }

    /// <returns><c>[2 · context - 1, heads]</c>: a row for each distance from key to query, the farthest before it first.</returns>
    public Tensor ByDistance(int context)
    {
        using var scope = NewDisposeScope();
        var buckets = Enumerable.Range(1 - context, (2 * context) - 1).Select(Bucket).ToArray();
        return table.index_select(0, tensor(buckets, device: table.device)).MoveToOuterDisposeScope();
    }

    /// <param name="offset">Place of the key minus place of the query.</param>
    private long Bucket(int offset)
    {
        var buckets = bothWays ? positions.Buckets / 2 : positions.Buckets;
        var side = bothWays && offset > 0 ? buckets : 0;
        var distance = bothWays ? Math.Abs(offset) : Math.Max(0, -offset);
        var exact = buckets / 2;
        if (distance < exact)
        {
            return side + distance;
        }

        // float32, because the reference's rounding decides the bucket at its border
        var share = MathF.Log((float)distance / exact) / MathF.Log((float)positions.MaximumDistance / exact);
        return side + Math.Min(buckets - 1, exact + (int)(share * (buckets - exact)));
    }
}
