using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Onnx;

/// <summary>
/// What is added to the scores of attention: padding and tokens out of a layer's window get no weight, distances their learned offset.
/// </summary>
internal sealed class OnnxSight
{
    /// <summary>Two of them still add up to a finite number.</summary>
    private const float Unseen = -1e38f;

    private readonly string _whole,
        _window;

    /// <param name="parts">Writes the operations.</param>
    /// <param name="config">Says how far a token of a windowed layer sees.</param>
    /// <param name="mask">float32 <c>[batch, tokens]</c>, 1 for tokens.</param>
    /// <param name="places">int64 <c>[tokens]</c>: 0, 1, …</param>
    /// <param name="relative">Offsets by distance; null where there are none.</param>
    public OnnxSight(OnnxParts parts, ModelConfig config, string mask, string places, RelativeBias? relative)
    {
        var graph = parts.Graph;
        _whole = parts.Node("Unsqueeze", Weighted(parts, mask), graph.Constant(1, 2)); // [batch, 1, 1, tokens]
        if (relative is null && config.Window is null)
        {
            _window = _whole;
            return;
        }

        var distances = parts.Node(
            "Sub",
            parts.Node("Unsqueeze", places, graph.Constant(0)),
            parts.Node("Unsqueeze", places, graph.Constant(1))
        ); // [queries, keys]
        _whole = relative is null ? _whole : parts.Node("Add", _whole, Offsets(parts, config, distances, relative));
        _window = config.Window is { } side ? parts.Node("Add", _whole, Beyond(parts, distances, side)) : _whole;
    }

    /// <returns><c>[batch, heads or 1, tokens or 1, tokens]</c></returns>
    public string Of(bool windowed) => windowed ? _window : _whole;

    /// <summary>(1 - seen) · -10³⁸</summary>
    private static string Weighted(OnnxParts parts, string seen) => parts.Scaled(parts.Node("Sub", parts.Graph.Scalar(1f), seen), Unseen);

    private static string Beyond(OnnxParts parts, string distances, int side)
    {
        var near = parts.ToFloat(parts.Node("LessOrEqual", parts.Node("Abs", distances), parts.Graph.Scalar((long)side)));
        return Weighted(parts, near);
    }

    /// <summary>
    /// The table holds an offset for each distance that the context allows, so that no bucket has to be reckoned in the graph.
    /// </summary>
    private static string Offsets(OnnxParts parts, ModelConfig config, string distances, RelativeBias relative)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var table = parts.Graph.Weight("offsets_by_distance", relative.ByDistance(config.ContextTokens)); // [2 · context - 1, heads]
        // [queries, keys, heads]
        var rows = parts.Node("Gather", table, parts.Node("Add", distances, parts.Graph.Scalar(config.ContextTokens - 1L)));
        return parts.Turn(rows, 2, 0, 1);
    }
}
