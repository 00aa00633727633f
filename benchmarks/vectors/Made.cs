using WebTrainer.Pipeline.Vectors;
using WebTrainer.Statistics;

namespace WebTrainer.Benchmarks.Vectors;

/// <summary>Vectors of length one in clusters: a centre for each hundred, and as much noise as centre.</summary>
internal sealed class Made
{
    public const int Dimensions = 384;
    private const int OfCentre = 100;
    private const float Noise = 1f;

    public Made(int rows, int queries)
    {
        var random = SplitMix.Of(1, rows);
        var centres = Enumerable.Range(0, (rows + OfCentre - 1) / OfCentre).Select(_ => Random(ref random)).ToArray();
        Rows = new float[(long)rows * Dimensions];
        for (var row = 0; row < rows; row++)
        {
            Near(centres[row / OfCentre], Rows.AsSpan(row * Dimensions, Dimensions), ref random);
        }

        Queries = new float[queries][];
        for (var query = 0; query < queries; query++)
        {
            Near(centres[random.Below(centres.Length)], Queries[query] = new float[Dimensions], ref random);
        }
    }

    /// <summary><c>[rows, dimensions]</c>.</summary>
    public float[] Rows { get; }

    public float[][] Queries { get; }

    public int Count => Rows.Length / Dimensions;

    /// <summary>The same in eight bits a number, as versions keep them.</summary>
    public KeptVectors Kept()
    {
        var values = new sbyte[Rows.Length];
        Parallel.For(0, Count, row => Quantise(Rows.AsSpan(row * Dimensions, Dimensions), values.AsSpan(row * Dimensions, Dimensions)));
        return new KeptVectors(new VectorSource("made", "", null), Dimensions, new UInt128[Count], values, [.. Enumerable.Range(0, Count)]);
    }

    public static void Quantise(ReadOnlySpan<float> from, Span<sbyte> to)
    {
        var largest = 0f;
        foreach (var value in from)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        for (var i = 0; i < from.Length; i++)
        {
            to[i] = (sbyte)MathF.Round(from[i] * 127 / largest);
        }
    }

    private static float[] Random(ref SplitMix random)
    {
        var vector = new float[Dimensions];
        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = (float)(random.Share() + random.Share() + random.Share() - 1.5);
        }

        return vector;
    }

    private static void Near(float[] centre, Span<float> vector, ref SplitMix random)
    {
        var squares = 0f;
        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = centre[i] + (Noise * (float)(random.Share() + random.Share() + random.Share() - 1.5));
            squares += vector[i] * vector[i];
        }

        foreach (ref var value in vector)
        {
            value /= MathF.Sqrt(squares);
        }
    }
}
