using WebTrainer.Learning.Models;

namespace WebTrainer.Learning.Export;

/// <summary>Sizes and constants of a model, by the keys of its architecture.</summary>
internal static class GgufHyperparameters
{
    /// <summary>Tokens of the context: no more than a window that llama.cpp doesn't read, within which both compute the same.</summary>
    public static int ContextOf(ModelConfig config, GgufFamily family) =>
        !family.Windows && Enumerable.Range(0, config.Layers).Any(config.IsWindowed)
            ? Math.Min(config.ContextTokens, config.Window!.Value)
            : config.ContextTokens;

    public static void Write(GgufMetadata metadata, ModelConfig config, GgufFamily family)
    {
        string Key(string name) => $"{family.Architecture}.{name}";
        metadata.Add(Key("context_length"), (uint)ContextOf(config, family));
        metadata.Add(Key("embedding_length"), (uint)config.HiddenSize);
        metadata.Add(Key("block_count"), (uint)config.Layers);
        metadata.Add(Key("feed_forward_length"), (uint)config.IntermediateSize);
        metadata.Add(Key("vocab_size"), (uint)config.VocabularySize);
        metadata.Add(Key("attention.head_count"), (uint)config.Heads);
        metadata.Add(Key("attention.head_count_kv"), (uint)config.KeyValueHeads);
        metadata.Add(Key("attention.key_length"), (uint)config.HeadSize);
        metadata.Add(Key("attention.value_length"), (uint)config.HeadSize);
        var epsilon = config.Norm == NormKind.Layer ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon";
        metadata.Add(Key(epsilon), config.NormEpsilon);
        WriteRotary(metadata, config, Key);
        if (family.Windows)
        {
            metadata.Add(Key("attention.sliding_window"), (uint)config.Window!.Value);
        }

        if (config is { AttentionCap: { } attentionCap, LogitCap: { } logitCap })
        {
            metadata.Add(Key("attn_logit_softcapping"), attentionCap);
            metadata.Add(Key("final_logit_softcapping"), logitCap);
        }

        if (config.Type == "granite")
        {
            metadata.Add(Key("embedding_scale"), config.EmbeddingFactor);
            metadata.Add(Key("residual_scale"), config.ResidualFactor);
            metadata.Add(Key("attention.scale"), config.AttentionScale);
            metadata.Add(Key("logit_scale"), 1 / config.LogitFactor); // what scores are divided by
        }
    }

    private static void WriteRotary(GgufMetadata metadata, ModelConfig config, Func<string, string> key)
    {
        if (config.Rotary is not { } rotary)
        {
            return;
        }

        metadata.Add(key("rope.dimension_count"), (uint)config.RotarySize);
        metadata.Add(key("rope.freq_base"), rotary.Theta);
        if (rotary.Scaling is LinearScaling linear)
        {
            metadata.Add(key("rope.scaling.type"), "linear");
            metadata.Add(key("rope.scaling.factor"), linear.Factor);
        }
    }
}
