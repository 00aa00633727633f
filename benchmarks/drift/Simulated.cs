using System.Numerics;
using WebTrainer.Drift;

namespace WebTrainer.Benchmarks.Drift;

/// <summary>A monitor on a snapshot, with the given vectors and the answers of a small model: the nearest mean of an intent.</summary>
/// <remarks>The model learns from one half of the snapshot, so that its answers on the other are as they are on new messages.</remarks>
internal sealed class Simulated
{
    private const double Sharpness = 20;
    private readonly TextVectors _vectors;
    private readonly Dictionary<string, float[]> _means;
    private readonly BankMessages _messages;

    /// <param name="vectors">Null: the built-in embedder, as it learns from the snapshot.</param>
    public Simulated(BankMessages messages, TextVectors? vectors = null)
    {
        _messages = messages;
        _vectors = vectors ?? new LearnedVectors(messages.Snapshot.Select(message => message.Text));
        var learned = messages.Snapshot.Take(messages.Snapshot.Count / 2);
        _means = learned
            .GroupBy(message => message.Intent)
            .ToDictionary(group => group.Key, group => Mean(group.Select(m => _vectors.Of(m.Text))));
        DriftRow[] reference =
        [
            .. messages.Snapshot.Select(
                (message, i) => i < messages.Snapshot.Count / 2 ? new DriftRow($"{i}", message.Text) : Answered($"{i}", message.Text)
            ),
        ];
        Monitor = new(reference, new() { Embed = texts => [.. texts.Select(_vectors.Of)] });
    }

    public DriftMonitor Monitor { get; }

    /// <param name="change">Gets the messages and the seed.</param>
    public DriftReport Look(int rows, long seed, Func<IReadOnlyList<BankMessage>, long, IReadOnlyList<BankMessage>>? change = null)
    {
        var messages = _messages.Window(rows, seed);
        messages = change is null ? messages : change(messages, seed);
        return Monitor.Look([.. messages.Select((message, i) => Answered($"{i}", message.Text))]);
    }

    private DriftRow Answered(string id, string text)
    {
        var vector = _vectors.Of(text);
        var likeness = _means.Select(mean => (Intent: mean.Key, Likeness: Sharpness * Dot(mean.Value, vector))).ToArray();
        var best = likeness.MaxBy(pair => pair.Likeness);
        return new DriftRow(id, text)
        {
            Label = best.Intent,
            Confidence = 1 / likeness.Sum(pair => Math.Exp(pair.Likeness - best.Likeness)),
        };
    }

    private static float[] Mean(IEnumerable<float[]> vectors)
    {
        float[] sum = [];
        foreach (var vector in vectors)
        {
            sum = sum.Length == 0 ? new float[vector.Length] : sum;
            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += vector[i];
            }
        }

        return Normalised(sum);
    }

    private static float[] Normalised(float[] vector)
    {
        var norm = MathF.Sqrt(Dot(vector, vector));
        return norm == 0 ? vector : [.. vector.Select(value => value / norm)];
    }

    private static float Dot(float[] a, float[] b)
    {
        var sum = Vector<float>.Zero;
        for (var i = 0; i < a.Length; i += Vector<float>.Count)
        {
            sum += new Vector<float>(a, i) * new Vector<float>(b, i);
        }

        return System.Numerics.Vector.Sum(sum);
    }
}
