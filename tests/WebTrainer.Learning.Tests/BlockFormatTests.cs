using System.Buffers.Binary;
using WebTrainer.Learning.Export;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Tests;

/// <summary>Bytes of a block, worked out by hand from the published formats.</summary>
public sealed class BlockFormatTests
{
    [Fact]
    public void Q8_OfABlock_IsItsScaleAndWholeSteps()
    {
        // d = 254/127 = 2: 254 is 127 steps, −254 −127, 3 rounds to 2 away from zero, 0.9 to 0
        var numbers = Block((0, 254), (1, -254), (2, 3), (3, 0.9f));
        var written = Encode(BlockFormats.Q8, numbers, 34);
        Assert.Equal((Half)2, BinaryPrimitives.ReadHalfLittleEndian(written));
        Assert.Equal([127, 0x81, 2, 0, 0], written[2..7]);
        Assert.Equal([254, -254, 4, 0, 0], Decode(BlockFormats.Q8, written)[..5]);
    }

    [Fact]
    public void Q4_OfABlock_TakesTheLargestWithItsSign()
    {
        // d = 16/−8 = −2: 16 is step 0, −16 would be step 16 and is 15, 0 is 8, 5 is 8 − 2.5 + ½ cut to 6
        var numbers = Block((0, 16), (1, -16), (16, 5), (17, 2));
        var written = Encode(BlockFormats.Q4, numbers, 18);
        Assert.Equal((Half)(-2), BinaryPrimitives.ReadHalfLittleEndian(written));
        Assert.Equal([0x60, 0x7F, 0x88], written[2..5]);
        var back = Decode(BlockFormats.Q4, written);
        Assert.Equal([16, -14, 0], back[..3]);
        Assert.Equal([4, 2, 0], back[16..19]);
    }

    [Theory]
    [InlineData(1f, 0x3F80)]
    [InlineData(1.00390625f, 0x3F80)] // half way between two: the even one
    [InlineData(1.01171875f, 0x3F82)]
    [InlineData(-3.0e38f, 0xFF62)]
    public void BFloat16_RoundsToTheNearest_TiesToEven(float number, int bits) =>
        Assert.Equal(bits, BinaryPrimitives.ReadUInt16LittleEndian(Encode(BlockFormats.BFloat16, [number], 2)));

    [Theory]
    [InlineData("f32", 1e-9)]
    [InlineData("f16", 5e-4)]
    [InlineData("bf16", 4e-3)]
    [InlineData("q8", 0.006)]
    [InlineData("q4", 0.1)]
    public void RandomNumbers_ComeBack_WithinTheFormatsError(string weights, double bound)
    {
        var format = BlockFormats.For(Enum.Parse<GgufWeights>(weights, ignoreCase: true), [8, 64], outer: false);
        var random = new Random(3);
        float[] numbers = [.. Enumerable.Range(0, 512).Select(_ => (float)(random.NextDouble() + random.NextDouble() - 1))];
        var back = Decode(format, Encode(format, numbers, (int)format.BytesOf(numbers.Length)), numbers.Length);
        var error = Math.Sqrt(
            numbers.Zip(back).Sum(pair => Math.Pow(pair.First - pair.Second, 2)) / numbers.Sum(number => number * number)
        );
        Assert.InRange(error, 0, bound);
    }

    [Fact]
    public void BlockOfZeros_StaysZero()
    {
        foreach (var format in new[] { BlockFormats.Q8, BlockFormats.Q4 })
        {
            Assert.All(Decode(format, Encode(format, new float[32], (int)format.BytesOf(32))), number => Assert.Equal(0, number));
        }
    }

    [Fact]
    public void Format_OfAWeight_GoesByItsKindAndItsRows()
    {
        Assert.Equal("F32", BlockFormats.For(GgufWeights.Q4, [64], outer: false).Name);
        Assert.Equal("Q4_0", BlockFormats.For(GgufWeights.Q4, [8, 64], outer: false).Name);
        Assert.Equal("Q8_0", BlockFormats.For(GgufWeights.Q4, [8, 64], outer: true).Name);
        Assert.Equal("F16", BlockFormats.For(GgufWeights.Q8, [8, 48], outer: false).Name);
    }

    private static float[] Block(params (int Place, float Number)[] numbers)
    {
        var block = new float[32];
        foreach (var (place, number) in numbers)
        {
            block[place] = number;
        }

        return block;
    }

    private static byte[] Encode(BlockFormat format, float[] numbers, int bytes)
    {
        var written = new byte[bytes];
        format.Encode(numbers, written);
        return written;
    }

    private static float[] Decode(BlockFormat format, byte[] written, int count = 32)
    {
        var numbers = new float[count];
        format.Decode(written, numbers);
        return numbers;
    }
}
