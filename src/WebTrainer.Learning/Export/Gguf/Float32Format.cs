using System.Buffers.Binary;

namespace WebTrainer.Learning.Export;

/// <summary>F32: each number in four bytes, exactly.</summary>
internal sealed class Float32Format() : BlockFormat(0, "F32", 1, sizeof(float), float.MaxValue)
{
    protected override void EncodeBlock(ReadOnlySpan<float> numbers, Span<byte> written) =>
        BinaryPrimitives.WriteSingleLittleEndian(written, numbers[0]);

    protected override void DecodeBlock(ReadOnlySpan<byte> written, Span<float> numbers) =>
        numbers[0] = BinaryPrimitives.ReadSingleLittleEndian(written);
}
