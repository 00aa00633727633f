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
        List<TrainedParameter> parameters =
        [
            .. updates.SelectMany(pair => pair.Value.Tensors.Select(part => TrainedParameter.Of(pair.Key + part.Key, part.Value))),
        ];
        var optimizer = new AdaLoraOptimizer(
            new AdamW(parameters, new AdamWSettings(0)),
            updates,
            new AdaLoraBudget(2 * Rank, 2 * 4, TotalSteps: 20)
        );
        for (var step = 0; step < 20; step++)
        {
            LossOf(updates).backward();
            optimizer.Step(0.01);
        }

        Assert.Equal(8, updates.Values.Sum(update => (int)update.Singular.count_nonzero().item<long>()));
        // ranks go where the loss asks for them
        Assert.True(updates["wide"].Singular.count_nonzero().item<long>() > updates["idle"].Singular.count_nonzero().item<long>());
    }

    [Fact]
    public void AddPenalties_Orthogonality_HasTheGradientOfItsFormula()
    {
        var updates = Updates();
        foreach (var (_, tensor) in updates.Values.SelectMany(update => update.Tensors))
        {
            (tensor * 0).sum().backward();
        }

        new AdaLoraOptimizer(new Idle(), updates, new AdaLoraBudget(12, 8, 100)).AddPenalties();
        var p = updates["wide"].P.detach().clone().requires_grad_();
        ((p.t().matmul(p) - eye(Rank)).norm() * 0.5 / 4).backward(); // γ = 0.5, over two matrices of two maps
        Assert.True(p.grad!.allclose(updates["wide"].P.grad!, 1e-4, 1e-6));
    }

    /// <summary>
    /// As in peft the penalty is part of the loss: the norm that is shown counts it, and what the weights get is clipped with it.
    /// </summary>
    [Fact]
    public void Step_Clipped_CountsOrthogonality()
    {
        const double Most = 0.005;
        var model = Models.ModelStore.Create(TinyModel.Config(vocabulary: 32), ScalarType.Float32, seed: 5);
        var method = new WebTrainer.Protocol.MethodSpec
        {
            Method = WebTrainer.Protocol.TuningMethod.AdaLoRA,
            Rank = Rank,
            Targets = WebTrainer.Protocol.MethodSpec.AllLinear,
        };
        var adapter = LoraAdapter.Create(model, method, seed: 1);
        adapter.Attach(model);
        var parameters = adapter.Parameters();
        var updates = adapter.Updates.ToDictionary(pair => pair.Key, pair => (AdaLoraUpdate)pair.Value);
        var seen = new Seen(parameters);
        var optimizer = new AdaLoraOptimizer(seen, updates, new AdaLoraBudget(updates.Count * adapter.Config.Rank, updates.Count * 2, 100));
        var trainer = new Trainer(
            model,
            parameters,
            optimizer,
            new TrainerSettings(Seed: 1, MaxGradientNorm: Most, PaddingId: 0),
            new AnswerObjective(model)
        );
        Batching.TokenRow row = new("", [1, 2, 3, 4, 5, 6], 3);
        var shown = trainer
            .Step(
                1,
                [
                    [row],
                ],
                0.1
            )
            .GradientNorm;
        // Singular values begin at zero, so that the rows' loss has no gradient in P and Q: all of theirs is the penalty's.
        var penalty = 0.0;
        foreach (var update in updates.Values)
        {
            foreach (var matrix in new[] { update.P, update.Q.t() })
            {
                var copy = matrix.detach().clone().requires_grad_();
                ((copy.t().matmul(copy) - eye(copy.shape[1])).norm() * 0.5 / (2 * updates.Count)).backward();
                penalty += copy.grad!.square().sum().item<float>();
            }
        }

        Assert.True(penalty > Most * Most, "the case would show nothing");
        Assert.True(shown >= Math.Sqrt(penalty) * 0.999, $"{shown} against {Math.Sqrt(penalty)}");
        Assert.Equal(Most, seen.Norm, 1e-5);
    }

    /// <summary>The norm of what an optimiser gets to see.</summary>
    private sealed class Seen(IReadOnlyList<TrainedParameter> parameters) : IOptimizer
    {
        public double Norm { get; private set; }

        public IReadOnlyDictionary<string, Tensor> State => new Dictionary<string, Tensor>();

        public int Updates => 1;

        public void Step(double learningRate) =>
            Norm = Math.Sqrt(
                parameters.Sum(parameter => parameter.Tensor.grad is { } gradient ? gradient.square().sum().item<float>() : 0.0)
            );

        public void Restore(IReadOnlyDictionary<string, Tensor> state, int updates) { }
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

        public void Step(double learningRate) { }

        public void Restore(IReadOnlyDictionary<string, Tensor> state, int updates) { }
    }
}
