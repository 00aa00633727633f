using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>What changes how a step is computed must not change what it computes.</summary>
public sealed class TrainerTests
{
    private const int Padding = 0;
    private static readonly int[] s_lengths = [9, 4, 7, 12, 5, 3, 8, 6];

    [Fact]
    public void Step_Packed_LearnsTheSame() => AssertSameStep(Settings(), Settings() with { PackTokens = 24 });

    [Fact]
    public void Step_Checkpointed_LearnsTheSame() => AssertSameStep(Settings(), Settings() with { Checkpointing = true });

    [Fact]
    public void Step_CheckpointedAndPacked_LearnsTheSame() =>
        AssertSameStep(Settings(), Settings() with { PackTokens = 24, Checkpointing = true });

    [Fact]
    public void Step_CheckpointedWithDropout_RepeatsItsRandomChoices()
    {
        var (first, second) = (
            Train(Settings() with { Checkpointing = true }, dropout: 0.5),
            Train(Settings() with { Checkpointing = true }, dropout: 0.5)
        );
        Assert.Equal(first.Result, second.Result);
        Assert.All(first.Weights.Zip(second.Weights), pair => Assert.True(pair.First.Equals(pair.Second)));
    }

    [Fact]
    public void Packed_ShortRows_FillFewSequences()
    {
        using var batch = Batch.Packed(Rows(), tokens: 24, Padding, CPU);
        Assert.Equal(3, batch.Ids.shape[0]);
        Assert.Equal(s_lengths.Sum(), batch.Tokens);
    }

    [Fact]
    public void Step_MemoryRunsOut_HalvesPassesAndLearnsTheSame()
    {
        var told = new List<int>();
        var (expected, actual) = (
            Train(Settings()),
            Train(Settings(), objective: model => new SmallMemory(model, maximumRows: 2), told: told)
        );
        Assert.Equal([4, 2], told);
        Assert.Equal(expected.Result.Loss, actual.Result.Loss, 1e-5);
        Assert.All(expected.Weights.Zip(actual.Weights), pair => Assert.True(pair.First.allclose(pair.Second, 1e-4, 1e-6)));
    }

    [Fact]
    public void Step_NotEvenOneRowFits_FailsAsOutOfMemory() =>
        Assert.True(
            OutOfMemory.Caused(
                Assert.ThrowsAny<Exception>(() => Train(Settings(), objective: model => new SmallMemory(model, maximumRows: 0)))
            )
        );

    [Fact]
    public void Step_WeightThatIsNoNumber_NamesItsLayer()
    {
        var model = Model();
        using (no_grad())
        {
            model.Parameters["model.layers.1.mlp.up_proj.weight"].fill_(double.NaN);
        }

        var failure = Assert.Throws<DivergedException>(() => Train(Settings(), model: model));
        Assert.Equal((1, "layer 2 of 2"), (failure.Step, failure.Where));
    }

    private static void AssertSameStep(TrainerSettings one, TrainerSettings other)
    {
        var (expected, actual) = (Train(one), Train(other));
        Assert.Equal(expected.Result.Loss, actual.Result.Loss, 1e-5);
        Assert.Equal(expected.Result.GradientNorm, actual.Result.GradientNorm, 1e-4);
        Assert.Equal(expected.Result.Tokens, actual.Result.Tokens);
        Assert.All(expected.Weights.Zip(actual.Weights), pair => Assert.True(pair.First.allclose(pair.Second, 1e-3, 1e-5)));
    }

    private static (StepResult Result, List<Tensor> Weights) Train(
        TrainerSettings settings,
        double dropout = 0,
        Func<CausalLM, IObjective>? objective = null,
        List<int>? told = null,
        CausalLM? model = null
    )
    {
        model ??= Model();
        var method = new MethodSpec
        {
            Rank = 4,
            Alpha = 8,
            Dropout = dropout,
            Targets = MethodSpec.AllLinear,
        };
        var adapter = LoraAdapter.Create(model, method, seed: 2);
        adapter.Attach(model);
        var parameters = adapter.Parameters();
        var trainer = new Trainer(
            model,
            parameters,
            new AdamW(parameters, new AdamWSettings(0.01)),
            settings,
            objective?.Invoke(model) ?? new AnswerObjective(model)
        );
        trainer.PassesShrank += rows => told?.Add(rows);
        trainer.Step(1, [Rows()], learningRate: 1e-2);
        return (trainer.Step(2, [Rows()], learningRate: 1e-2), [.. parameters.Select(parameter => parameter.Tensor.detach().clone())]);
    }

    private static TrainerSettings Settings() => new(Seed: 1, MaxGradientNorm: 0, Padding);

    private static CausalLM Model() => ModelStore.Create(TinyModel.Config(vocabulary: 64), ScalarType.Float32, seed: 1);

    private static List<TokenRow> Rows() =>
        [
            .. s_lengths.Select(
                (length, row) =>
                    new TokenRow(
                        $"{row}",
                        [.. Enumerable.Range(0, length).Select(i => 1 + (((row * 7) + (i * 5)) % 60))],
                        AnswerStart: length / 2
                    )
            ),
        ];

    private sealed class SmallMemory(CausalLM model, int maximumRows) : IObjective
    {
        public double Count(TokenRow row) => row.LearnedTokens;

        public Tensor Share(Batch batch, double divisor) =>
            batch.Ids.shape[0] > maximumRows
                ? empty([1L << 50]) // four petabytes: the library's own refusal
                : new AnswerObjective(model).Share(batch, divisor);
    }
}
