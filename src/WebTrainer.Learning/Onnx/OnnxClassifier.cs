using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Onnx;

/// <summary>
/// Writes a classifier as an ONNX graph that any runtime of operator set 17 runs: <c>input_ids</c>, <c>attention_mask</c> and, where the
/// encoder knows kinds of tokens, <c>token_type_ids</c> in, <c>logits</c> out.
/// </summary>
public static class OnnxClassifier
{
    /// <summary>The file's name in an exported folder.</summary>
    public const string FileName = "model.onnx";

    /// <param name="path">File to write; whole or not there at all.</param>
    /// <param name="model">With dense weights.</param>
    /// <param name="weights">Encoder and head by their Hugging Face names, an adapter merged in.</param>
    /// <exception cref="ModelFileException">The encoder has a part that isn't written here; says which.</exception>
    public static void Write(string path, SequenceClassifier model, IReadOnlyDictionary<string, Tensor> weights)
    {
        var graph = new OnnxGraphBuilder();
        var parts = new OnnxParts(graph, weights, model.Config.NormEpsilon);
        var mask = parts.ToFloat("attention_mask");
        var states = new OnnxEncoder(parts, model.Config, mask, model.Encoder.Relative).States();
        var logits = Head(
            parts,
            model.Shape,
            model.HeadConfig.Pooling == PoolingKind.Mean ? Mean(parts, states, mask) : First(graph, states)
        );
        List<string> inputs = ["input_ids", "attention_mask", .. model.Config.TokenTypes > 0 ? (string[])["token_type_ids"] : []];
        var labels = model.HeadConfig.Labels;
        AtomicFile.Write(
            path,
            stream =>
                graph.Write(
                    stream,
                    "sequence classifier",
                    inputs,
                    logits,
                    "logits",
                    labels.Count,
                    new Dictionary<string, string> { ["labels"] = string.Join('\n', labels) }
                )
        );
    }

    private static string Mean(OnnxParts parts, string states, string mask)
    {
        var graph = parts.Graph;
        var weight = parts.Node("Unsqueeze", mask, graph.Constant(2)); // [batch, tokens, 1]
        string Sum(string x) => graph.Node("ReduceSum", [x, graph.Constant(1)], OnnxAttribute.Of("keepdims", 0L));
        return parts.Node("Div", Sum(parts.Node("Mul", states, weight)), parts.Node("Max", Sum(weight), graph.Scalar(1e-9f)));
    }

    private static string First(OnnxGraphBuilder graph, string states) =>
        graph.Node("Gather", [states, graph.Scalar(0L)], OnnxAttribute.Of("axis", 1L));

    private static string Head(OnnxParts parts, HeadShape shape, string pooled)
    {
        if (shape.Dense is { } dense)
        {
            pooled = parts.Activate(parts.Linear(pooled, dense), shape.Activation);
            pooled = shape.Norm is { } norm ? parts.Norm(pooled, norm) : pooled;
        }

        return parts.Linear(pooled, shape.Output);
    }
}
