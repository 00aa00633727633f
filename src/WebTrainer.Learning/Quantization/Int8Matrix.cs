using System.Runtime.InteropServices;
using WebTrainer.Learning.Kernels;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Quantization;

/// <summary>
/// A matrix in eight bits a weight and one scale a row: <c>w ≈ c · max|row| / 127</c>, c rounded to the nearest integer. Only the
/// weights are packed, so that nothing has to be known of the activations (arXiv:2208.07339, section 2: absmax quantisation by row).
/// </summary>
public sealed class Int8Matrix : IPackedMatrix
{
    private readonly sbyte[] _codes; // row by row
    private readonly float[] _scales; // of each row

    private Int8Matrix(long outputs, long inputs, sbyte[] codes, float[] scales) =>
        (Outputs, Inputs, _codes, _scales) = (outputs, inputs, codes, scales);

    /// <inheritdoc/>
    public long Inputs { get; }

    /// <inheritdoc/>
    public long Outputs { get; }

    /// <summary>A byte a weight and four a row.</summary>
    public long Bytes => _codes.Length + (4L * _scales.Length);

    /// <param name="weight"><c>[out, in]</c>, any float type.</param>
    public static Int8Matrix Pack(Tensor weight)
    {
        using var wide = weight.detach().cpu().to(ScalarType.Float32).contiguous();
        var (outputs, inputs) = (wide.shape[0], (int)wide.shape[1]);
        var values = MemoryMarshal.Cast<byte, float>(wide.bytes);
        var (codes, scales) = (new sbyte[values.Length], new float[outputs]);
        for (var row = 0; row < outputs; row++)
        {
            var span = values.Slice(row * inputs, inputs);
            var greatest = 0f;
            foreach (var value in span)
            {
                greatest = Math.Max(greatest, Math.Abs(value));
            }

            scales[row] = greatest / 127;
            for (var i = 0; i < inputs && greatest > 0; i++)
            {
                codes[(row * inputs) + i] = (sbyte)MathF.Round(span[i] / scales[row]);
            }
        }

        return new(outputs, inputs, codes, scales);
    }

    /// <inheritdoc/>
    public Tensor Multiply(Tensor x)
    {
        if (Int8Kernel.Fits(x, Inputs))
        {
            return Int8Kernel.Multiply(x, _codes, _scales, (int)Inputs);
        }

        using var weight = Unpack(x.dtype);
        return nn.functional.linear(x, weight.to(x.device));
    }

    /// <inheritdoc/>
    public Tensor ToDense() => Unpack(ScalarType.Float32);

    private Tensor Unpack(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var codes = tensor(_codes, [Outputs, Inputs], dtype: ScalarType.Float32);
        return (codes * tensor(_scales).unsqueeze(1)).to(type).MoveToOuterDisposeScope();
    }
}
