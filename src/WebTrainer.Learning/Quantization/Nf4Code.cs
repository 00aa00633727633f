using static TorchSharp.torch;

namespace WebTrainer.Learning.Quantization;

/// <summary>The sixteen values of NormalFloat4 (arXiv:2305.14314, appendix E) and the 256 of the 8-bit code for its scales.</summary>
internal static class Nf4Code
{
    /// <summary>Quantiles of the normal distribution, scaled to -1 … 1, with an exact zero.</summary>
    public static readonly float[] Values =
    [
        -1f,
        -0.6961928009986877f,
        -0.5250730514526367f,
        -0.39491748809814453f,
        -0.28444138169288635f,
        -0.18477343022823334f,
        -0.09105003625154495f,
        0f,
        0.07958029955625534f,
        0.16093020141124725f,
        0.24611230194568634f,
        0.33791524171829224f,
        0.44070982933044434f,
        0.5626170039176941f,
        0.7229568362236023f,
        1f,
    ];

    /// <summary>
    /// Signed values of seven powers of ten, each power with twice as many steps as the one below (arXiv:1511.04561, as bitsandbytes builds
    /// it).
    /// </summary>
    public static readonly float[] Scales = BuildScales();

    /// <returns>Index of the nearest value of an ascending code; of two equally near the lower.</returns>
    public static byte Nearest(ReadOnlySpan<float> code, float value)
    {
        var above = code.BinarySearch(value);
        if (above >= 0)
        {
            return (byte)above;
        }

        above = ~above;
        return (byte)(
            above == 0 ? 0
            : above == code.Length ? code.Length - 1
            : value - code[above - 1] <= code[above] - value ? above - 1
            : above
        );
    }

    private static float[] BuildScales()
    {
        const int Powers = 7;
        var values = new List<float> { 0f, 1f };
        for (var power = 0; power < Powers; power++)
        {
            // The library's own linspace, because its rounding is part of the code's values.
            using var scope = NewDisposeScope();
            var borders = linspace(0.1, 1, (1 << power) + 1, ScalarType.Float32);
            var middles = (borders[..^1] + borders[1..]) / 2 * Math.Pow(10, power - Powers + 1);
            foreach (var value in middles.data<float>().ToArray())
            {
                values.Add(value);
                values.Add(-value);
            }
        }

        values.Sort();
        return [.. values];
    }
}
