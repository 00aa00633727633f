using System.Buffers.Binary;

namespace WebTrainer.Learning.Export;

/// <summary>F16: IEEE 754 half precision, rounded to the nearest: 11 bits, and up to 65,504.</summary>
internal sealed class Float16Format() : BlockFormat(1, "F16", 1, 2, LargestHalf)
{
    /// <summary>(2 − 2⁻¹⁰) · 2¹⁵.</summary>
    internal const double LargestHalf = 65_504;

    protected override void EncodeBlock(ReadOnlySpan<float> numbers, Span<byte> written) =>
        BinaryPrimitives.WriteHalfLittleEndian(written, (Half)numbers[0]);

    protected override void DecodeBlock(ReadOnlySpan<byte> written, Span<float> numbers) =>
        numbers[0] = (float)BinaryPrimitives.ReadHalfLittleEndian(written);
}
