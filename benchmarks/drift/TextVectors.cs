using System.Collections.Concurrent;
using WebTrainer.Embedding;

namespace WebTrainer.Benchmarks.Drift;

/// <summary>Vectors of messages, each of length 1.</summary>
internal abstract class TextVectors
{
    private readonly ConcurrentDictionary<string, float[]> _known = new();

    public float[] Of(string text) => _known.GetOrAdd(text, Make);

    protected abstract float[] Make(string text);
}

/// <summary>As a portal makes them of a snapshot: by the built-in embedder, which learns from its texts.</summary>
internal sealed class LearnedVectors : TextVectors
{
    private readonly TextEmbedder _embedder = new();

    public LearnedVectors(IEnumerable<string> snapshot)
    {
        foreach (var text in snapshot)
        {
            _embedder.Learn(text);
        }
    }

    protected override float[] Make(string text)
    {
        Span<sbyte> bytes = stackalloc sbyte[TextEmbedder.Dimensions];
        _embedder.Embed(text, bytes);
        float[] vector = [.. bytes.ToArray().Select(value => (float)value)];
        var norm = MathF.Sqrt(vector.Sum(value => value * value));
        return norm == 0 ? vector : [.. vector.Select(value => value / norm)];
    }
}
