using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Benchmarks.Drift;

/// <summary>Vectors of a sentence encoder, which learns nothing from a snapshot; what it has read once it knows for all of them.</summary>
/// <param name="folder">Model folder, of all-MiniLM-L6-v2 for one.</param>
internal sealed class EncoderVectors(string folder) : TextVectors
{
    private readonly SentenceEncoder _encoder = SentenceEncoder.Load(folder, ScalarType.Float32, CPU);

    protected override float[] Make(string text)
    {
        using var vector = _encoder.Embed([_encoder.Encode(text).Tokens]);
        return vector.data<float>().ToArray();
    }
}
