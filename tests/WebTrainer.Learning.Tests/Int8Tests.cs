using WebTrainer.Learning.Quantization;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

public sealed class Int8Tests
{
    [Fact]
    public void Packed_IsWithinHalfAStepOfEachRow()
    {
        var weight = randn(40, 64) * linspace(0.1, 5, 40).unsqueeze(1);
        var error = (Int8Matrix.Pack(weight).ToDense() - weight).abs().amax([1]);
        var step = weight.abs().amax([1]) / 127;
        Assert.True((error <= (step * 0.5001)).all().item<bool>());
    }

    [Fact]
    public void RowOfZeros_StaysZero() => Assert.Equal(0, Int8Matrix.Pack(zeros(2, 16)).ToDense().abs().sum().item<float>());

    [Fact]
    public void Packed_TakesAByteAWeightAndAScaleARow() => Assert.Equal((40 * 64) + (4 * 40), Int8Matrix.Pack(randn(40, 64)).Bytes);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(40)]
    public void Product_OfFewRowsOrMany_IsThatOfTheDenseForm(int rows)
    {
        using var _ = no_grad();
        var matrix = Int8Matrix.Pack(randn(24, 64));
        var x = randn(rows, 64);
        var expected = nn.functional.linear(x, matrix.ToDense());
        Assert.True((matrix.Multiply(x) - expected).abs().max().item<float>() < 1e-4);
    }
}
