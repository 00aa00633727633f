using static TorchSharp.torch;

namespace WebTrainer.Benchmarks.Engine;

/// <summary>What the machine can do: products of 1024³ and reading of 256 MB.</summary>
internal static class Machine
{
    private const int Side = 1024;
    private static readonly Dictionary<ScalarType, (Tensor A, Tensor B)> s_matrices = [];
    private static readonly Tensor s_bulk = ones(64 << 20);

    public static double FlopsPerSecond(ScalarType type)
    {
        if (!s_matrices.TryGetValue(type, out var pair))
        {
            pair = (randn(Side, Side).to(type), randn(Side, Side).to(type));
            s_matrices[type] = pair;
        }

        return Measure.PerSecond(() => pair.A.matmul(pair.B).Dispose()) * 2.0 * Side * Side * Side;
    }

    public static double BytesPerSecond() => Measure.PerSecond(() => s_bulk.sum().Dispose()) * s_bulk.NumberOfElements * sizeof(float);
}
