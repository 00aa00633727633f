using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Quantization;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

public sealed class Nf4Tests
{
    [Fact]
    public void Pack_Codes_EqualBitsandbytesBitForBit()
    {
        var expected = Expected("expected.safetensors");
        var matrix = Nf4Matrix.Pack(expected["weight"], doubleQuantisation: false);
        Assert.Equal(expected["packed"].data<byte>().ToArray(), matrix.Codes);
        Assert.Equal(expected["absmax"].data<float>().ToArray(), matrix.Magnitudes);
        Assert.True((expected["dequantised"] - matrix.ToDense()).abs().max().item<float>() <= 1e-6);
        Assert.Equal(expected["code"].data<float>().ToArray(), Nf4Code.Values);
    }

    [Fact]
    public void Pack_DoubleQuantisation_EqualsBitsandbytes()
    {
        var expected = Expected("expected.safetensors");
        var matrix = Nf4Matrix.Pack(expected["weight"], doubleQuantisation: true);
        Assert.Equal(expected["dq_nested_code"].data<float>().ToArray(), Nf4Code.Scales);
        Assert.Equal(expected["dq_absmax_uint8"].data<byte>().ToArray(), matrix.Packed!.Codes);
        Assert.Equal(expected["dq_nested_absmax"].item<float>(), matrix.Packed.Scales[0], 1e-6f);
        Assert.Equal(expected["dq_offset"].item<float>(), matrix.Packed.Offset, 1e-6f);
        Assert.True((expected["dq_dequantised"] - matrix.ToDense()).abs().max().item<float>() <= 1e-6);
    }

    [Fact]
    public void Pack_BFloat16Weights_EqualsBitsandbytes()
    {
        var expected = Expected("expected_bfloat16.safetensors");
        var weight = expected.Single(pair => pair.Value.dtype == ScalarType.BFloat16 && pair.Key == "weight").Value;
        Assert.Equal(expected["packed"].data<byte>().ToArray(), Nf4Matrix.Pack(weight, doubleQuantisation: false).Codes);
    }

    [Fact]
    public void Pack_DoubleQuantisation_TakesFourBitsAndAnEighth()
    {
        var matrix = Nf4Matrix.Pack(randn(512, 512), doubleQuantisation: true);
        Assert.InRange(matrix.Bytes * 8.0 / (512 * 512), 4.12, 4.13);
    }

    [Fact]
    public void Multiply_Gradient_IsThatOfTheUnpackedMatrix()
    {
        var matrix = Nf4Matrix.Pack(randn(64, 48), doubleQuantisation: true);
        var x = randn(5, 48, requires_grad: true);
        matrix.Multiply(x).square().sum().backward();
        var (packed, y) = (x.grad!.clone(), x.detach().clone().requires_grad_());
        nn.functional.linear(y, matrix.ToDense()).square().sum().backward();
        Assert.True(packed.allclose(y.grad!, 1e-5, 1e-5));
    }

    [Fact]
    public void Pack_SizeThatIsNoMultipleOf64_IsRefused() =>
        Assert.Throws<ModelFileException>(() => Nf4Matrix.Pack(randn(3, 5), doubleQuantisation: true));

    private static Dictionary<string, Tensor> Expected(string file) =>
        Safetensors.Read(SharedFiles.Find("gold", "models", "nf4_64x64", file));
}
