using WebTrainer.Protocol;

namespace WebTrainer.Learning.Export;

/// <summary>The formats that are written here, and which one a weight gets.</summary>
internal static class BlockFormats
{
    public static readonly BlockFormat Float32 = new Float32Format(),
        Float16 = new Float16Format(),
        BFloat16 = new BFloat16Format(),
        Q8 = new Q8Format(),
        Q4 = new Q4Format();

    /// <exception cref="ModelFileException">The id is none of a format that is written here.</exception>
    public static BlockFormat WithId(uint id) =>
        Array.Find([Float32, Float16, BFloat16, Q8, Q4], format => format.Id == id)
        ?? throw new ModelFileException($"The file has a tensor of type {id}, which is not written here.");

    /// <summary>
    /// Norms and offsets stay in float32. With <see cref="GgufWeights.Q4"/> embedding and head are in Q8_0, since an error there is one of
    /// every token. Rows that aren't whole blocks are in F16.
    /// </summary>
    /// <param name="weights">What was asked for.</param>
    /// <param name="shape">The outermost first.</param>
    /// <param name="outer">Embedding or head.</param>
    public static BlockFormat For(GgufWeights weights, ReadOnlySpan<long> shape, bool outer)
    {
        if (shape.Length < 2)
        {
            return Float32;
        }

        var format = weights switch
        {
            GgufWeights.F32 => Float32,
            GgufWeights.F16 => Float16,
            GgufWeights.Bf16 => BFloat16,
            GgufWeights.Q8 => Q8,
            GgufWeights.Q4 => outer ? Q8 : Q4,
            _ => throw new ArgumentOutOfRangeException(nameof(weights), weights, "No format of weights."),
        };
        return shape[^1] % format.BlockValues == 0 ? format : Float16;
    }

    /// <summary>What <c>general.file_type</c> calls a file most of whose weights are so.</summary>
    public static uint FileTypeOf(GgufWeights weights) =>
        weights switch
        {
            GgufWeights.F32 => 0,
            GgufWeights.F16 => 1,
            GgufWeights.Q4 => 2,
            GgufWeights.Q8 => 7,
            _ => 32, // BF16
        };
}
