using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>The maps to queries, keys and values.</summary>
internal interface IQueryKeyValue
{
    IEnumerable<Projection> Projections { get; }

    /// <param name="x"><c>[batch, tokens, hidden]</c></param>
    /// <param name="training">An adapter's dropout is active.</param>
    /// <returns><c>[batch, tokens, heads or kv heads, head]</c></returns>
    (Tensor Query, Tensor Key, Tensor Value) Forward(Tensor x, bool training);
}

internal sealed class SeparateMaps(ModelConfig config, Projection query, Projection key, Projection value) : IQueryKeyValue
{
    public IEnumerable<Projection> Projections => [query, key, value];

    public (Tensor Query, Tensor Key, Tensor Value) Forward(Tensor x, bool training)
    {
        var (k, v) = KeyValue(x, training);
        return (Query(x, training), k, v);
    }

    /// <param name="x">What asks, <c>[batch, tokens, hidden]</c>.</param>
    /// <param name="training">An adapter's dropout is active.</param>
    /// <returns><c>[batch, tokens, heads, head]</c></returns>
    public Tensor Query(Tensor x, bool training) => Split(query.Forward(x, training), config.Heads);

    /// <param name="x">What is asked, <c>[batch, columns, hidden]</c>.</param>
    /// <param name="training">An adapter's dropout is active.</param>
    /// <returns><c>[batch, columns, kv heads, head]</c></returns>
    public (Tensor Key, Tensor Value) KeyValue(Tensor x, bool training) =>
        (Split(key.Forward(x, training), config.KeyValueHeads), Split(value.Forward(x, training), config.KeyValueHeads));

    private Tensor Split(Tensor x, int heads) => x.view(x.shape[0], x.shape[1], heads, config.HeadSize);
}

/// <summary>One matrix for all three.</summary>
internal sealed class JoinedMaps(ModelConfig config, Projection joined) : IQueryKeyValue
{
    public IEnumerable<Projection> Projections => [joined];

    public (Tensor Query, Tensor Key, Tensor Value) Forward(Tensor x, bool training)
    {
        var all = joined.Forward(x, training); // [batch, tokens, (heads + 2 · kv heads) · head]
        return config.QueryKeyValue == QueryKeyValueKind.Joined
            ? ByKind(all)
            : ByHead(all.view(x.shape[0], x.shape[1], config.Heads, 3, config.HeadSize));
    }

    private (Tensor Query, Tensor Key, Tensor Value) ByKind(Tensor all)
    {
        var heads = all.view(all.shape[0], all.shape[1], -1, config.HeadSize);
        var keys = config.KeyValueHeads;
        return (heads.narrow(2, 0, config.Heads), heads.narrow(2, config.Heads, keys), heads.narrow(2, config.Heads + keys, keys));
    }

    private static (Tensor Query, Tensor Key, Tensor Value) ByHead(Tensor all) => (all.select(3, 0), all.select(3, 1), all.select(3, 2));
}
