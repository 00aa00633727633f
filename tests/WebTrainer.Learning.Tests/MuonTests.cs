using TorchSharp;
using WebTrainer.Learning.Training;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

public sealed class MuonTests
{
    [Theory]
    [InlineData(24, 24)]
    [InlineData(64, 16)]
    [InlineData(16, 64)]
    public void Orthogonal_KeepsTheDirectionsAndLevelsTheirSizes(int rows, int columns)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(3);
        var (u, _, vt) = linalg.svd(randn(rows, columns), fullMatrices: false);
        var matrix = (u * linspace(0.1, 1, Math.Min(rows, columns))).matmul(vt);
        var result = Muon.Orthogonal(matrix);
        var inTheSameBasis = u.t().matmul(result).matmul(vt.t()); // [short, short], diagonal
        var sizes = inTheSameBasis.diagonal();
        Assert.InRange(sizes.min().item<float>(), 0.6f, 1.3f);
        Assert.InRange(sizes.max().item<float>(), 0.6f, 1.3f);
        Assert.True((inTheSameBasis - diag(sizes)).abs().max().item<float>() < 0.1f);
    }

    [Fact]
    public void Step_GoesOnAfterRestore_AsIfUnbroken()
    {
        using var scope = NewDisposeScope();
        var (whole, broken) = (Start(), Start());
        var optimizer = Optimizer(whole);
        Train(whole, optimizer, 4);

        var first = Optimizer(broken);
        Train(broken, first, 2);
        var second = Optimizer(broken);
        second.Restore(first.State, first.Updates);
        Train(broken, second, 2);
        Assert.Equal(4, second.Updates);
        Assert.Equal(whole[0].Tensor.data<float>().ToArray(), broken[0].Tensor.data<float>().ToArray());
        Assert.Equal(whole[1].Tensor.data<float>().ToArray(), broken[1].Tensor.data<float>().ToArray());
    }

    [Fact]
    public void Step_BringsALossDown()
    {
        using var scope = NewDisposeScope();
        var parameters = Start();
        var before = Loss(parameters).item<float>();
        Train(parameters, Optimizer(parameters), 30);
        Assert.True(Loss(parameters).item<float>() < before / 2);
    }

    private static IReadOnlyList<TrainedParameter> Start()
    {
        random.manual_seed(5);
        return
        [
            TrainedParameter.Of("layers.0.map", randn(8, 8, requires_grad: true)),
            TrainedParameter.Of("gain", ones(8, requires_grad: true)),
        ];
    }

    private static JointOptimizer Optimizer(IReadOnlyList<TrainedParameter> parameters) =>
        new(new Muon([parameters[0]], new MuonSettings(0.1)), new AdamW([parameters[1]], new AdamWSettings(0)));

    private static Tensor Loss(IReadOnlyList<TrainedParameter> parameters) =>
        (parameters[0].Tensor.matmul(parameters[1].Tensor) - 1).square().mean();

    private static void Train(IReadOnlyList<TrainedParameter> parameters, JointOptimizer optimizer, int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            Loss(parameters).backward();
            optimizer.Step(0.1);
            foreach (var parameter in parameters)
            {
                parameter.Tensor.grad!.zero_();
            }
        }
    }
}
