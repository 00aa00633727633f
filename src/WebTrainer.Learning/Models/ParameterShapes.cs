namespace WebTrainer.Learning.Models;

/// <summary>Names and shapes of a model's weights, as Hugging Face writes them.</summary>
public static class ParameterShapes
{
    /// <summary>
    /// Every weight that a checkpoint of this shape holds: embeddings, layers, norms, a head that is not tied, a pooler; maps as
    /// <c>[out, in]</c> unless the family transposes them.
    /// </summary>
    /// <param name="config">A family whose names are known here.</param>
    public static IEnumerable<(string Name, long[] Shape)> Of(ModelConfig config)
    {
        var names = ModelNames.Of(config);
        return Embeddings(config, names)
            .Concat(Stack(config, names, config.Layers))
            .Concat(config.DecoderLayers > 0 ? Stack(config, ModelNames.T5Decoder(config), config.DecoderLayers) : [])
            .Concat(HasHead(config) ? [($"{names.Head}.weight", [config.VocabularySize, config.HiddenSize])] : [])
            .Concat(config.Pooler ? Pooler(config) : []);
    }

    internal static IEnumerable<(string Name, long[] Shape)> Pooler(ModelConfig config)
    {
        var name = ModelNames.Of(config).Pooler;
        return [($"{name}.weight", [config.HiddenSize, config.HiddenSize]), ($"{name}.bias", [config.HiddenSize])];
    }

    private static bool HasHead(ModelConfig config) => !config.TiedHead && !config.BothWays;

    private static IEnumerable<(string, long[])> Embeddings(ModelConfig config, ModelNames names)
    {
        long width = config.EmbeddingWidth;
        yield return ($"{names.Embedding}.weight", [config.VocabularySize, width]);
        if (config.LearnedPositions)
        {
            yield return ($"{names.Positions}.weight", [config.ContextTokens + config.FirstPosition, width]);
        }

        if (config.TokenTypes > 0)
        {
            yield return ($"{names.TokenTypes}.weight", [config.TokenTypes, width]);
        }

        foreach (var norm in Norm(config, names.EmbeddingNorm, width))
        {
            yield return norm;
        }

        if (config.EmbeddingSize is not null)
        {
            yield return ($"{names.EmbeddingMap}.weight", [config.HiddenSize, width]);
            yield return ($"{names.EmbeddingMap}.bias", [config.HiddenSize]);
        }
    }

    private static IEnumerable<(string, long[])> Stack(ModelConfig config, ModelNames names, int layers)
    {
        if (config.Relative is { } relative)
        {
            yield return ($"{names.RelativeBias}.weight", [relative.Buckets, config.Heads]);
        }

        for (var layer = 0; layer < layers; layer++)
        {
            var prefix = names.LayerPrefix(layer);
            foreach (var (name, shape) in Layer(config, names, layer))
            {
                yield return (prefix + name, shape);
            }
        }

        foreach (var norm in Norm(config, names.FinalNorm))
        {
            yield return norm;
        }
    }

    private static IEnumerable<(string, long[])> Layer(ModelConfig config, ModelNames names, int layer)
    {
        var parts = (config.FirstInputAsIs && layer == 0 ? [] : Norm(config, names.InputNorm)).Concat(AttentionOf(config, names));

        if (names.Cross is { } cross)
        {
            parts = parts.Concat(Norm(config, cross.Norm)).Concat(AttentionOf(config, names.ToCross()));
        }

        parts = parts
            .Concat(Norm(config, names.AttentionNorm))
            .Concat(Norm(config, names.InnerNorm))
            .Concat(Norm(config, names.FeedForwardNorm));
        return parts.Concat(
            config.Experts is { } experts && experts.IsIn(layer) ? ExpertsOf(config, experts, names.Experts!) : FeedForwardOf(config, names)
        );
    }

    private static IEnumerable<(string, long[])> FeedForwardOf(ModelConfig config, ModelNames names)
    {
        long hidden = config.HiddenSize,
            inner = config.IntermediateSize;
        var gate = config is { Gated: true, JoinedGate: false } ? Map(config, names.Gate, inner, hidden, config.FeedForwardBias) : [];
        return gate.Concat(Map(config, names.Up, config.JoinedGate ? 2 * inner : inner, hidden, config.FeedForwardBias))
            .Concat(Map(config, names.Down, hidden, inner, config.FeedForwardBias));
    }

    private static IEnumerable<(string, long[])> ExpertsOf(ModelConfig config, ExpertConfig experts, ExpertNames names)
    {
        long hidden = config.HiddenSize,
            inner = experts.IntermediateSize,
            count = experts.Count;
        var router = Map(config, names.Router, count, hidden, experts.StackedLimit is not null);
        return router.Concat(
            experts.StackedLimit is null
                ? Enumerable.Range(0, experts.Count).Select(names.PrefixOf).SelectMany(prefix => ExpertOf(config, prefix, names, inner))
                :
                [
                    (names.Prefix + names.Up, [count, hidden, 2 * inner]),
                    (names.Prefix + names.Up + "_bias", [count, 2 * inner]),
                    (names.Prefix + names.Down, [count, inner, hidden]),
                    (names.Prefix + names.Down + "_bias", [count, hidden]),
                ]
        );
    }

    private static IEnumerable<(string, long[])> ExpertOf(ModelConfig config, string prefix, ExpertNames names, long inner) =>
        Map(config, prefix + names.Gate, inner, config.HiddenSize, bias: false)
            .Concat(Map(config, prefix + names.Up, inner, config.HiddenSize, bias: false))
            .Concat(Map(config, prefix + names.Down, config.HiddenSize, inner, bias: false));

    private static IEnumerable<(string, long[])> AttentionOf(ModelConfig config, ModelNames names)
    {
        long hidden = config.HiddenSize,
            queries = config.QueryWidth,
            keys = config.KeyWidth;
        var maps =
            config.QueryKeyValue == QueryKeyValueKind.Separate
                ? Map(config, names.Query, queries, hidden, config.QueryKeyValueBias)
                    .Concat(Map(config, names.Key, keys, hidden, config.QueryKeyValueBias))
                    .Concat(Map(config, names.Value, keys, hidden, config.QueryKeyValueBias))
                : Map(config, names.Joined, queries + (2 * keys), hidden, config.QueryKeyValueBias);
        if (config.HeadNorm != HeadNormKind.None)
        {
            var whole = config.HeadNorm == HeadNormKind.Whole;
            maps = maps.Append(($"{ModelNames.QueryNorm}.weight", [whole ? queries : config.HeadSize]))
                .Append(($"{ModelNames.KeyNorm}.weight", [whole ? keys : config.HeadSize]));
        }

        return maps.Concat(Map(config, names.Output, hidden, queries, config.OutputBias))
            .Concat(config.Sinks ? [(ModelNames.Sinks, [config.Heads])] : []);
    }

    private static IEnumerable<(string, long[])> Map(ModelConfig config, string name, long outputs, long inputs, bool bias)
    {
        yield return ($"{name}.weight", config.TransposedMaps ? [inputs, outputs] : [outputs, inputs]);
        if (bias)
        {
            yield return ($"{name}.bias", [outputs]);
        }
    }

    private static IEnumerable<(string, long[])> Norm(ModelConfig config, string name, long? width = null)
    {
        if (name.Length == 0)
        {
            yield break;
        }

        yield return ($"{name}.weight", [width ?? config.HiddenSize]);
        if (config is { Norm: NormKind.Layer, NormBias: true })
        {
            yield return ($"{name}.bias", [width ?? config.HiddenSize]);
        }
    }
}
