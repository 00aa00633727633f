using WebTrainer.Protocol;

namespace WebTrainer.Models;

/// <summary>A constant of the graph.</summary>
/// <param name="Shape">Sizes of its dimensions.</param>
/// <param name="Bytes">float32, little endian, row by row; a view into the file.</param>
internal sealed record OnnxTensor(IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Bytes);

/// <summary>An operation of the graph.</summary>
internal sealed record OnnxNode(string Operation, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs);

/// <summary>
/// What weights are found by in an ONNX file (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto): its float32 constants by name, and
/// its operations. Nothing is run. The file comes from others: all counts are limited, and no size is believed that its bytes don't bear
/// out.
/// </summary>
internal sealed record OnnxGraph(IReadOnlyDictionary<string, OnnxTensor> Constants, IReadOnlyList<OnnxNode> Nodes)
{
    private const int MaximumNodes = 20_000,
        MaximumConstants = 20_000,
        MaximumDimensions = 8,
        MaximumEnds = 1000;
    private const ulong Float32 = 1;

    // Numbers of fields in onnx.proto: ModelProto, GraphProto, NodeProto and TensorProto.
    private const int ModelGraph = 7;
    private const int GraphNode = 1,
        GraphInitializer = 5;
    private const int NodeInput = 1,
        NodeOutput = 2,
        NodeOperation = 4;
    private const int TensorDimensions = 1,
        TensorType = 2,
        TensorName = 8,
        TensorRawData = 9,
        TensorExternalData = 13;

    /// <exception cref="ModelFileException">The file is no ONNX model, or keeps its weights in a way that is not read here.</exception>
    public static OnnxGraph Read(ReadOnlyMemory<byte> file)
    {
        var graphs = ProtobufReader.Fields(file).Where(field => field.Number == ModelGraph).Take(2).ToList();
        if (graphs.Count != 1)
        {
            throw new ModelFileException("The file is no ONNX model: it doesn't have one graph.");
        }

        var (constants, nodes) = (new Dictionary<string, OnnxTensor>(), new List<OnnxNode>());
        foreach (var field in ProtobufReader.Fields(graphs[0].Bytes))
        {
            if (field.Number == GraphNode)
            {
                Limit(nodes.Count, MaximumNodes, "operations");
                nodes.Add(ReadNode(field.Bytes));
            }
            else if (field.Number == GraphInitializer && ReadTensor(field.Bytes) is var (name, tensor))
            {
                Limit(constants.Count, MaximumConstants, "constants");
                if (!constants.TryAdd(name, tensor))
                {
                    throw new ModelFileException($"The ONNX model has the constant '{name}' twice.");
                }
            }
        }

        return new(constants, nodes);
    }

    private static OnnxNode ReadNode(ReadOnlyMemory<byte> message)
    {
        var (operation, inputs, outputs) = ("", new List<string>(), new List<string>());
        foreach (var field in ProtobufReader.Fields(message))
        {
            switch (field.Number)
            {
                case NodeInput:
                    Limit(inputs.Count, MaximumEnds, "inputs of an operation");
                    inputs.Add(field.Text);
                    break;
                case NodeOutput:
                    Limit(outputs.Count, MaximumEnds, "outputs of an operation");
                    outputs.Add(field.Text);
                    break;
                case NodeOperation:
                    operation = field.Text;
                    break;
            }
        }

        return new(operation, inputs, outputs);
    }

    /// <returns>Null for constants of other kinds than float32, which are no weights.</returns>
    private static (string Name, OnnxTensor Tensor)? ReadTensor(ReadOnlyMemory<byte> message)
    {
        var (name, type, shape, bytes) = ("", 0UL, new List<long>(), ReadOnlyMemory<byte>.Empty);
        foreach (var field in ProtobufReader.Fields(message))
        {
            switch (field.Number)
            {
                case TensorDimensions:
                    shape.AddRange(field.Bytes.IsEmpty ? [(long)field.Value] : ProtobufReader.Packed(field.Bytes.Span, MaximumDimensions));
                    Limit(shape.Count - 1, MaximumDimensions, "dimensions of a constant");
                    break;
                case TensorType:
                    type = field.Value;
                    break;
                case TensorName:
                    name = field.Text;
                    break;
                case TensorRawData:
                    bytes = field.Bytes;
                    break;
                case TensorExternalData:
                    throw new ModelFileException("The ONNX model keeps its weights in another file, which is not read.");
            }
        }

        return type == Float32 ? (name, new OnnxTensor(Checked(shape, bytes.Length, name), bytes)) : null;
    }

    private static List<long> Checked(List<long> shape, int bytes, string name)
    {
        var left = (long)bytes / sizeof(float);
        foreach (var size in shape)
        {
            left =
                size > 0 && left % size == 0
                    ? left / size
                    : throw new ModelFileException(
                        $"The constant '{name}' has {bytes} bytes, which don't fit its shape [{string.Join(", ", shape)}]."
                    );
        }

        return left == 1 && bytes % sizeof(float) == 0
            ? shape
            : throw new ModelFileException(
                $"The constant '{name}' has {bytes} bytes, which don't fit its shape [{string.Join(", ", shape)}]."
            );
    }

    private static void Limit(int count, int maximum, string what)
    {
        if (count >= maximum)
        {
            throw new ModelFileException($"The ONNX model has more than {maximum} {what}.");
        }
    }
}
