using WebTrainer.Learning.Models;

namespace WebTrainer.Benchmarks.Engine;

/// <summary>Two sizes of Llama: one whose head over the vocabulary weighs most, one whose layers do.</summary>
internal static class Shapes
{
    /// <summary>15 million weights.</summary>
    public static ModelConfig A { get; } =
        new()
        {
            VocabularySize = 32_000,
            HiddenSize = 288,
            IntermediateSize = 768,
            Layers = 6,
            Heads = 6,
            KeyValueHeads = 6,
            HeadSize = 48,
            ContextTokens = 256,
        };

    /// <summary>
    /// Eight experts of which each token takes two, six layers; <see cref="AsDense"/> of the same active weights has a feed-forward part as
    /// wide as two.
    /// </summary>
    public static ModelConfig Experts { get; } =
        new()
        {
            Type = "mixtral",
            VocabularySize = 8_000,
            HiddenSize = 768,
            IntermediateSize = 1024,
            Layers = 6,
            Heads = 12,
            KeyValueHeads = 4,
            HeadSize = 64,
            ContextTokens = 512,
            TiedHead = false,
            Experts = new(Count: 8, Chosen: 2, IntermediateSize: 1024, Normalised: true),
        };

    public static ModelConfig AsDense { get; } = Experts with { Type = "mistral", IntermediateSize = 2048, Experts = null };

    /// <summary>125 million weights.</summary>
    public static ModelConfig B { get; } =
        new()
        {
            VocabularySize = 32_000,
            HiddenSize = 768,
            IntermediateSize = 2048,
            Layers = 12,
            Heads = 12,
            KeyValueHeads = 4,
            HeadSize = 64,
            ContextTokens = 512,
            TiedHead = false,
        };
}
