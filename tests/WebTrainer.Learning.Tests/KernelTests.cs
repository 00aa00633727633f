using System.Runtime.Intrinsics;
using WebTrainer.Learning.Kernels;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>The fused kernels give what the same formulas give in tensor operations, forwards and backwards.</summary>
public sealed class KernelTests
{
    [Fact]
    public void RmsNorm_EqualsTensorOperations()
    {
        var (x, gain) = (Leaf(33, 64), Leaf(64));
        Compare([x, gain], () => RmsNormKernel.Apply(x, gain, 1e-5), () => x * rsqrt(x.square().mean([-1], keepdim: true) + 1e-5) * gain);
    }

    [Fact]
    public void SwiGlu_EqualsTensorOperations()
    {
        var (a, b) = (Leaf(33, 64), Leaf(33, 64));
        Compare([a, b], () => SwiGluKernel.Apply(a, b), () => nn.functional.silu(a) * b);
    }

    [Fact]
    public void LayerNorm_EqualsTensorOperations()
    {
        var (x, gain, shift) = (Leaf(33, 64), Leaf(64), Leaf(64));
        Compare(
            [x, gain, shift],
            () => LayerNormKernel.Apply(x + 3, gain, shift, 1e-5),
            () => nn.functional.layer_norm(x + 3, [64], gain, shift, 1e-5)
        );
    }

    [Fact]
    public void Exponential_EqualsTheRuntimes()
    {
        for (var x = 0f; x > -86; x -= 0.0137f)
        {
            Assert.InRange(Exponential.OfNegative(Vector512.Create(x))[3] / MathF.Exp(x), 1 - 3e-7f, 1 + 3e-7f);
        }

        Assert.All((float[])[-88, -1e30f, float.NegativeInfinity], x => Assert.Equal(0, Exponential.OfNegative(Vector512.Create(x))[0]));
    }

    [Fact]
    public void Gelu_EqualsTensorOperations()
    {
        var x = Leaf(33, 64);
        Compare([x], () => GeluKernel.Apply(x * 4), () => nn.functional.gelu(x * 4));
    }

    [Theory]
    [InlineData(1, 16, null)]
    [InlineData(7, 32, null)]
    [InlineData(16, 32, null)]
    [InlineData(37, 48, null)]
    [InlineData(64, 64, null)]
    [InlineData(7, 32, 2)]
    [InlineData(37, 16, 5)]
    [InlineData(37, 16, 50)]
    public void TwoWayAttention_EqualsTensorOperations(int tokens, int head, int? side)
    {
        var (q, k, v) = (Leaf(3, tokens, 2, head), Leaf(3, tokens, 2, head), Leaf(3, tokens, 2, head));
        int[] lengths = [tokens, (tokens + 1) / 2, Math.Max(1, tokens - 3)];
        var places = arange(tokens);
        // padding comes out as zeros
        var text = (places.unsqueeze(0) < tensor(lengths).unsqueeze(1)).to(ScalarType.Float32).view(3, tokens, 1, 1);
        var seen = (places < tensor(lengths).view(3, 1, 1, 1)).logical_and((places.unsqueeze(1) - places).abs() <= (side ?? tokens));
        seen = seen.logical_or(text.view(3, 1, tokens, 1) == 0);
        Compare(
            [q, k, v],
            () => TwoWayAttentionKernel.Apply(q, k, v, new Reach(lengths, side), 0.3),
            () =>
                (q.transpose(1, 2).matmul(k.transpose(1, 2).transpose(2, 3)) * 0.3)
                    .masked_fill(seen.logical_not(), float.NegativeInfinity)
                    .softmax(-1)
                    .matmul(v.transpose(1, 2))
                    .transpose(1, 2) * text
        );
    }

    [Fact]
    public void LengthsOf_PaddingBeforeOrWithinATextOrNothingElse_AreNone()
    {
        Assert.Equal([3, 1], Reach.LengthsOf(tensor(new long[] { 1, 1, 1, 1, 0, 0 }, [2, 3]))!);
        Assert.Null(Reach.LengthsOf(tensor(new long[] { 1, 1, 1, 0, 1, 1 }, [2, 3])));
        Assert.Null(Reach.LengthsOf(tensor(new long[] { 1, 1, 1, 1, 0, 1 }, [2, 3])));
        Assert.Null(Reach.LengthsOf(tensor(new long[] { 1, 1, 1, 0, 0, 0 }, [2, 3])));
    }

    [Fact]
    public void CausalSoftmax_EqualsTensorOperations()
    {
        foreach (var width in (int[])[1, 7, 16, 37])
        {
            var scores = Leaf(2, 3, width, width);
            var mask = ones(width, width).tril().to(ScalarType.Bool);
            Compare(
                [scores],
                () => CausalSoftmaxKernel.Apply(scores * 1, 0.25, begin: null),
                () => (scores * 0.25).masked_fill(mask.logical_not(), float.NegativeInfinity).softmax(-1)
            );
        }
    }

    [Fact]
    public void Rotary_EqualsTensorOperations()
    {
        var x = Leaf(2, 5, 3, 32);
        var half = rand(5, 16) * 3;
        var angles = cat([half, half], dim: -1);
        var (cos, sin) = (angles.cos(), angles.sin());
        Compare(
            [x],
            () => RotaryKernel.Apply(x, cos, sin),
            () => (x * cos.unsqueeze(1)) + (cat([-x.narrow(-1, 16, 16), x.narrow(-1, 0, 16)], dim: -1) * sin.unsqueeze(1))
        );
    }

    [Fact]
    public void CrossEntropy_EqualsTensorOperations()
    {
        var logits = Leaf(19, 48);
        var targets = randint(0, 48, [19], ScalarType.Int64);
        Compare(
            [logits],
            () => CrossEntropyKernel.Apply(logits * 3, targets, 7),
            () => nn.functional.cross_entropy(logits * 3, targets, reduction: nn.Reduction.Sum) / 7
        );
    }

    [Fact]
    public void BFloat16_RoundsAsTorchDoes()
    {
        using var _ = no_grad();
        var (a, b) = (randn(64, 64).to(ScalarType.BFloat16), ones(64, 64).to(ScalarType.BFloat16));
        var expected = nn.functional.silu(a.to(ScalarType.Float32));
        var difference = (SwiGluKernel.Apply(a, b).to(ScalarType.Float32) - expected).abs() / (expected.abs() + 1e-6);
        Assert.True(difference.max().item<float>() < 1.0 / 256);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public void NarrowProduct_EqualsTheLibrarys(int rows)
    {
        using var _ = no_grad();
        var (x, weight) = (randn(rows, 1, 96).to(ScalarType.BFloat16), randn(33, 96).to(ScalarType.BFloat16));
        Assert.True(NarrowProductKernel.Fits(x, weight));
        var expected = nn.functional.linear(x.to(ScalarType.Float32), weight.to(ScalarType.Float32));
        var difference = (NarrowProductKernel.Apply(x, weight).to(ScalarType.Float32) - expected).abs() / (expected.abs() + 1e-2);
        Assert.True(difference.max().item<float>() < 1.0 / 128);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(3, false)]
    [InlineData(null, true)]
    [InlineData(3, true)]
    public void CachedAttention_WithBranchesAndGroups_EqualsTensorOperations(int? window, bool byDistance)
    {
        using var _ = no_grad();
        var config = new ModelConfig
        {
            VocabularySize = 10,
            HiddenSize = 64,
            IntermediateSize = 64,
            Layers = 2,
            Heads = 4,
            KeyValueHeads = 2,
            HeadSize = 16,
            ContextTokens = 64,
        };
        List<CachedSequence> sequences = [.. Enumerable.Range(0, 2).Select(_ => new CachedSequence(config, ScalarType.Float32, CPU))];
        Fill(
            CachedPass.Continue(
                sequences,
                [
                    [1, 2, 3, 4, 5],
                    [6],
                ],
                64
            ),
            layers: 2
        );
        var pass = CachedPass.Branch(
            sequences,
            [
                [
                    [1, 2],
                    [3],
                ],
                [
                    [4, 5, 6, 7],
                ],
            ],
            64
        );
        Fill(pass, layers: 2);
        pass.Offsets = byDistance ? new RelativeBias(new(Buckets: 8, MaximumDistance: 16), randn(8, 4), bothWays: false) : null;
        for (var layer = 0; layer < 2; layer++)
        {
            var queries = randn(2, pass.Width, 4, 16);
            var (kernel, tensors) = (
                pass.Attend(layer, queries, new(0.25), window),
                pass.AttendByTensors(layer, queries, new(0.25), window)
            );
            AssertClose(tensors[0].narrow(0, 0, 3), kernel[0].narrow(0, 0, 3));
            AssertClose(tensors[1], kernel[1]);
        }

        sequences.ForEach(sequence => sequence.Dispose());
    }

    /// <summary>Prompts of different lengths, of which all is seen; the second row is shorter than the first.</summary>
    [Fact]
    public void Recall_OfPromptsThatAnEncoderRead_EqualsTensorOperations()
    {
        using var _ = no_grad();
        var config = new ModelConfig
        {
            VocabularySize = 10,
            HiddenSize = 64,
            IntermediateSize = 64,
            Layers = 2,
            Heads = 4,
            KeyValueHeads = 4,
            HeadSize = 16,
            ContextTokens = 64,
        };
        List<CachedSequence> sequences =
        [
            .. new[] { 7, 3 }.Select(columns => new CachedSequence(config, ScalarType.Float32, CPU)
            {
                Prompt = randn([2, 2, 4, columns, 16]),
            }),
        ];
        var pass = CachedPass.Continue(
            sequences,
            [
                [1, 2],
                [3],
            ],
            64
        );
        var (queries, form) = (randn(2, 2, 4, 16), new ScoreForm(0.25));
        for (var layer = 0; layer < 2; layer++)
        {
            var (kernel, tensors) = (pass.Recall(layer, queries, form), pass.RecallByTensors(layer, queries, form));
            AssertClose(tensors[0], kernel[0]);
            AssertClose(tensors[1].narrow(0, 0, 1), kernel[1].narrow(0, 0, 1));
        }

        sequences.ForEach(sequence => sequence.Dispose());
    }

    private static void Fill(CachedPass pass, int layers)
    {
        pass.Reserve();
        for (var layer = 0; layer < layers; layer++)
        {
            pass.Store(layer, randn(2, pass.Width, 2, 16), randn(2, pass.Width, 2, 16));
        }

        pass.End();
    }

    private static Tensor Leaf(params long[] shape) => randn(shape).requires_grad_(true);

    private static void Compare(Tensor[] leaves, Func<Tensor> kernel, Func<Tensor> operations)
    {
        var (actual, actualGradients) = Run(leaves, kernel);
        var (expected, expectedGradients) = Run(leaves, operations);
        AssertClose(expected, actual);
        foreach (var (wanted, got) in expectedGradients.Zip(actualGradients))
        {
            AssertClose(wanted, got);
        }
    }

    private static (Tensor Value, List<Tensor> Gradients) Run(Tensor[] leaves, Func<Tensor> function)
    {
        foreach (var leaf in leaves)
        {
            leaf.grad?.zero_();
        }

        var value = function();
        (value * value.detach().sin()).sum().backward();
        return (value.detach().clone(), [.. leaves.Select(leaf => leaf.grad!.clone())]);
    }

    private static void AssertClose(Tensor expected, Tensor actual) =>
        Assert.True((expected - actual).abs().max().item<float>() < 2e-5 * (1 + expected.abs().max().item<float>()));
}
