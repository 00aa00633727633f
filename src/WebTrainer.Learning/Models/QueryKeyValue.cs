using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>The maps to queries, keys and values.</summary>
internal interface IQueryKeyValue
{
    IEnumerable<Projection> Projections { get; }

    /// <param name="x">What asks, <c>[batch, tokens, hidden]</c>.</param>
    /// <param name="memory">What is asked, <c>[batch, columns, hidden]</c>; x itself in self-attention.</param>
    /// <returns><c>[batch, tokens or columns, heads or kv heads, head]</c></returns>
    (Tensor Query, Tensor Key, Tensor Value) Forward(Tensor x, Tensor memory, bool training);
}

internal sealed class SeparateMaps(ModelConfig config, Projection query, Projection key, Projection value) : IQueryKeyValue
{
    public IEnumerable<Projection> Projections => [query, key, value];

    public (Tensor Query, Tensor Key, Tensor Value) Forward(Tensor x, Tensor memory, bool training) => (
        Split(query.Forward(x, training), config.Heads),
        Split(key.Forward(memory, training), config.KeyValueHeads),
        Split(value.Forward(memory, training), config.KeyValueHeads));

    private Tensor Split(Tensor x, int heads) => x.view(x.shape[0], x.shape[1], heads, config.HeadSize);
}

/// <summary>One matrix for all three.</summary>
internal sealed class JoinedMaps(ModelConfig config, Projection joined) : IQueryKeyValue
{
    public IEnumerable<Projection> Projections => [joined];

    public (Tensor Query, Tensor Key, Tensor Value) Forward(Tensor x, Tensor memory, bool training)
    {
        var all = joined.Forward(x, training); // [batch, tokens, 3 · heads · head]
        var (batch, tokens) = (x.shape[0], x.shape[1]);
        var split = config.QueryKeyValue == QueryKeyValueKind.Joined
            ? all.view(batch, tokens, 3, config.Heads, config.HeadSize)
            : all.view(batch, tokens, config.Heads, 3, config.HeadSize).transpose(2, 3);
        return (split.select(2, 0), split.select(2, 1), split.select(2, 2));
    }
}
