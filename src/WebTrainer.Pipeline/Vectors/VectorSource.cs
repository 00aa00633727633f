using WebTrainer.Embedding;

namespace WebTrainer.Pipeline.Vectors;

/// <summary>What made vectors. Only vectors of the same source can be compared.</summary>
/// <param name="Encoder">Name of the model; <see cref="BuiltIn"/> for the embedder of the program.</param>
/// <param name="Weights">Tells a model from another of its name; empty for the embedder of the program.</param>
/// <param name="Learned">What the embedder of the program learned of the texts; null for a model.</param>
public sealed record VectorSource(string Encoder, string Weights, TextEmbedder? Learned)
{
    /// <summary>The name that stands for the embedder of the program.</summary>
    public const string BuiltIn = "built-in";

    /// <summary>Whether vectors of this source, and of what that one has learned, may be used for it.</summary>
    public bool IsSameEncoder(VectorSource other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Encoder == other.Encoder && Weights == other.Weights;
    }
}
