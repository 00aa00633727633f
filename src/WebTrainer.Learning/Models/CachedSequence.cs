using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>Keys and values of one sequence's tokens, of all layers in one piece of memory that grows at its end.</summary>
public sealed class CachedSequence(ModelConfig config, ScalarType type, Device device) : IDisposable
{
    private const int SmallestCapacity = 64;
    private readonly List<int> _tokens = [];
    private Tensor? _store; // [layers, 2, kv heads, capacity, head]

    /// <summary>
    /// Keys and values of the prompt that an encoder has read, <c>[layers, 2, heads, columns, head]</c>; null in models of one stack, where
    /// it is among the tokens.
    /// </summary>
    internal Tensor? Prompt { get; init; }

    /// <summary>Tokens whose keys and values are held; where an encoder has read the prompt, those of the decoder.</summary>
    public int Length => _tokens.Count;

    internal IReadOnlyList<int> Tokens => _tokens;

    /// <summary>Length of the text by which the tokens held were turned.</summary>
    internal int TextTokens { get; private set; }

    internal Tensor Store => _store ?? throw new InvalidOperationException("Nothing was reserved.");

    internal int Capacity => _store is null ? 0 : (int)_store.shape[3];

    internal void Add(ReadOnlySpan<long> tokens, int textTokens)
    {
        foreach (var token in tokens)
        {
            _tokens.Add((int)token);
        }

        TextTokens = textTokens;
    }

    /// <summary>Keys and values of some of the tokens, <c>[layers, 2, kv heads, count, head]</c>, owned by the caller.</summary>
    internal Tensor Copy(int begin, int count)
    {
        using var scope = NewDisposeScope();
        return Store.narrow(3, begin, count).clone().DetachFromDisposeScope();
    }

    /// <summary>Takes over what <see cref="Copy"/> gave of another sequence that began alike. Only for one that is empty.</summary>
    /// <param name="blocks">One behind the other.</param>
    /// <param name="tokens">Of all blocks.</param>
    internal void Restore(IReadOnlyList<Tensor> blocks, IReadOnlyList<int> tokens)
    {
        using var scope = NewDisposeScope();
        Reserve(tokens.Count);
        var begin = 0L;
        foreach (var block in blocks)
        {
            Store.narrow(3, begin, block.shape[3]).copy_(block);
            begin += block.shape[3];
        }

        Add([.. tokens.Select(token => (long)token)], tokens.Count);
    }

    /// <summary>Holds nothing any more, but keeps the room.</summary>
    internal void Clear() => _tokens.Clear();

    /// <summary>Makes room for so many tokens in all; the capacity doubles, so that growing costs little.</summary>
    internal void Reserve(int tokens)
    {
        if (tokens <= Capacity)
        {
            return;
        }

        var capacity = Math.Max(tokens, Math.Max(SmallestCapacity, 2 * Capacity));
        using var scope = NewDisposeScope();
        var larger = zeros([config.Layers, 2, config.KeyValueHeads, capacity, config.HeadSize], type, device);
        if (_store is { } store)
        {
            larger.narrow(3, 0, Length).copy_(store.narrow(3, 0, Length));
            store.Dispose();
        }

        _store = larger.DetachFromDisposeScope();
    }

    /// <returns>A view of the first tokens' keys of a layer, <c>[kv heads, tokens, head]</c>.</returns>
    internal Tensor Keys(int layer, int tokens) => Store[layer, 0].narrow(1, 0, tokens);

    /// <returns>A view of the first tokens' values of a layer, <c>[kv heads, tokens, head]</c>.</returns>
    internal Tensor Values(int layer, int tokens) => Store[layer, 1].narrow(1, 0, tokens);

    /// <summary>Frees what was kept of tokens and prompt.</summary>
    public void Dispose()
    {
        _store?.Dispose();
        Prompt?.Dispose();
    }
}
