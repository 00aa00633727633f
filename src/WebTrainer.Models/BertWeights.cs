using System.Runtime.InteropServices;
using WebTrainer.Protocol;

namespace WebTrainer.Models;

/// <summary>A weight as a checkpoint has it.</summary>
/// <param name="Values">float32, row by row.</param>
internal sealed record Weight(string Name, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Values);

/// <summary>
/// A BERT encoder's weights in a graph that PyTorch exported. Embeddings, norms and biases have kept their names. The matrices of linear
/// maps have not: each is the constant that is multiplied with before that map's bias is added, and stands turned, [in, out].
/// </summary>
internal static class BertWeights
{
    private const string Bias = ".bias",
        Matrix = ".weight";

    /// <exception cref="ModelFileException">The graph is no BERT's, or not exported as described.</exception>
    public static IReadOnlyList<Weight> Find(OnnxGraph graph)
    {
        var made = graph
            .Nodes.SelectMany(node => node.Outputs.Select(output => (output, node)))
            .DistinctBy(pair => pair.output)
            .ToDictionary();
        var added = graph
            .Nodes.Where(node => node.Operation == "Add" && node.Inputs.Count == 2)
            .SelectMany(node => new[] { (Added: node.Inputs[0], To: node.Inputs[1]), (Added: node.Inputs[1], To: node.Inputs[0]) })
            .Where(pair => graph.Constants.ContainsKey(pair.Added))
            .ToLookup(pair => pair.Added, pair => pair.To);
        var weights = new List<Weight>();
        foreach (var (name, tensor) in graph.Constants.Where(pair => pair.Key.Contains('.', StringComparison.Ordinal)))
        {
            weights.Add(new(name, tensor.Shape, tensor.Bytes));
            if (
                name.EndsWith(Bias, StringComparison.Ordinal)
                && name[..^Bias.Length] + Matrix is var matrix
                && !graph.Constants.ContainsKey(matrix)
            )
            {
                weights.Add(Turned(matrix, MatrixBefore(name, graph, made, added)));
            }
        }

        return weights;
    }

    private static OnnxTensor MatrixBefore(string bias, OnnxGraph graph, Dictionary<string, OnnxNode> made, ILookup<string, string> added)
    {
        var found = added[bias]
            .Select(input => made.GetValueOrDefault(input))
            .Where(node => node is { Operation: "MatMul", Inputs.Count: 2 })
            .Select(node => graph.Constants.GetValueOrDefault(node!.Inputs[1]))
            .OfType<OnnxTensor>()
            .ToList();
        return found is [{ Shape.Count: 2 } tensor] && tensor.Shape[1] == graph.Constants[bias].Shape[0]
            ? tensor
            : throw new ModelFileException($"The ONNX model has no matrix before the bias '{bias}'.");
    }

    private static Weight Turned(string name, OnnxTensor tensor)
    {
        var (rows, columns) = ((int)tensor.Shape[0], (int)tensor.Shape[1]);
        var from = MemoryMarshal.Cast<byte, float>(tensor.Bytes.Span);
        var bytes = new byte[tensor.Bytes.Length];
        var to = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                to[(column * rows) + row] = from[(row * columns) + column];
            }
        }

        return new(name, [columns, rows], bytes);
    }
}
