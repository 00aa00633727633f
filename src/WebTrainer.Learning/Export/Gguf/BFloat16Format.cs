using System.Buffers.Binary;

namespace WebTrainer.Learning.Export;

/// <summary>BF16: the upper half of a float32, rounded to the nearest, ties to even: 8 bits, and as far as float32.</summary>
internal sealed class BFloat16Format() : BlockFormat(30, "BF16", 1, 2, LargestValue)
{
    /// <summary>(2 − 2⁻⁷) · 2¹²⁷; what is larger would be rounded to infinity.</summary>
    private const double LargestValue = 3.3895313892515355e38;
    private const int Half = 16;

    protected override void EncodeBlock(ReadOnlySpan<float> numbers, Span<byte> written)
    {
        var bits = BitConverter.SingleToUInt32Bits(numbers[0]);
        var rounded = bits + 0x7FFF + ((bits >> Half) & 1);
        BinaryPrimitives.WriteUInt16LittleEndian(written, (ushort)(rounded >> Half));
    }

    protected override void DecodeBlock(ReadOnlySpan<byte> written, Span<float> numbers) =>
        numbers[0] = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(written) << Half);
}
