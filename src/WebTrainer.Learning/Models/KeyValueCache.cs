using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>Keys and values of the tokens a model has already seen, a pair a layer; grows at its right end.</summary>
public sealed class KeyValueCache : IDisposable
{
    private readonly Tensor?[] _keys, _values; // [batch, kv heads, tokens, head]

    public KeyValueCache(int layers)
    {
        _keys = new Tensor?[layers];
        _values = new Tensor?[layers];
    }

    private KeyValueCache(Tensor?[] keys, Tensor?[] values)
    {
        _keys = keys;
        _values = values;
    }

    /// <summary>While true, forward passes see the cache but leave nothing in it.</summary>
    public bool Frozen { get; set; }

    /// <summary>Columns held, padding included.</summary>
    public int Tokens => _keys[0] is { } keys ? (int)keys.shape[2] : 0;

    internal (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        if (Frozen)
        {
            return (cat([_keys[layer]!, keys], dim: 2), cat([_values[layer]!, values], dim: 2));
        }

        _keys[layer] = Join(_keys[layer], keys);
        _values[layer] = Join(_values[layer], values);
        return (_keys[layer]!, _values[layer]!);
    }

    /// <summary>A cache of its own with the chosen rows, in the given order; rows may repeat.</summary>
    /// <param name="rows">int64 row numbers.</param>
    public KeyValueCache Select(Tensor rows) => new(Select(_keys, rows), Select(_values, rows));

    public void Dispose()
    {
        foreach (var tensor in _keys.Concat(_values))
        {
            tensor?.Dispose();
        }
    }

    private static Tensor?[] Select(Tensor?[] tensors, Tensor rows) =>
        [.. tensors.Select(tensor => tensor?.index_select(0, rows).DetachFromDisposeScope())];

    private static Tensor Join(Tensor? past, Tensor present)
    {
        var joined = past is null ? present.contiguous().alias() : cat([past, present], dim: 2);
        past?.Dispose();
        return joined.DetachFromDisposeScope();
    }
}
