using static TorchSharp.torch;

namespace WebTrainer.Learning.Privacy;

/// <summary>What a backward pass leaves of one weight: from it the gradient of each unit follows.</summary>
internal interface IUnitGradient : IDisposable
{
    /// <summary>Adds ‖gradient‖² of each unit.</summary>
    void AddSquares(PassUnits units, double[] squares);

    /// <summary>Adds Σ factor · gradient over the units to the weight's gradient.</summary>
    void AddSum(PassUnits units, float[] factors);

    /// <summary>The same in less memory, where there is such a form; then this one is used up.</summary>
    IUnitGradient Shortened(PassUnits units) => this;
}

/// <summary>
/// A weight W of a product, <c>y = W·x</c>: a unit's gradient is <c>Σₜ lₜ·rₜᵀ</c> over its places t, with l the gradient behind the product
/// and r what went into it. Its squared norm is <c>Σₜₛ (lₜ·lₛ)(rₜ·rₛ)</c> (ghost clipping, arXiv:2110.05679, section 4) where that is less
/// work than the product itself, else that of the product (mixed ghost clipping, arXiv:2205.10683), which one factor of low rank keeps
/// small: where it is smaller than l and r it takes their place. What a backward pass has left stays until all norms are known,
/// so that there is no second one (book-keeping, arXiv:2210.00038).
/// </summary>
/// <param name="weight">W, or a vector where r is one number; its gradient is added to.</param>
/// <param name="left">l, <c>[places, out]</c>, owned by this.</param>
/// <param name="right">r, <c>[places, in]</c>, owned by this.</param>
/// <param name="scale">The gradient is that many times the sum.</param>
/// <param name="place">What the places are.</param>
internal sealed class ProductGradient(Tensor weight, Tensor left, Tensor right, double scale, MapPlace place) : IUnitGradient
{
    /// <summary>Elements that are worked on at once: 16 MiB of float32.</summary>
    private const long MostElements = 1 << 22;

    public void AddSquares(PassUnits units, double[] squares)
    {
        foreach (var (first, end) in Chunks(units.Starts(place)))
        {
            using var scope = NewDisposeScope();
            var (l, r) = (Of(left, units, first, end), Of(right, units, first, end)); // [units, places, …]
            var norms =
                l.shape[1] <= Math.Min(l.shape[2], r.shape[2])
                    ? (l.matmul(l.transpose(1, 2)) * r.matmul(r.transpose(1, 2))).sum([1, 2])
                    : l.transpose(1, 2).matmul(r).square().sum([1, 2]);
            var found = norms.cpu().data<float>();
            for (var unit = first; unit < end; unit++)
            {
                squares[unit] += scale * scale * found[unit - first];
            }
        }
    }

    public void AddSum(PassUnits units, float[] factors)
    {
        foreach (var (first, end) in Chunks(units.Starts(place)))
        {
            using var scope = NewDisposeScope();
            var (l, r) = (Of(left, units, first, end), Of(right, units, first, end));
            var weights = tensor([.. factors[first..end].Select(factor => (float)(scale * factor))], [end - first, 1, 1], device: l.device);
            (l, r) = l.shape[2] < r.shape[2] ? (l * weights, r) : (l, r * weights);
            var sum = weight.grad!.view(l.shape[2], r.shape[2]);
            sum.PlusInPlace(l.flatten(0, 1).t().matmul(r.flatten(0, 1)));
        }
    }

    /// <summary>
    /// The product of a unit is <c>out·in</c> numbers, what it is made of <c>places·(out + in)</c>: of a factor of low rank and a sequence
    /// longer than that rank the product is the smaller one, and is what the norm is taken of anyway.
    /// </summary>
    public IUnitGradient Shortened(PassUnits units)
    {
        var (starts, count) = (units.Starts(place), units.Units.Count);
        if (count == 0 || left.shape[1] * right.shape[1] * count >= starts[^1] * (left.shape[1] + right.shape[1]))
        {
            return this;
        }

        using var scope = NewDisposeScope();
        var products = zeros([count, left.shape[1], right.shape[1]], device: left.device);
        foreach (var (first, end) in Chunks(starts))
        {
            using var inner = NewDisposeScope();
            var (l, r) = (Of(left, units, first, end), Of(right, units, first, end));
            products.narrow(0, first, end - first).copy_(l.transpose(1, 2).matmul(r));
        }

        Dispose();
        return new ProductsGradient(weight, products.DetachFromDisposeScope(), scale);
    }

    public void Dispose()
    {
        left.Dispose();
        right.Dispose();
    }

    private Tensor Of(Tensor tensor, PassUnits units, int first, int end)
    {
        var starts = units.Starts(place);
        return tensor
            .narrow(0, starts[first], starts[end] - starts[first])
            .to(ScalarType.Float32)
            .view(end - first, starts[first + 1] - starts[first], tensor.shape[1]);
    }

    /// <summary>Units that have as many places each, as many as fit into the memory that is meant for it.</summary>
    private IEnumerable<(int First, int End)> Chunks(long[] starts)
    {
        for (var first = 0; first < starts.Length - 1; )
        {
            var places = starts[first + 1] - starts[first];
            var elements = (places * (left.shape[1] + right.shape[1])) + Math.Min(places * places, left.shape[1] * right.shape[1]);
            var end = first + 1;
            while (end < starts.Length - 1 && starts[end + 1] - starts[end] == places && (end + 1 - first) * elements <= MostElements)
            {
                end++;
            }

            if (places > 0)
            {
                yield return (first, end);
            }

            first = end;
        }
    }
}

/// <summary>What <see cref="ProductGradient"/> becomes where each unit's product is smaller than what it is made of.</summary>
/// <param name="weight">Its gradient is added to.</param>
/// <param name="products">float32 <c>[units, out, in]</c>, owned by this.</param>
/// <param name="scale">The gradient is that many times the product.</param>
internal sealed class ProductsGradient(Tensor weight, Tensor products, double scale) : IUnitGradient
{
    public void AddSquares(PassUnits units, double[] squares)
    {
        using var scope = NewDisposeScope();
        var found = products.square().sum([1, 2]).cpu().data<float>();
        for (var unit = 0; unit < squares.Length; unit++)
        {
            squares[unit] += scale * scale * found[unit];
        }
    }

    public void AddSum(PassUnits units, float[] factors)
    {
        using var scope = NewDisposeScope();
        var weights = tensor([.. factors.Select(factor => (float)(scale * factor))], [1, factors.Length], device: products.device);
        weight.grad!.view(1, -1).PlusInPlace(weights.matmul(products.view(factors.Length, -1)));
    }

    public void Dispose() => products.Dispose();
}

/// <summary>
/// The factor A <c>[rank, tokens]</c> of an embedding's change, of which a place t has used the column of its token: a unit's gradient has
/// in each column the sum of uₜ over the places with that token.
/// </summary>
/// <param name="weight">A.</param>
/// <param name="columns">u, <c>[places, rank]</c> float32, owned by this.</param>
/// <param name="ids">Token of each place, int64, owned by this.</param>
internal sealed class LookupGradient(Tensor weight, Tensor columns, Tensor ids) : IUnitGradient
{
    public void AddSquares(PassUnits units, double[] squares)
    {
        using var scope = NewDisposeScope();
        var vocabulary = weight.shape[1];
        var keys = UnitOf(units).mul(vocabulary).add(ids);
        var (used, places, _) = keys.unique(sorted: true, return_inverse: true);
        var sums = zeros([used.shape[0], columns.shape[1]], device: columns.device).index_add_(0, places!, columns, 1);
        var norms = zeros([units.Units.Count], device: columns.device)
            .index_add_(0, used.div(vocabulary, RoundingMode.floor), sums.square().sum([1]), 1);
        var found = norms.cpu().data<float>();
        for (var unit = 0; unit < squares.Length; unit++)
        {
            squares[unit] += found[unit];
        }
    }

    public void AddSum(PassUnits units, float[] factors)
    {
        using var scope = NewDisposeScope();
        var weights = tensor(factors, device: columns.device).index_select(0, UnitOf(units)).unsqueeze(1);
        weight.grad!.index_add_(1, ids, (columns * weights).t(), 1);
    }

    public void Dispose()
    {
        columns.Dispose();
        ids.Dispose();
    }

    private Tensor UnitOf(PassUnits units)
    {
        var starts = units.Starts(MapPlace.Tokens);
        var of = new long[starts[^1]];
        for (var unit = 0; unit < starts.Length - 1; unit++)
        {
            Array.Fill(of, unit, (int)starts[unit], (int)(starts[unit + 1] - starts[unit]));
        }

        return tensor(of, device: ids.device);
    }
}
