using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Training;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

public sealed class AdaLoraTests
{
    private const int Rank = 6;

    [Fact]
    public void Budget_OverARun_FallsFromTheFirstToTheTarget()
    {
        var budget = new AdaLoraBudget(Initial: 60, Target: 40, TotalSteps: 100);
        int[] allowed = [.. Enumerable.Range(1, 100).Select(budget.At)];
        Assert.Equal((60, 40, 40), (allowed[9], allowed[69], allowed[99]));
        Assert.Equal(allowed.OrderDescending(), allowed);
        Assert.Equal(42, allowed[39]); // half of the way down: 40 + 20 · (1/2)³
    }

    [Fact]
    public void Step_OverARun_LeavesTheTargetsNumberOfSingularValues()
    {
        var updates = Updates();
        List<TrainedParameter> parameters = [.. updates.SelectMany(pair => pair.Value.Tensors.Select(part => TrainedParameter.Of(pair.Key + part.Key, part.Value)))];
        var optimizer = new AdaLoraOptimizer(new AdamW(parameters, new AdamWSettings(0)), updates, new AdaLoraBudget(2 * Rank, 2 * 4, TotalSteps: 20));
        for (var step = 0; step < 20; step++)
        {
            LossOf(updates).backward();
            optimizer.Step(0.01);
        }

        Assert.Equal(8, updates.Values.Sum(update => (int)update.Singular.count_nonzero().item<long>()));
        Assert.True(updates["wide"].Singular.count_nonzero().item<long>() > updates["idle"].Singular.count_nonzero().item<long>()); // ranks go where the loss asks for them
    }

    [Fact]
    public void Step_Orthogonality_HasTheGradientOfItsFormula()
    {
        var updates = Updates();
        foreach (var (_, tensor) in updates.Values.SelectMany(update => update.Tensors))
        {
            (tensor * 0).sum().backward();
        }

        new AdaLoraOptimizer(new Idle(), updates, new AdaLoraBudget(12, 8, 100)).Step(0.1);
        var p = updates["wide"].P.detach().clone().requires_grad_();
        ((p.t().matmul(p) - eye(Rank)).norm() * 0.5 / 4).backward(); // γ = 0.5, over two matrices of two maps
        Assert.True(p.grad!.allclose(updates["wide"].P.grad!, 1e-4, 1e-6));
    }

    private static Dictionary<string, AdaLoraUpdate> Updates()
    {
        var generator = new Generator(3);
        Tensor Make(long rows, long columns) => (randn([rows, columns], generator: generator) * 0.2).requires_grad_();
        AdaLoraUpdate One() => new(Make(Rank, 8), Make(10, Rank), Make(Rank, 1), Alpha: Rank, Dropout: 0);
        return new() { ["wide"] = One(), ["idle"] = One() };
    }

    /// <summary>Asks a change of every direction of one map, and next to none of the other.</summary>
    private static Tensor LossOf(Dictionary<string, AdaLoraUpdate> updates)
    {
        var (wide, idle) = (updates["wide"].Merge(zeros(10, 8)), updates["idle"].Merge(zeros(10, 8)));
        return (wide - eye(10, 8)).square().sum() + (idle.square().sum() * 1e-3);
    }

    private sealed class Idle : IOptimizer
    {
        public IReadOnlyDictionary<string, Tensor> State => new Dictionary<string, Tensor>();

        public int Updates => 1;

        public void Step(double learningRate)
        {
        }

        public void Restore(IReadOnlyDictionary<string, Tensor> state, int updates)
        {
        }
    }
}
