using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Export;

/// <summary>The tensors of a model as llama.cpp has them: its names, its order of rows, its gains.</summary>
internal sealed class GgufTensors
{
    private readonly TunedWeights _weights;
    private readonly ModelConfig _config;
    private readonly GgufFamily _family;
    private readonly ModelNames _names;
    private readonly Dictionary<string, string> _outer,
        _inner;

    public GgufTensors(TunedWeights weights, GgufFamily family)
    {
        (_weights, _config, _family, _names) = (weights, weights.Config, family, ModelNames.Of(weights.Config));
        _outer = Named(
            (_names.Embedding, "token_embd"),
            (_names.Positions, "position_embd"),
            (_names.FinalNorm, "output_norm"),
            (_names.Head, "output")
        );
        _inner = Named(
            (_names.InputNorm, "attn_norm"),
            (_names.Query, "attn_q"),
            (_names.Key, "attn_k"),
            (_names.Value, "attn_v"),
            (_names.Joined, "attn_qkv"),
            (_names.Output, "attn_output"),
            (ModelNames.QueryNorm, "attn_q_norm"),
            (ModelNames.KeyNorm, "attn_k_norm"),
            (_names.AttentionNorm, "post_attention_norm"),
            (_names.InnerNorm, "ffn_norm"),
            (_names.FeedForwardNorm, "post_ffw_norm"),
            (_names.Gate, "ffn_gate"),
            (_names.Up, "ffn_up"),
            (_names.Down, "ffn_down")
        );
    }

    /// <summary>All tensors of the model, in the order of its checkpoint.</summary>
    /// <param name="weights">How maps are written.</param>
    /// <exception cref="ModelFileException">A weight has no name in llama.cpp.</exception>
    public List<GgufTensor> List(GgufWeights weights)
    {
        var tensors = ParameterShapes.Of(_config).Select(parameter => Of(parameter.Name, parameter.Shape, weights)).ToList();
        if (_family.NamesHead && _config.TiedHead)
        {
            var embedding = tensors.Find(tensor => tensor.Name == "token_embd.weight")!;
            tensors.Add(embedding with { Name = "output.weight" });
        }

        if (_config.Rotary is { Scaling: Llama3Scaling scaling } rotary)
        {
            tensors.Add(Factors(scaling, rotary.Theta));
        }

        return tensors;
    }

    private GgufTensor Of(string name, long[] shape, GgufWeights weights)
    {
        var (own, inner) = NameOf(name);
        Tensor Read() => Arrange(_weights.Read(name), own);
        long[] written = inner && _config.TransposedMaps && shape.Length == 2 ? [shape[1], shape[0]] : shape;
        // Positions are added, not multiplied: they stay as exact as norms.
        var format = own == "position_embd.weight" ? BlockFormats.Float32 : BlockFormats.For(weights, written, outer: !inner);
        return new(own, written, format, Read);
    }

    private (string Name, bool Inner) NameOf(string name)
    {
        var end = name.LastIndexOf('.');
        var (part, kind) = (name[..end], name[end..]);
        if (_outer.TryGetValue(part, out var outer))
        {
            return (outer + kind, false);
        }

        var layer = Enumerable
            .Range(0, _config.Layers)
            .First(number => part.StartsWith(_names.LayerPrefix(number), StringComparison.Ordinal));
        return _inner.TryGetValue(part[_names.LayerPrefix(layer).Length..], out var inner)
            ? (string.Create(System.Globalization.CultureInfo.InvariantCulture, $"blk.{layer}.{inner}{kind}"), true)
            : throw new ModelFileException($"The weight '{name}' has no name in GGUF.");
    }

    private Tensor Arrange(Tensor tensor, string name)
    {
        var part = name.Split('.')[^2];
        return part switch
        {
            "attn_q" when _family.TurnsNeighbours => Neighbours(tensor, _config.Heads),
            "attn_k" when _family.TurnsNeighbours => Neighbours(tensor, _config.KeyValueHeads),
            _ when _config.TransposedMaps && tensor.dim() == 2 && name.StartsWith("blk.", StringComparison.Ordinal) => tensor.t(),
            _ when _config.Norm == NormKind.RmsPlusOne && tensor.dim() == 1 => tensor.to(ScalarType.Float32) + 1,
            _ => tensor,
        };
    }

    /// <summary>Row i of a head's first half goes to 2i, row i of the second to 2i + 1.</summary>
    private static Tensor Neighbours(Tensor rows, int heads) =>
        rows.reshape([heads, 2, rows.shape[0] / heads / 2, .. rows.shape[1..]]).transpose(1, 2).reshape(rows.shape);

    /// <summary>What each pair's frequency is divided by.</summary>
    private GgufTensor Factors(Llama3Scaling scaling, double theta)
    {
        var plain = RotaryScaling.Plain(theta, _config.RotarySize);
        float[] factors = [.. plain.Select(frequency => (float)(frequency / scaling.Scale(frequency)))];
        return new("rope_freqs.weight", [factors.Length], BlockFormats.Float32, () => tensor(factors));
    }

    private static Dictionary<string, string> Named(params (string Own, string Theirs)[] names) =>
        names.Where(name => name.Own.Length > 0).ToDictionary(name => name.Own, name => name.Theirs);
}
