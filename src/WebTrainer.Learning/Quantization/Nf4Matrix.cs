using System.Buffers;
using System.Runtime.InteropServices;
using WebTrainer.Learning.Kernels;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Quantization;

/// <summary>
/// A matrix in four bits a weight (QLoRA, arXiv:2305.14314): the nearest of sixteen values times the largest magnitude of its
/// block of 64. With double quantisation those magnitudes, less their mean, are kept in eight bits with a scale a block of 256,
/// together 4.13 bits a weight. It is unpacked for each product and again for its backward pass; nothing wide is kept.
/// </summary>
public sealed class Nf4Matrix : IPackedMatrix
{
    /// <summary>Weights that share a magnitude, 64 as in the paper.</summary>
    public const int BlockSize = 64;
    private const int ScaleBlock = 256;

    private Nf4Matrix(long outputs, long inputs, byte[] codes, float[] magnitudes, PackedMagnitudes? packed) =>
        (Outputs, Inputs, Codes, Magnitudes, Packed) = (outputs, inputs, codes, magnitudes, packed);

    /// <inheritdoc/>
    public long Inputs { get; }

    /// <inheritdoc/>
    public long Outputs { get; }

    /// <summary>Two weights a byte, row by row, the first in the high half.</summary>
    internal byte[] Codes { get; }

    /// <summary>Of each block, where they are not packed; else empty.</summary>
    internal float[] Magnitudes { get; }

    /// <summary>Null without double quantisation.</summary>
    internal PackedMagnitudes? Packed { get; }

    /// <summary>Half a byte a weight, and four a block, or with double quantisation one a block and four a 256 blocks.</summary>
    public long Bytes => Codes.Length + (Packed is { } packed ? packed.Codes.Length + (4L * packed.Scales.Length) : 4L * Magnitudes.Length);

    /// <param name="weight"><c>[out, in]</c>, any float type; out · in a multiple of 64.</param>
    /// <param name="doubleQuantisation">Keep the blocks' magnitudes in eight bits.</param>
    public static Nf4Matrix Pack(Tensor weight, bool doubleQuantisation)
    {
        using var wide = weight.detach().cpu().to(ScalarType.Float32).contiguous();
        if (wide.NumberOfElements % BlockSize != 0)
        {
            throw new ModelFileException(
                $"A matrix of [{string.Join(", ", weight.shape)}] can't be kept in blocks of {BlockSize} weights."
            );
        }

        var codes = new byte[wide.NumberOfElements / 2];
        var magnitudes = new float[wide.NumberOfElements / BlockSize];
        var tensor = wide; // read where it is: a copy of each matrix would double what packing takes
        Kernel.Rows(
            magnitudes.Length,
            BlockSize,
            (_, begin, end) =>
            {
                var values = MemoryMarshal.Cast<byte, float>(tensor.bytes);
                for (var block = (int)begin; block < end; block++)
                {
                    magnitudes[block] = PackBlock(
                        values.Slice(block * BlockSize, BlockSize),
                        codes.AsSpan(block * BlockSize / 2, BlockSize / 2)
                    );
                }
            }
        );
        var packed = doubleQuantisation ? PackedMagnitudes.Of(magnitudes) : null;
        return new(weight.shape[0], weight.shape[1], codes, packed is null ? magnitudes : [], packed);
    }

    /// <inheritdoc/>
    public Tensor Multiply(Tensor x) => is_grad_enabled() ? Nf4Linear.Apply(x, this) : Nf4Linear.Forward(x, this);

    /// <inheritdoc/>
    public Tensor ToDense() => Unpack(ScalarType.Float32);

    /// <returns><c>[out, in]</c>, owned by the caller.</returns>
    internal Tensor Unpack(ScalarType type)
    {
        var dense = empty([Outputs, Inputs], type == ScalarType.BFloat16 ? type : ScalarType.Float32);
        if (Packed is null)
        {
            Nf4Kernel.Unpack(Codes, Magnitudes, dense);
            return dense;
        }

        // Borrowed: twice a matrix and step, they would be the collector's main work.
        var magnitudes = ArrayPool<float>.Shared.Rent(Packed.Codes.Length);
        try
        {
            Packed.Restore(magnitudes);
            Nf4Kernel.Unpack(Codes, magnitudes, dense);
            return dense;
        }
        finally
        {
            ArrayPool<float>.Shared.Return(magnitudes);
        }
    }

    private static float PackBlock(ReadOnlySpan<float> values, Span<byte> codes)
    {
        var magnitude = 0f;
        foreach (var value in values)
        {
            magnitude = Math.Max(magnitude, Math.Abs(value));
        }

        byte Code(float value) => Nf4Code.Nearest(Nf4Code.Values, magnitude == 0 ? 0 : value / magnitude);
        for (var i = 0; i < codes.Length; i++)
        {
            codes[i] = (byte)((Code(values[2 * i]) << 4) | Code(values[(2 * i) + 1]));
        }

        return magnitude;
    }

    /// <summary>The magnitudes of blocks in eight bits.</summary>
    /// <param name="Codes">One a block, its place among the 256 values of <see cref="Nf4Code.Scales"/>.</param>
    /// <param name="Scales">Largest magnitude less the offset of each 256 blocks.</param>
    /// <param name="Offset">Their mean, which is taken off before.</param>
    internal sealed record PackedMagnitudes(byte[] Codes, float[] Scales, float Offset)
    {
        public static PackedMagnitudes Of(float[] magnitudes)
        {
            var offset = (float)(magnitudes.Sum(value => (double)value) / magnitudes.Length);
            var codes = new byte[magnitudes.Length];
            var scales = new float[(magnitudes.Length + ScaleBlock - 1) / ScaleBlock];
            for (var block = 0; block < scales.Length; block++)
            {
                var (begin, end) = (block * ScaleBlock, Math.Min(magnitudes.Length, (block + 1) * ScaleBlock));
                for (var i = begin; i < end; i++)
                {
                    scales[block] = Math.Max(scales[block], Math.Abs(magnitudes[i] - offset));
                }

                for (var i = begin; i < end; i++)
                {
                    codes[i] = Nf4Code.Nearest(Nf4Code.Scales, scales[block] == 0 ? 0 : (magnitudes[i] - offset) / scales[block]);
                }
            }

            return new(codes, scales, offset);
        }

        public void Restore(Span<float> magnitudes)
        {
            for (var i = 0; i < Codes.Length; i++)
            {
                magnitudes[i] = (Nf4Code.Scales[Codes[i]] * Scales[i / ScaleBlock]) + Offset;
            }
        }
    }
}

/// <summary><c>y = W·x</c>, backwards <c>dx = Wᵀ·dy</c>, with W unpacked twice instead of kept.</summary>
internal sealed class Nf4Linear : autograd.SingleTensorFunction<Nf4Linear>
{
    public override string Name => nameof(Nf4Linear);

    public static Tensor Apply(Tensor x, Nf4Matrix matrix) => apply(x, matrix);

    public static Tensor Forward(Tensor x, Nf4Matrix matrix)
    {
        using var weight = matrix.Unpack(x.dtype);
        return nn.functional.linear(x, weight.to(x.device));
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        ctx.save_data("matrix", vars[1]);
        return Forward(((Tensor)vars[0]).detach(), (Nf4Matrix)vars[1]);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        var weight = ((Nf4Matrix)ctx.get_data("matrix")).Unpack(grad_output.dtype).to(grad_output.device);
        return [grad_output.matmul(weight).MoveToOuterDisposeScope(), null!];
    }
}
