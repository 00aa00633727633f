using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Onnx;

/// <summary>The graph of an encoder: embeddings, then layers. The same parts in the same order as <see cref="TextEncoder"/>.</summary>
internal sealed class OnnxEncoder
{
    private readonly OnnxParts _parts;
    private readonly ModelConfig _config;
    private readonly ModelNames _names;
    private readonly OnnxSight _sight;
    private readonly string _tokens,
        _places;
    private readonly (string Cos, string Sin)? _angles,
        _windowAngles;

    /// <param name="parts">Writes the operations and the weights.</param>
    /// <param name="config">Of the encoder.</param>
    /// <param name="mask">float32 <c>[batch, tokens]</c>, 1 for tokens.</param>
    /// <param name="relative">Offsets by distance; null where there are none.</param>
    public OnnxEncoder(OnnxParts parts, ModelConfig config, string mask, RelativeBias? relative)
    {
        (_parts, _config, _names) = (parts, config, ModelNames.Of(config));
        _tokens = parts.Node("Slice", parts.Node("Shape", "input_ids"), Graph.Constant(1), Graph.Constant(2));
        _places = Graph.Node("Range", [Graph.Scalar(0L), parts.Node("Squeeze", _tokens), Graph.Scalar(1L)]);
        _sight = new OnnxSight(parts, config, mask, _places, relative);
        _angles = Angles(config.Rotary, "");
        _windowAngles = Angles(config.WindowRotary, "window_") ?? _angles;
    }

    private OnnxGraphBuilder Graph => _parts.Graph;

    /// <returns>Hidden states <c>[batch, tokens, hidden]</c>.</returns>
    public string States()
    {
        var x = Embed();
        for (var layer = 0; layer < _config.Layers; layer++)
        {
            x = Layer(layer, x);
        }

        return _names.FinalNorm.Length == 0 ? x : _parts.Norm(x, _names.FinalNorm);
    }

    private string Embed()
    {
        var x = _parts.Gather(_names.Embedding, "input_ids");
        x = _config.TokenTypes > 0 ? Add(x, _parts.Gather(_names.TokenTypes, "token_type_ids")) : x;
        x = _config.LearnedPositions ? Add(x, _parts.Gather(_names.Positions, Positions())) : x;
        x = _parts.Norm(x, _names.EmbeddingNorm);
        return _config.EmbeddingSize is null ? x : _parts.Linear(x, _names.EmbeddingMap);
    }

    /// <returns>int64 <c>[tokens]</c>, or <c>[batch, tokens]</c> where positions are counted from behind the padding's id
    /// (RoBERTa).</returns>
    private string Positions()
    {
        if (_config.PositionsBehind is not { } padding)
        {
            return _places;
        }

        var seen = _parts.ToInteger(_parts.Node("Not", _parts.Node("Equal", "input_ids", Graph.Scalar((long)padding))));
        return Add(_parts.Node("Mul", _parts.Node("CumSum", seen, Graph.Scalar(1L)), seen), Graph.Scalar((long)padding));
    }

    private string Layer(int layer, string x)
    {
        var prefix = _names.LayerPrefix(layer);
        string InputNorm(string state) => _config.FirstInputAsIs && layer == 0 ? state : _parts.Norm(state, prefix + _names.InputNorm);
        string InnerNorm(string state) => _parts.Norm(state, prefix + _names.InnerNorm);
        if (_config.Residual == ResidualKind.PreNorm)
        {
            x = Add(x, Attend(layer, prefix, InputNorm(x)));
            return Add(x, FeedForward(prefix, InnerNorm(x)));
        }

        x = InputNorm(Add(x, Attend(layer, prefix, x)));
        return InnerNorm(Add(x, FeedForward(prefix, x)));
    }

    private string Attend(int layer, string prefix, string x)
    {
        var windowed = _config.IsWindowed(layer);
        var (query, key, value) = (Heads(x, prefix, _names.Query, 0), Heads(x, prefix, _names.Key, 1), Heads(x, prefix, _names.Value, 2));
        (query, key) = (windowed ? _windowAngles : _angles) is { } angles ? (Rotate(query, angles), Rotate(key, angles)) : (query, key);
        var scores = _parts.Scaled(_parts.Node("MatMul", query, _parts.Turn(key, 0, 1, 3, 2)), 1 / Math.Sqrt(_config.HeadSize));
        var shares = Graph.Node("Softmax", [Add(scores, _sight.Of(windowed))], OnnxAttribute.Of("axis", -1L));
        var mixed = _parts.Node(
            "Reshape",
            _parts.Turn(_parts.Node("MatMul", shares, value), 0, 2, 1, 3),
            Graph.Constant(0, 0, _config.QueryWidth)
        ); // [batch, tokens, heads · head]
        return _parts.Linear(mixed, prefix + _names.Output);
    }

    /// <param name="x">Name of the states, <c>[batch, tokens, hidden]</c>.</param>
    /// <param name="prefix">Of the layer's weights.</param>
    /// <param name="map">Name of the map where each has a matrix of its own.</param>
    /// <param name="part">Place of the map where one matrix holds all three.</param>
    /// <returns><c>[batch, heads, tokens, head]</c></returns>
    private string Heads(string x, string prefix, string map, int part)
    {
        var mapped =
            _config.QueryKeyValue == QueryKeyValueKind.Separate
                ? _parts.Linear(x, prefix + map)
                : _parts.LinearPart(x, prefix + _names.Joined, part, parts: 3);
        return _parts.Turn(_parts.Node("Reshape", mapped, Graph.Constant(0, 0, _config.Heads, _config.HeadSize)), 0, 2, 1, 3);
    }

    private string FeedForward(string prefix, string x)
    {
        var inner = _parts.Linear(x, prefix + _names.Up);
        inner = _config.JoinedGate
            ? _parts.Node(
                "Mul",
                _parts.Activate(_parts.Columns(inner, 0, _config.IntermediateSize), _config.Activation),
                _parts.Columns(inner, _config.IntermediateSize, 2L * _config.IntermediateSize)
            )
            : _parts.Activate(inner, _config.Activation);
        return _parts.Linear(inner, prefix + _names.Down);
    }

    /// <summary>x·cos + (-x₂, x₁)·sin, with x₁ and x₂ the halves of a head (arXiv:2104.09864).</summary>
    private string Rotate(string x, (string Cos, string Sin) angles)
    {
        long half = _config.HeadSize / 2;
        var turned = _parts.Join(_parts.Node("Neg", _parts.Columns(x, half, 2 * half)), _parts.Columns(x, 0, half));
        return Add(_parts.Node("Mul", x, angles.Cos), _parts.Node("Mul", turned, angles.Sin));
    }

    /// <returns>float32 <c>[tokens, head]</c> each, cut from tables of the whole context; null where positions are not rotations.</returns>
    private (string Cos, string Sin)? Angles(RotaryConfig? rotary, string prefix)
    {
        if (rotary is null)
        {
            return null;
        }

        if (_config.RotarySize != _config.HeadSize)
        {
            throw new ModelFileException("ONNX is not written for encoders that turn a part of a head only.");
        }

        using var scope = NewDisposeScope();
        var angles = new Rotary(rotary, _config.RotarySize, _config.ContextTokens, CPU).First(_config.ContextTokens);
        return (First(Graph.Weight(prefix + "cosines", angles.Cos)), First(Graph.Weight(prefix + "sines", angles.Sin)));
    }

    private string First(string table) => _parts.Node("Slice", table, Graph.Constant(0), _tokens, Graph.Constant(0));

    private string Add(string x, string y) => _parts.Node("Add", x, y);
}
