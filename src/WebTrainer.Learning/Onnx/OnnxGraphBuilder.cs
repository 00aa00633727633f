using System.Globalization;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Onnx;

/// <summary>
/// Puts an ONNX graph together node by node (onnx.ai, IR version 8, operator set 17). Field numbers are those of <c>onnx.proto3</c>.
/// </summary>
internal sealed class OnnxGraphBuilder
{
    private const int IrVersion = 8,
        OperatorSet = 17,
        FloatType = 1,
        Int64Type = 7;
    private readonly ProtobufWriter _graph = new();
    private int _count;

    /// <summary>A weight, kept as float32.</summary>
    /// <returns>Its name.</returns>
    public string Weight(string name, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var values = tensor.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
        Initializer(name, tensor.shape, FloatType, MemoryMarshal.AsBytes<float>(values));
        return name;
    }

    public string Constant(params ReadOnlySpan<long> values)
    {
        var name = Fresh("constant");
        Initializer(name, [values.Length], Int64Type, MemoryMarshal.AsBytes(values));
        return name;
    }

    public string Scalar(float value)
    {
        var name = Fresh("scalar");
        Initializer(name, [], FloatType, MemoryMarshal.AsBytes<float>([value]));
        return name;
    }

    public string Scalar(long value)
    {
        var name = Fresh("scalar");
        Initializer(name, [], Int64Type, MemoryMarshal.AsBytes<long>([value]));
        return name;
    }

    /// <returns>Name of the node's only output.</returns>
    public string Node(string type, IReadOnlyList<string> inputs, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        var (node, output) = (new ProtobufWriter(), Fresh(type));
        foreach (var input in inputs)
        {
            node.Text(1, input);
        }

        node.Text(2, output).Text(3, output).Text(4, type);
        foreach (var attribute in attributes)
        {
            node.Message(5, attribute.Write());
        }

        _graph.Message(1, node);
        return output;
    }

    /// <param name="stream">Gets the whole file.</param>
    /// <param name="graphName">For people who look at the file.</param>
    /// <param name="inputs">int64 <c>[batch, tokens]</c> each.</param>
    /// <param name="output">float32 <c>[batch, width]</c>.</param>
    /// <param name="name">What the output is called.</param>
    /// <param name="width">Of the output's rows.</param>
    /// <param name="facts">Kept in the file as metadata.</param>
    public void Write(
        Stream stream,
        string graphName,
        IReadOnlyList<string> inputs,
        string output,
        string name,
        long width,
        IReadOnlyDictionary<string, string> facts
    )
    {
        _graph.Message(1, new ProtobufWriter().Text(1, output).Text(2, name).Text(3, name).Text(4, "Identity"));
        _graph.Text(2, graphName);
        foreach (var input in inputs)
        {
            _graph.Message(11, ValueInfo(input, Int64Type, Named("batch"), Named("tokens")));
        }

        _graph.Message(12, ValueInfo(name, FloatType, Named("batch"), new ProtobufWriter().Number(1, width)));
        var model = new ProtobufWriter()
            .Number(1, IrVersion)
            .Text(2, "WebTrainer")
            .Message(7, _graph)
            .Message(8, new ProtobufWriter().Text(1, "").Number(2, OperatorSet));
        foreach (var (key, value) in facts)
        {
            model.Message(14, new ProtobufWriter().Text(1, key).Text(2, value));
        }

        model.CopyTo(stream);
    }

    private static ProtobufWriter Named(string dimension) => new ProtobufWriter().Text(2, dimension);

    private static ProtobufWriter ValueInfo(string name, int type, params ReadOnlySpan<ProtobufWriter> dimensions)
    {
        var shape = new ProtobufWriter();
        foreach (var dimension in dimensions)
        {
            shape.Message(1, dimension);
        }

        return new ProtobufWriter()
            .Text(1, name)
            .Message(2, new ProtobufWriter().Message(1, new ProtobufWriter().Number(1, type).Message(2, shape)));
    }

    private void Initializer(string name, ReadOnlySpan<long> shape, int type, ReadOnlySpan<byte> bytes)
    {
        var tensor = new ProtobufWriter();
        foreach (var size in shape)
        {
            tensor.Number(1, size);
        }

        _graph.Message(5, tensor.Number(2, type).Text(8, name).Bytes(9, bytes));
    }

    private string Fresh(string kind) => string.Create(CultureInfo.InvariantCulture, $"{kind}_{_count++}");
}

/// <summary>A setting of a node.</summary>
internal sealed class OnnxAttribute
{
    private const int FloatKind = 1,
        IntKind = 2,
        IntsKind = 7;
    private readonly ProtobufWriter _message = new();

    public static OnnxAttribute Of(string name, long value)
    {
        var attribute = new OnnxAttribute();
        attribute._message.Text(1, name).Number(3, value).Number(20, IntKind);
        return attribute;
    }

    public static OnnxAttribute Of(string name, float value)
    {
        var attribute = new OnnxAttribute();
        attribute._message.Text(1, name).Float(2, value).Number(20, FloatKind);
        return attribute;
    }

    public static OnnxAttribute Of(string name, params ReadOnlySpan<long> values)
    {
        var attribute = new OnnxAttribute();
        attribute._message.Text(1, name);
        foreach (var value in values)
        {
            attribute._message.Number(8, value);
        }

        attribute._message.Number(20, IntsKind);
        return attribute;
    }

    public ProtobufWriter Write() => _message;
}
