using WebTrainer.Learning.Models;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Export;

/// <summary>What llama.cpp calls a family, and in what its weights lie otherwise there.</summary>
/// <param name="Architecture"><c>general.architecture</c></param>
/// <param name="TurnsNeighbours">
/// Rotations there turn channels 2i and 2i + 1, while Hugging Face's turn i and i + half: rows of queries and keys are put so that the same
/// ones turn together.
/// </param>
/// <param name="Windows">It reads a window by layers; else all layers see everything there.</param>
/// <param name="SquareHeads">Its heads together must be as wide as the hidden states.</param>
/// <param name="NamesHead">It asks for a head of its own, tied or not.</param>
/// <param name="ReadsFactors">It reads factors of the frequencies (<c>rope_freqs</c>).</param>
internal sealed record GgufFamily(
    string Architecture,
    bool TurnsNeighbours = false,
    bool Windows = false,
    bool SquareHeads = false,
    bool NamesHead = false,
    bool ReadsFactors = false
)
{
    /// <summary>Families that were held to llama.cpp's own answers (GgufFamilyTests); no other is written.</summary>
    private static readonly Dictionary<string, GgufFamily> s_families = new()
    {
        ["llama"] = new("llama", TurnsNeighbours: true, ReadsFactors: true),
        ["mistral"] = new("llama", TurnsNeighbours: true, ReadsFactors: true),
        ["qwen2"] = new("qwen2"),
        ["qwen3"] = new("qwen3"),
        ["granite"] = new("granite", TurnsNeighbours: true),
        ["smollm3"] = new("smollm3", TurnsNeighbours: true),
        ["olmo2"] = new("olmo2", SquareHeads: true, NamesHead: true),
        ["phi3"] = new("phi3", SquareHeads: true),
        ["gemma"] = new("gemma"),
        ["gemma2"] = new("gemma2", Windows: true),
        ["gemma3_text"] = new("gemma3", Windows: true),
        ["gpt2"] = new("gpt2", SquareHeads: true),
    };

    /// <exception cref="ModelFileException">The family isn't written, or not as this model's <c>config.json</c> has it.</exception>
    public static GgufFamily Of(ModelConfig config)
    {
        var family =
            s_families.GetValueOrDefault(config.Type)
            ?? throw new ModelFileException(
                $"'{config.Type}' models are not written as GGUF here; those that were held to llama.cpp are: {string.Join(", ", s_families.Keys)}."
            );
        var refusal = Refusals(config, family).FirstOrDefault(reason => reason.Applies).Sentence;
        return refusal is null ? family : throw new ModelFileException($"This '{config.Type}' model can't be written as GGUF: {refusal}.");
    }

    private static IEnumerable<(bool Applies, string Sentence)> Refusals(ModelConfig config, GgufFamily family)
    {
        var gelu = config.Type is "gemma" or "gemma2" or "gemma3_text" or "gpt2";
        var usual = gelu ? ActivationKind.GeluTanh : ActivationKind.Silu;
        yield return (
            config.Activation != usual,
            $"llama.cpp computes this family with {(gelu ? "gelu" : "silu")} only, and config.json has {config.Activation}"
        );
        yield return (config is { Gated: true, FeedForwardBias: true }, "its feed-forward maps have offsets (mlp_bias)");
        yield return (
            config.OutputBias && config.Type is not ("llama" or "gpt2"),
            "its map behind attention has an offset, which llama.cpp doesn't read in this family"
        );
        yield return (
            config.QueryKeyValueBias && config.Type is not ("llama" or "qwen2" or "gpt2"),
            "its queries, keys and values have offsets (attention_bias), which llama.cpp doesn't read in this family"
        );
        yield return (
            family.SquareHeads && config.QueryWidth != config.HiddenSize,
            $"{config.Heads} heads of {config.HeadSize} are not {config.HiddenSize} wide, as llama.cpp asks of this family"
        );
        yield return (
            config.Type != "granite" && Math.Abs((config.AttentionScale * Math.Sqrt(config.HeadSize)) - 1) > 1e-6,
            "attention's scores have another factor than 1/√head (query_pre_attn_scalar)"
        );
        yield return (
            config.Type == "gemma2" && config is not { AttentionCap: not null, LogitCap: not null, TiedHead: true },
            "llama.cpp always caps the scores of this family, and takes its embedding as head"
        );
        yield return (config.Type == "gemma3_text" && config is not { AttentionCap: null, LogitCap: null }, "its scores are capped");
        yield return (config.Type.StartsWith("gemma", StringComparison.Ordinal) && !config.TiedHead, "its head is not its embedding");
        yield return (family.Windows && !HasUsualPattern(config), "its windows stand in other layers than llama.cpp has them in");
        yield return (
            config.Type == "smollm3" && Enumerable.Range(0, config.Layers).Any(layer => config.Turns(layer) != ((layer + 1) % 4 != 0)),
            "llama.cpp doesn't turn every fourth layer of this family, and config.json says otherwise (no_rope_layers)"
        );
        yield return (!CanScale(config.Rotary?.Scaling, family), $"llama.cpp doesn't read its position scaling as it is meant here");
        yield return (
            config.Type == "gemma3_text" && config.WindowRotary?.Theta != 10_000,
            "llama.cpp takes 10,000 as the rate of the windowed layers (rope_local_base_freq)"
        );
    }

    private static bool HasUsualPattern(ModelConfig config)
    {
        var every = config.Type == "gemma2" ? 2 : 6;
        return Enumerable.Range(0, config.Layers).All(layer => config.IsWindowed(layer) == (layer % every != every - 1));
    }

    private static bool CanScale(RotaryScaling? scaling, GgufFamily family) =>
        scaling is null or LinearScaling || (scaling is Llama3Scaling && family.ReadsFactors);
}
