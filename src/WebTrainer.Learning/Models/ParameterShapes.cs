namespace WebTrainer.Learning.Models;

/// <summary>Names and shapes of a decoder's weights, as Hugging Face writes them.</summary>
public static class ParameterShapes
{
    public static IEnumerable<(string Name, long[] Shape)> Of(ModelConfig config)
    {
        long hidden = config.HiddenSize, inner = config.IntermediateSize;
        long queries = (long)config.Heads * config.HeadSize, keys = (long)config.KeyValueHeads * config.HeadSize;
        yield return ("model.embed_tokens.weight", [config.VocabularySize, hidden]);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var prefix = $"model.layers.{layer}";
            yield return ($"{prefix}.input_layernorm.weight", [hidden]);
            yield return ($"{prefix}.self_attn.q_proj.weight", [queries, hidden]);
            yield return ($"{prefix}.self_attn.k_proj.weight", [keys, hidden]);
            yield return ($"{prefix}.self_attn.v_proj.weight", [keys, hidden]);
            yield return ($"{prefix}.self_attn.o_proj.weight", [hidden, queries]);
            yield return ($"{prefix}.post_attention_layernorm.weight", [hidden]);
            yield return ($"{prefix}.mlp.gate_proj.weight", [inner, hidden]);
            yield return ($"{prefix}.mlp.up_proj.weight", [inner, hidden]);
            yield return ($"{prefix}.mlp.down_proj.weight", [hidden, inner]);
        }

        yield return ("model.norm.weight", [hidden]);
        if (!config.TiedHead)
        {
            yield return ("lm_head.weight", [config.VocabularySize, hidden]);
        }
    }
}
