using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Generation;

/// <summary>
/// Prompts that are continued together. Prompts are padded on the right; the padding stays in the cache as columns that no token
/// sees, so rows of any length share one pass.
/// </summary>
public sealed class DecodingBatch : IDisposable
{
    private readonly CausalLM _model;
    private readonly KeyValueCache _cache;
    private readonly int[] _lengths;
    private readonly List<bool[]> _visible; // row by row: column seen or not

    private DecodingBatch(CausalLM model, KeyValueCache cache, int[] lengths, List<bool[]> visible)
    {
        _model = model;
        _cache = cache;
        _lengths = lengths;
        _visible = visible;
    }

    public int Rows => _lengths.Length;

    /// <summary>Tokens of the row so far, padding not counted.</summary>
    public int LengthOf(int row) => _lengths[row];

    /// <summary>Reads the prompts.</summary>
    /// <returns>The batch and the scores of each row's next token, float32 <c>[rows, vocabulary]</c>; both owned by the caller.</returns>
    public static (DecodingBatch Batch, Tensor Logits) Start(CausalLM model, IReadOnlyList<IReadOnlyList<int>> prompts)
    {
        var batch = new DecodingBatch(model, new KeyValueCache(model.Config.Layers), new int[prompts.Count], [.. prompts.Select(_ => Array.Empty<bool>())]);
        using var scope = NewDisposeScope();
        using var hidden = batch.Run(prompts); // [rows, tokens, hidden]
        var last = batch.LastOf(hidden, prompts);
        return (batch, model.Logits(last).to(ScalarType.Float32).MoveToOuterDisposeScope());
    }

    /// <summary>Adds one token to each row.</summary>
    /// <returns>Scores of each row's next token, float32 <c>[rows, vocabulary]</c>, owned by the caller.</returns>
    public Tensor Step(IReadOnlyList<int> tokens)
    {
        using var scope = NewDisposeScope();
        var hidden = Run([.. tokens.Select(token => new[] { token })]);
        return _model.Logits(hidden.select(1, 0)).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Runs several continuations of each row at once without changing this batch: each sees its row and itself, none another.
    /// </summary>
    /// <param name="branches">Continuations of each row; they stand one after the other.</param>
    /// <returns>Hidden states <c>[rows, tokens, hidden]</c>, owned by the caller; rows are padded on the right.</returns>
    public Tensor Peek(IReadOnlyList<IReadOnlyList<IReadOnlyList<int>>> branches)
    {
        var (rows, width, past) = (branches.Count, Math.Max(1, branches.Max(row => row.Sum(branch => branch.Count))), _cache.Tokens);
        var pass = new PassInputs(rows, width, past + width);
        for (var r = 0; r < rows; r++)
        {
            var t = 0;
            foreach (var branch in branches[r])
            {
                var begin = t;
                for (var i = 0; i < branch.Count; i++, t++)
                {
                    var seen = pass.Set(r, t, branch[i], Math.Min(_lengths[r] + i, _model.Config.ContextTokens - 1));
                    _visible[r].CopyTo(seen);
                    seen.Slice(past + begin, i + 1).Fill(true);
                }
            }

            for (; t < width; t++)
            {
                pass.Set(r, t, id: 0, position: 0)[past + t] = true;
            }
        }

        _cache.Frozen = true;
        var hidden = pass.Run(_model, _cache);
        _cache.Frozen = false;
        return hidden;
    }

    /// <summary>A batch of its own with the chosen rows.</summary>
    public DecodingBatch Select(IReadOnlyList<int> rows)
    {
        using var scope = NewDisposeScope();
        var index = tensor(rows.Select(row => (long)row).ToArray(), device: _model.Device);
        return new(_model, _cache.Select(index), [.. rows.Select(row => _lengths[row])], [.. rows.Select(row => _visible[row])]);
    }

    public void Dispose() => _cache.Dispose();

    /// <summary>Runs new tokens, padded on the right to the longest row, and makes them part of the rows.</summary>
    private Tensor Run(IReadOnlyList<IReadOnlyList<int>> tokens)
    {
        var (rows, width, past) = (tokens.Count, tokens.Max(row => row.Count), _cache.Tokens);
        var pass = new PassInputs(rows, width, past + width);
        for (var r = 0; r < rows; r++)
        {
            var whole = new bool[past + width];
            _visible[r].CopyTo(whole, 0);
            Array.Fill(whole, true, past, tokens[r].Count);
            for (var t = 0; t < width; t++)
            {
                var seen = pass.Set(r, t, t < tokens[r].Count ? tokens[r][t] : 0, Math.Min(_lengths[r] + t, _model.Config.ContextTokens - 1));
                whole.AsSpan(0, past + t + 1).CopyTo(seen);
                seen[past + t] = true; // padding sees itself, because a row that sees nothing has no softmax
            }

            _visible[r] = whole;
            _lengths[r] += tokens[r].Count;
        }

        return pass.Run(_model, _cache);
    }

    private Tensor LastOf(Tensor hidden, IReadOnlyList<IReadOnlyList<int>> tokens)
    {
        var width = hidden.shape[1];
        var last = tensor(tokens.Select((row, index) => (index * width) + row.Count - 1).ToArray(), device: _model.Device);
        return hidden.flatten(0, 1).index_select(0, last); // [rows, hidden]
    }
}

/// <summary>The inputs of a forward pass over a cache, filled token by token.</summary>
internal sealed class PassInputs(int rows, int width, int columns)
{
    private readonly long[] _ids = new long[rows * width], _positions = new long[rows * width];
    private readonly bool[] _visible = new bool[rows * width * columns];

    /// <returns>The columns the token sees, to be filled.</returns>
    public Span<bool> Set(int row, int token, int id, int position)
    {
        var place = (row * width) + token;
        _ids[place] = id;
        _positions[place] = position;
        return _visible.AsSpan(place * columns, columns);
    }

    /// <returns>Hidden states <c>[rows, width, hidden]</c>, owned by the caller.</returns>
    public Tensor Run(CausalLM model, KeyValueCache cache)
    {
        using var scope = NewDisposeScope();
        return model.Forward(
            tensor(_ids, [rows, width], device: model.Device),
            tensor(_positions, [rows, width], device: model.Device),
            tensor(_visible, [rows, width, columns], device: model.Device),
            cache).MoveToOuterDisposeScope();
    }
}
