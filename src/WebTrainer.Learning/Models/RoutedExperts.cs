using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>
/// Several feed-forward parts of which a router chooses a few for each token (arXiv:2101.03961, arXiv:2401.04088): the sum of what the
/// chosen give, each times its share. The others are not computed.
/// </summary>
internal sealed class RoutedExperts(Router router, IReadOnlyList<IFeedForward> experts) : IFeedForward
{
    public IEnumerable<Projection> Projections => experts.SelectMany(expert => expert.Projections);

    public IEnumerable<Projection> StackedProjections => experts.SelectMany(expert => expert.StackedProjections);

    public Tensor Forward(Tensor x, bool training)
    {
        using var scope = NewDisposeScope();
        var tokens = x.reshape(-1, x.shape[^1]); // [tokens, hidden]
        var (shares, chosen) = router.Choose(tokens); // [tokens, chosen] each
        var groups = Group(chosen);
        var places = tensor(groups.SelectMany(group => group.Places).ToArray(), device: x.device); // [tokens · chosen]
        var rows = places.div(shares.shape[1], RoundingMode.floor);
        // Gathered once and split: the backward pass then adds one gradient to the tokens instead of one of all tokens for each expert.
        var gathered = tokens.index_select(0, rows).split([.. groups.Select(group => (long)group.Places.Length)]);
        var given = cat([.. groups.Zip(gathered, (group, part) => experts[group.Expert].Forward(part, training))]);
        var weighted = given * shares.flatten().index_select(0, places).unsqueeze(-1).to(tokens.dtype);
        var sum = zeros_like(tokens, requires_grad: false).index_add(0, rows, weighted, 1);
        return sum.view(x.shape).MoveToOuterDisposeScope();
    }

    /// <returns>Places in <c>[tokens, chosen]</c> of each expert that was chosen at all.</returns>
    private static List<(int Expert, long[] Places)> Group(Tensor chosen)
    {
        using var flat = chosen.flatten().cpu();
        return
        [
            .. flat.data<long>()
                .ToArray()
                .Select((expert, place) => (Expert: (int)expert, Place: (long)place))
                .GroupBy(choice => choice.Expert, (expert, choices) => (expert, choices.Select(choice => choice.Place).ToArray()))
                .OrderBy(group => group.expert),
        ];
    }
}

/// <summary>Chooses experts by softmax(W·x + b), in float32.</summary>
/// <param name="weight">W, <c>[experts, hidden]</c>.</param>
/// <param name="bias">Null for none.</param>
/// <param name="count">How many are chosen.</param>
/// <param name="normalised">The shares of the chosen are brought to a sum of 1.</param>
internal sealed class Router(Tensor weight, Tensor? bias, int count, bool normalised)
{
    /// <param name="tokens"><c>[tokens, hidden]</c></param>
    /// <returns>float32 and int64 <c>[tokens, chosen]</c>, the largest share first; owned by the scope of the caller.</returns>
    public (Tensor Shares, Tensor Chosen) Choose(Tensor tokens)
    {
        var scores = nn.functional.linear(Wide(tokens), Wide(weight), bias is null ? null : Wide(bias));
        var (shares, chosen) = scores.softmax(-1).topk(count);
        return (normalised ? shares / shares.sum(-1, keepdim: true) : shares, chosen);
    }

    private static Tensor Wide(Tensor x) => Projection.InType(x, ScalarType.Float32);
}

/// <summary>
/// One of the experts that gpt-oss keeps in one tensor: <c>y = W_down((u + 1) ⊙ g·σ(1.702·g))</c> with gate g at most the limit and u
/// within ± the limit, which are the even and the odd channels of one map.
/// </summary>
internal sealed class StackedExpert(ExpertStack stack, int index, double limit) : IFeedForward
{
    private const double Steepness = 1.702;
    private readonly Projection _up = stack.UpOf(index);
    private readonly Projection _down = stack.DownOf(index);

    /// <summary>None: parts of one tensor are neither packed nor changed by adapters of linear maps.</summary>
    public IEnumerable<Projection> Projections => [];

    public IEnumerable<Projection> StackedProjections => [_up, _down];

    public Tensor Forward(Tensor x, bool training)
    {
        using var scope = NewDisposeScope();
        var pairs = Map(x, _up, stack.UpBias, training).view(x.shape[0], -1, 2); // [tokens, intermediate, gate and up]
        var (gate, up) = (pairs.select(-1, 0).clamp_max(limit), pairs.select(-1, 1).clamp(-limit, limit));
        var inner = up.Plus(1) * gate * gate.Times(Steepness).sigmoid();
        return Map(inner, _down, stack.DownBias, training).MoveToOuterDisposeScope();
    }

    private Tensor Map(Tensor x, Projection map, Tensor biases, bool training) =>
        map.Forward(x, training).Plus(Projection.InType(biases.select(0, index), x.dtype));
}

/// <param name="Up"><c>[experts, hidden, 2 · intermediate]</c></param>
/// <param name="UpBias"><c>[experts, 2 · intermediate]</c></param>
/// <param name="Down"><c>[experts, intermediate, hidden]</c></param>
/// <param name="DownBias"><c>[experts, hidden]</c></param>
/// <param name="Prefix">What stands before the names of the parts.</param>
internal sealed record ExpertStack(string Prefix, ExpertNames Names, Tensor Up, Tensor UpBias, Tensor Down, Tensor DownBias)
{
    public Projection UpOf(int expert) => Of(Names.Up, Up, expert);

    public Projection DownOf(int expert) => Of(Names.Down, Down, expert);

    private Projection Of(string name, Tensor weights, int expert) =>
        new(Prefix + Names.PrefixOf(expert) + name, new StackedMatrix(Prefix + Names.Prefix + name, weights, expert));
}

/// <summary>One expert's part of a tensor of all; cut out at each use, so that its gradient arrives in the whole.</summary>
/// <param name="Name">Of the whole, in the checkpoint.</param>
/// <param name="Weights"><c>[experts, in, out]</c></param>
internal sealed record StackedMatrix(string Name, Tensor Weights, int Index) : IMatrix
{
    public long Inputs => Weights.shape[1];

    public long Outputs => Weights.shape[2];

    public Tensor Multiply(Tensor x) => x.matmul(Projection.InType(Weights.select(0, Index), x.dtype));

    public Tensor ToDense()
    {
        using var scope = NewDisposeScope();
        return Weights.detach().select(0, Index).to(ScalarType.Float32).t().contiguous().MoveToOuterDisposeScope();
    }
}
