using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Onnx;

/// <summary>The operations that encoders are made of, over weights by their Hugging Face names.</summary>
internal sealed class OnnxParts(OnnxGraphBuilder graph, IReadOnlyDictionary<string, Tensor> weights, double normEpsilon)
{
    public OnnxGraphBuilder Graph => graph;

    public string Node(string type, params IReadOnlyList<string> inputs) => graph.Node(type, inputs);

    /// <summary>y = x·Wᵀ + b</summary>
    public string Linear(string x, string name) => Linear(x, name, weights[name + ".weight"], weights.GetValueOrDefault(name + ".bias"));

    /// <summary>One of the equal parts of a joint map: <c>y = x·W[part]ᵀ + b[part]</c>.</summary>
    public string LinearPart(string x, string name, int part, int parts)
    {
        using var scope = NewDisposeScope();
        return Linear(
            x,
            $"{name}.{part}",
            weights[name + ".weight"].chunk(parts)[part],
            weights.GetValueOrDefault(name + ".bias")?.chunk(parts)[part]
        );
    }

    public string Norm(string x, string name)
    {
        var gain = graph.Weight(name + ".weight", weights[name + ".weight"]);
        IReadOnlyList<string> inputs = weights.TryGetValue(name + ".bias", out var shift)
            ? [x, gain, graph.Weight(name + ".bias", shift)]
            : [x, gain];
        return graph.Node("LayerNormalization", inputs, OnnxAttribute.Of("axis", -1L), OnnxAttribute.Of("epsilon", (float)normEpsilon));
    }

    public string Gather(string table, string ids) => Node("Gather", graph.Weight(table + ".weight", weights[table + ".weight"]), ids);

    public string Activate(string x, ActivationKind kind) =>
        kind switch
        {
            ActivationKind.Tanh => Node("Tanh", x),
            ActivationKind.Relu => Node("Relu", x),
            // x · 1/(1 + e⁻ˣ)
            ActivationKind.Silu => Node("Mul", x, Node("Sigmoid", x)),
            // x/2 · (1 + erf(x/√2))
            ActivationKind.Gelu => Node("Mul", Scaled(x, 0.5), Node("Add", Node("Erf", Scaled(x, Math.Sqrt(0.5))), graph.Scalar(1f))),
            // x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³)))
            ActivationKind.GeluTanh => Node(
                "Mul",
                Scaled(x, 0.5),
                Node(
                    "Add",
                    Node("Tanh", Scaled(Node("Add", x, Scaled(Node("Mul", Node("Mul", x, x), x), 0.044715)), Math.Sqrt(2 / Math.PI))),
                    graph.Scalar(1f)
                )
            ),
            _ => throw new ModelFileException($"ONNX is not written for the activation {kind}."),
        };

    public string Scaled(string x, double factor) => Node("Mul", x, graph.Scalar((float)factor));

    /// <summary>Columns of the last axis.</summary>
    public string Columns(string x, long begin, long end) =>
        Node("Slice", x, graph.Constant(begin), graph.Constant(end), graph.Constant(-1));

    public string Join(string x, string y) => graph.Node("Concat", [x, y], OnnxAttribute.Of("axis", -1L));

    public string Turn(string x, params ReadOnlySpan<long> order) => graph.Node("Transpose", [x], OnnxAttribute.Of("perm", order));

    public string ToFloat(string x) => graph.Node("Cast", [x], OnnxAttribute.Of("to", 1L));

    public string ToInteger(string x) => graph.Node("Cast", [x], OnnxAttribute.Of("to", 7L));

    private string Linear(string x, string name, Tensor weight, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        var y = Node("MatMul", x, graph.Weight(name + ".weight", weight.detach().t().contiguous()));
        return bias is null ? y : Node("Add", y, graph.Weight(name + ".bias", bias));
    }
}
