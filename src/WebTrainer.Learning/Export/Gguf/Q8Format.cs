using System.Buffers.Binary;

namespace WebTrainer.Learning.Export;

/// <summary>
/// Q8_0: 32 numbers share a scale. With <c>d = max|x| / 127</c>, stored as a half, a block is <c>d, q₀ … q₃₁</c> with
/// <c>q = round(x / d)</c> in a signed byte, and stands for <c>d·q</c>; so no number is off by more than <c>d/2</c>, but for the rounding
/// of d itself.
/// </summary>
internal sealed class Q8Format() : BlockFormat(8, "Q8_0", Values, 2 + Values, Float16Format.LargestHalf * Most)
{
    private const int Values = 32,
        Most = 127;

    protected override void EncodeBlock(ReadOnlySpan<float> numbers, Span<byte> written)
    {
        var largest = 0f;
        foreach (var number in numbers)
        {
            largest = MathF.Max(largest, MathF.Abs(number));
        }

        var scale = (Half)(largest / Most);
        BinaryPrimitives.WriteHalfLittleEndian(written, scale);
        // The scale as it is stored, not as it was before rounding: what is read back is nearer.
        var inverse = scale == (Half)0 ? 0 : 1 / (float)scale;
        for (var i = 0; i < Values; i++)
        {
            var step = MathF.Round(numbers[i] * inverse, MidpointRounding.AwayFromZero);
            written[2 + i] = (byte)(sbyte)Math.Clamp(step, -Most, Most);
        }
    }

    protected override void DecodeBlock(ReadOnlySpan<byte> written, Span<float> numbers)
    {
        var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(written);
        for (var i = 0; i < Values; i++)
        {
            numbers[i] = scale * (sbyte)written[2 + i];
        }
    }
}
