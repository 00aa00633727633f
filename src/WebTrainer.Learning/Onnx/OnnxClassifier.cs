using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Onnx;

/// <summary>
/// Writes a classifier as an ONNX graph that any runtime of operator set 17 runs: <c>input_ids</c>, <c>attention_mask</c> and, where the
/// encoder knows kinds of tokens, <c>token_type_ids</c> in, <c>logits</c> out.
/// </summary>
public sealed class OnnxClassifier
{
    public const string FileName = "model.onnx";
    private static readonly string[] s_families = ["bert", "roberta", "xlm-roberta", "distilbert", "electra"];

    private readonly OnnxGraphBuilder _graph = new();
    private readonly SequenceClassifier _model;
    private readonly IReadOnlyDictionary<string, Tensor> _weights;
    private readonly ModelConfig _config;
    private readonly ModelNames _names;

    private OnnxClassifier(SequenceClassifier model, IReadOnlyDictionary<string, Tensor> weights)
    {
        (_model, _weights, _config, _names) = (model, weights, model.Config, ModelNames.Of(model.Config));
    }

    /// <summary>Families whose graph is written here.</summary>
    public static bool CanWrite(string family) => s_families.Contains(family);

    /// <param name="model">With dense weights.</param>
    /// <param name="weights">Encoder and head by their Hugging Face names, an adapter merged in.</param>
    /// <exception cref="ModelFileException">The family's graph isn't known here.</exception>
    public static void Write(string path, SequenceClassifier model, IReadOnlyDictionary<string, Tensor> weights)
    {
        if (!CanWrite(model.Config.Type))
        {
            throw new ModelFileException($"ONNX is written for {string.Join(", ", s_families)}; '{model.Config.Type}' is none of them.");
        }

        AtomicFile.Write(path, stream => new OnnxClassifier(model, weights).Write(stream));
    }

    private void Write(Stream stream)
    {
        var mask = Cast("attention_mask", toFloat: true);
        var x = Embed();
        // (1 - mask) · -3·10³⁸ added to the scores: what is padding gets no weight.
        var hidden = Node("Unsqueeze", Node("Mul", Node("Sub", _graph.Scalar(1f), mask), _graph.Scalar(-3e38f)), _graph.Constant(1, 2)); // [batch, 1, 1, tokens]
        for (var layer = 0; layer < _config.Layers; layer++)
        {
            x = Layer(_names.LayerPrefix(layer), x, hidden);
        }

        var pooled = _model.HeadConfig.Pooling == PoolingKind.Mean ? Mean(x, mask) : First(x);
        List<string> inputs = ["input_ids", "attention_mask", .. _config.TokenTypes > 0 ? (string[])["token_type_ids"] : []];
        _graph.Write(stream, "sequence classifier", inputs, Head(pooled), "logits", _model.HeadConfig.Labels.Count, new Dictionary<string, string> { ["labels"] = string.Join('\n', _model.HeadConfig.Labels) });
    }

    private string Embed()
    {
        var x = Gather(_names.Embedding, "input_ids");
        x = _config.TokenTypes > 0 ? Node("Add", x, Gather(_names.TokenTypes, "token_type_ids")) : x;
        x = Norm(Node("Add", x, Gather(_names.Positions, Positions())), _names.EmbeddingNorm);
        return _config.EmbeddingSize is null ? x : Linear(x, _names.EmbeddingMap);
    }

    /// <returns>int64 <c>[tokens]</c>, or <c>[batch, tokens]</c> where positions are counted from behind the padding's id (RoBERTa).</returns>
    private string Positions()
    {
        if (_config.PositionsBehind is not { } padding)
        {
            var tokens = _graph.Node("Squeeze", [Node("Slice", _graph.Node("Shape", ["input_ids"]), _graph.Constant(1), _graph.Constant(2))]);
            return _graph.Node("Range", [_graph.Scalar(0L), tokens, _graph.Scalar(1L)]);
        }

        var seen = Cast(_graph.Node("Not", [Node("Equal", "input_ids", _graph.Scalar((long)padding))]), toFloat: false);
        return Node("Add", Node("Mul", Node("CumSum", seen, _graph.Scalar(1L)), seen), _graph.Scalar((long)padding));
    }

    private string Layer(string prefix, string x, string mask)
    {
        var (query, key, value) = (Heads(x, prefix + _names.Query), Heads(x, prefix + _names.Key), Heads(x, prefix + _names.Value));
        var scores = Node("Mul", Node("MatMul", query, Turn(key, 0, 1, 3, 2)), _graph.Scalar((float)(1 / Math.Sqrt(_config.HeadSize))));
        var shares = _graph.Node("Softmax", [Node("Add", scores, mask)], OnnxAttribute.Of("axis", -1L));
        var mixed = Node("Reshape", Turn(Node("MatMul", shares, value), 0, 2, 1, 3), _graph.Constant(0, 0, _config.QueryWidth)); // [batch, tokens, heads · head]
        x = Norm(Node("Add", x, Linear(mixed, prefix + _names.Output)), prefix + _names.InputNorm);
        var inner = Activate(Linear(x, prefix + _names.Up), _config.Activation);
        return Norm(Node("Add", x, Linear(inner, prefix + _names.Down)), prefix + _names.InnerNorm);
    }

    /// <returns><c>[batch, heads, tokens, head]</c></returns>
    private string Heads(string x, string map) => Turn(Node("Reshape", Linear(x, map), _graph.Constant(0, 0, _config.Heads, _config.HeadSize)), 0, 2, 1, 3);

    private string Mean(string x, string mask)
    {
        var weight = Node("Unsqueeze", mask, _graph.Constant(2)); // [batch, tokens, 1]
        var sum = _graph.Node("ReduceSum", [Node("Mul", x, weight), _graph.Constant(1)], OnnxAttribute.Of("keepdims", 0L));
        return Node("Div", sum, Node("Max", _graph.Node("ReduceSum", [weight, _graph.Constant(1)], OnnxAttribute.Of("keepdims", 0L)), _graph.Scalar(1e-9f)));
    }

    private string First(string x) => _graph.Node("Gather", [x, _graph.Scalar(0L)], OnnxAttribute.Of("axis", 1L));

    private string Head(string pooled)
    {
        var shape = _model.Shape;
        if (shape.Dense is { } dense)
        {
            pooled = Activate(Linear(pooled, dense), shape.Activation);
        }

        return Linear(pooled, shape.Output);
    }

    private string Activate(string x, ActivationKind kind) => kind switch
    {
        ActivationKind.Tanh => _graph.Node("Tanh", [x]),
        ActivationKind.Relu => _graph.Node("Relu", [x]),
        // x/2 · (1 + erf(x/√2))
        ActivationKind.Gelu => Node("Mul", Node("Mul", x, _graph.Scalar(0.5f)), Node("Add", _graph.Node("Erf", [Node("Mul", x, _graph.Scalar((float)Math.Sqrt(0.5)))]), _graph.Scalar(1f))),
        // x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³)))
        ActivationKind.GeluTanh => Node("Mul", Node("Mul", x, _graph.Scalar(0.5f)), Node("Add", _graph.Node("Tanh", [Node("Mul",
            Node("Add", x, Node("Mul", Node("Mul", Node("Mul", x, x), x), _graph.Scalar(0.044715f))), _graph.Scalar((float)Math.Sqrt(2 / Math.PI)))]), _graph.Scalar(1f))),
        _ => throw new ModelFileException($"ONNX is not written for the activation {kind}."),
    };

    /// <summary>y = x·Wᵀ + b</summary>
    private string Linear(string x, string name)
    {
        using var scope = NewDisposeScope();
        var y = Node("MatMul", x, _graph.Weight(name + ".weight", _weights[name + ".weight"].detach().t().contiguous()));
        return _weights.TryGetValue(name + ".bias", out var bias) ? Node("Add", y, _graph.Weight(name + ".bias", bias)) : y;
    }

    private string Norm(string x, string name) => _graph.Node(
        "LayerNormalization", [x, _graph.Weight(name + ".weight", _weights[name + ".weight"]), _graph.Weight(name + ".bias", _weights[name + ".bias"])],
        OnnxAttribute.Of("axis", -1L), OnnxAttribute.Of("epsilon", (float)_config.NormEpsilon));

    private string Gather(string table, string ids) => Node("Gather", _graph.Weight(table + ".weight", _weights[table + ".weight"]), ids);

    private string Turn(string x, params ReadOnlySpan<long> order) => _graph.Node("Transpose", [x], OnnxAttribute.Of("perm", order));

    private string Cast(string x, bool toFloat) => _graph.Node("Cast", [x], OnnxAttribute.Of("to", toFloat ? 1L : 7L));

    private string Node(string type, params IReadOnlyList<string> inputs) => _graph.Node(type, inputs);
}
