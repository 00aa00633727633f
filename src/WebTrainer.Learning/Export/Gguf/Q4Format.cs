using System.Buffers.Binary;

namespace WebTrainer.Learning.Export;

/// <summary>
/// Q4_0: 32 numbers share a scale. With m the number of the largest magnitude, sign included, and <c>d = m / −8</c>, stored as a half, a
/// block is <c>d</c> and 16 bytes, of which byte j has <c>q[j]</c> in its low and <c>q[j + 16]</c> in its high half;
/// <c>q = min(15, round(x / d + 8))</c> stands for <c>d·(q − 8)</c>. So m itself is written exactly, but for the rounding of d.
/// </summary>
internal sealed class Q4Format() : BlockFormat(2, "Q4_0", Values, 2 + (Values / 2), Float16Format.LargestHalf * Middle)
{
    private const int Values = 32,
        Middle = 8,
        Most = 15;

    protected override void EncodeBlock(ReadOnlySpan<float> numbers, Span<byte> written)
    {
        var largest = 0f;
        foreach (var number in numbers)
        {
            largest = MathF.Abs(number) > MathF.Abs(largest) ? number : largest;
        }

        var scale = (Half)(largest / -Middle);
        BinaryPrimitives.WriteHalfLittleEndian(written, scale);
        var inverse = scale == (Half)0 ? 0 : 1 / (float)scale;
        for (var j = 0; j < Values / 2; j++)
        {
            written[2 + j] = (byte)(StepOf(numbers[j] * inverse) | (StepOf(numbers[j + (Values / 2)] * inverse) << 4));
        }
    }

    protected override void DecodeBlock(ReadOnlySpan<byte> written, Span<float> numbers)
    {
        var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(written);
        for (var j = 0; j < Values / 2; j++)
        {
            numbers[j] = scale * ((written[2 + j] & 0xF) - Middle);
            numbers[j + (Values / 2)] = scale * ((written[2 + j] >> 4) - Middle);
        }
    }

    private static int StepOf(float scaled) => (int)Math.Clamp(scaled + Middle + 0.5f, 0, Most);
}
