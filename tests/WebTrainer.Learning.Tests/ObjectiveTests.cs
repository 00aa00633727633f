using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

[Trait("Category", "Slow")]
public sealed class ObjectiveTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Preferences_Loss_IsTheFormulaOfThePaper()
    {
        using var scope = NewDisposeScope();
        var model = Model(seed: 1);
        var adapter = Adapter(model);
        List<TokenRow> pairs = [Pair([1, 2, 3, 4], [1, 2, 5, 6, 7]), Pair([8, 9, 10], [8, 9, 11])];
        var objective = new PairObjective(model, adapter, new ObjectiveSpec { Beta = 0.3 });
        var expected = 0.0;
        foreach (var pair in pairs)
        {
            adapter.Attach(model);
            var (chosen, rejected) = (LogLikelihood(model, pair), LogLikelihood(model, pair.Rejected!));
            LoraAdapter.Detach(model);
            var margin = 0.3 * (chosen - LogLikelihood(model, pair) - (rejected - LogLikelihood(model, pair.Rejected!)));
            expected += Math.Log(1 + Math.Exp(-margin)) / pairs.Count;
        }

        adapter.Attach(model);
        using var batch = Batch.Of(objective.Sequences(pairs), paddingId: 0, CPU);
        Assert.Equal(expected, objective.Share(batch, pairs.Sum(objective.Count)).item<float>(), 1e-5);
        Assert.NotEqual(Math.Log(2), expected, 1e-3);
    }

    [Fact]
    public void Preferences_OfAFreshAdapter_LoseLog2() => Assert.Equal(Math.Log(2), TrainedPreferences(steps: 0).Loss, 1e-5);

    [Fact]
    public void Preferences_Training_PrefersTheChosen()
    {
        var (loss, accuracy) = TrainedPreferences(steps: 30);
        Assert.True(loss < 0.3, $"The loss is {loss}.");
        Assert.Equal(1, accuracy);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    public void Answers_Smoothed_LoseWhatTorchSaysOfTheSameScores(double smoothing)
    {
        using var scope = NewDisposeScope();
        var model = Model(seed: 1);
        using var batch = Batch.Of([new TokenRow("r", [1, 2, 3, 4, 5], 2), new TokenRow("s", [9, 8, 7], 1)], paddingId: 0, CPU);
        var expected =
            nn.functional.cross_entropy(
                    AnswerLoss.LearnedLogits(model, batch),
                    batch.Targets,
                    reduction: nn.Reduction.Sum,
                    label_smoothing: smoothing
                )
                .item<float>() / batch.LearnedTokens;
        Assert.Equal(expected, new AnswerObjective(model, smoothing).Share(batch, batch.LearnedTokens).item<float>(), 1e-5);
        Assert.NotEqual(AnswerLoss.Share(model, batch, batch.LearnedTokens).item<float>(), expected, 1e-3);
    }

    [Fact]
    public void Distillation_FromItself_HasNoDivergence()
    {
        using var scope = NewDisposeScope();
        var model = Model(seed: 1);
        using var batch = Batch.Of([new TokenRow("r", [1, 2, 3, 4, 5], 2)], paddingId: 0, CPU);
        Assert.Equal(0, new DistillationObjective(model, model, temperature: 2, share: 1).Share(batch, 3).item<float>(), 1e-5);
        Assert.Equal(
            AnswerLoss.Share(model, batch, 3).item<float>() / 2,
            new DistillationObjective(model, model, temperature: 2, share: 0.5).Share(batch, 3).item<float>(),
            1e-5
        );
    }

    [Fact]
    public void Distillation_Loss_IsTheFormulaOfThePaper()
    {
        using var scope = NewDisposeScope();
        var (student, teacher) = (Model(seed: 1), Model(seed: 2));
        using var batch = Batch.Of([new TokenRow("r", [1, 2, 3, 4, 5], 4)], paddingId: 0, CPU);
        double[] P(CausalLM model) => Softmax(model.Logits(model.Forward(batch.Ids))[0, 3].data<float>().Select(score => score / 3.0));
        var expected = 9 * P(teacher).Zip(P(student), (p, q) => p * Math.Log(p / q)).Sum();
        Assert.Equal(expected, new DistillationObjective(student, teacher, temperature: 3, share: 1).Share(batch, 1).item<float>(), 1e-4);
    }

    [Theory]
    [InlineData(ObjectiveKind.Preferences)]
    [InlineData(ObjectiveKind.Text)]
    [InlineData(ObjectiveKind.Distillation)]
    public void Run_WithEachObjective_Completes(ObjectiveKind kind)
    {
        var rows = TinyModel
            .Rows(24)
            .Select((row, i) => row with { Rejected = kind == ObjectiveKind.Preferences ? TinyModel.Labels[(i + 1) % 4] : null })
            .ToList();
        var spec = TinyModel.Spec(_folder);
        spec = spec with
        {
            Objective = new ObjectiveSpec { Kind = kind, Teacher = kind == ObjectiveKind.Distillation ? spec.BaseModel : null },
            Data = new DatasetFiles
            {
                Train = TinyModel.WriteRows(_folder.File("pairs.jsonl"), rows),
                Validation = TinyModel.WriteRows(_folder.File("some.jsonl"), rows.Take(6)),
            },
        };
        var folder = new RunFolder(_folder.Path);
        using var events = new EventWriter(folder.Events);
        var state = new TrainJob(TestJobs.Context(folder, spec, events)).Run(TestContext.Current.CancellationToken);
        Assert.Equal(WorkerState.Completed, state);
        var validation = new EventReader(folder.Events).Read().Events.OfType<ValidationEvent>().Last();
        Assert.Equal(kind == ObjectiveKind.Preferences, validation.Accuracy is not null);
        Assert.True(double.IsFinite(validation.Loss));
    }

    [Fact]
    public void Kto_Training_WantsTheWanted()
    {
        using var scope = NewDisposeScope();
        var model = Model(seed: 1);
        var adapter = LoraAdapter.Create(model, new MethodSpec { Rank = 4, Alpha = 8 }, seed: 2);
        adapter.Attach(model);
        var objective = new KtoObjective(model, adapter, new ObjectiveSpec { Beta = 0.5 }, paddingId: 0);
        List<TokenRow> rows =
        [
            .. Enumerable.Range(0, 8).Select(i => new TokenRow("r", [i, 20, (i % 2 == 0 ? 30 : 40) + i], 2) { Wanted = i % 2 == 0 }),
        ];
        var parameters = adapter.Parameters();
        var trainer = new Trainer(model, parameters, new AdamW(parameters, new AdamWSettings(0)), new TrainerSettings(1, 1, 0), objective);
        var before = objective.Measure(rows, paddingId: 0, TestContext.Current.CancellationToken);
        Assert.Equal(0.5, before.Loss, 1e-5); // σ(0) of an adapter that changes nothing
        for (var step = 1; step <= 40; step++)
        {
            trainer.Step(step, [rows[..5], rows[5..]], learningRate: 1e-2);
        }

        var (loss, accuracy) = objective.Measure(rows, paddingId: 0, TestContext.Current.CancellationToken);
        Assert.True(loss < 0.35, $"The loss is {loss}.");
        Assert.Equal(1, accuracy);
    }

    /// <summary>How rows are spread over passes changes nothing.</summary>
    [Theory]
    [InlineData(PreferenceLoss.Kto)]
    [InlineData(PreferenceLoss.Orpo)]
    public void LossOfAStep_IsThatOfItsPassesTogether(PreferenceLoss loss)
    {
        using var scope = NewDisposeScope();
        var model = Model(seed: 1);
        var adapter = Adapter(model);
        adapter.Attach(model);
        var objective = PreferenceObjective.Of(new ObjectiveSpec { Loss = loss }, model, adapter, paddingId: 0);
        List<TokenRow> rows =
        [
            .. Enumerable.Range(0, 5).Select(i => Pair([i, 2, .. Enumerable.Range(9, i + 2)], [i, 2, 31, 32]) with { Wanted = i % 2 == 0 }),
        ];
        float Of(params TokenRow[][] passes)
        {
            objective.Begin(passes);
            return passes.Sum(pass =>
            {
                using var batch = Batch.Of(objective.Sequences(pass), paddingId: 0, CPU);
                return objective.Share(batch, rows.Count).item<float>();
            });
        }

        Assert.Equal(Of([.. rows]), Of([.. rows[..2]], [.. rows[2..]]), 1e-5f);
    }

    [Fact]
    public void Kto_MeasuresByAnswersOfOtherPrompts_NoLongerThanTheLongerRow()
    {
        var mismatch = KtoObjective.Mismatch(new("a", [1, 2, 3, 4], 3), new("b", [5, 6, 7], 1));
        Assert.Equal([2, 3, 6, 7], mismatch.Tokens);
        Assert.Equal(2, mismatch.AnswerStart);
    }

    [Theory]
    [InlineData(PreferenceLoss.Kto, "no mark", "doesn't say whether its answer is wanted")]
    [InlineData(PreferenceLoss.Kto, "wanted", "all 8 training rows are wanted")]
    [InlineData(PreferenceLoss.Dpo, "wanted", "Choose KTO")]
    [InlineData(PreferenceLoss.Dpo, "unwanted", "only KTO learns from such")]
    public void RowsThatDoNotSuitTheLoss_AreRefusedInASentence(PreferenceLoss loss, string rows, string words)
    {
        var spec = TinyModel.Spec(_folder);
        bool? mark = rows == "no mark" ? null : rows == "wanted";
        spec = spec with
        {
            Objective = new ObjectiveSpec { Kind = ObjectiveKind.Preferences, Loss = loss },
            Data = new DatasetFiles
            {
                Train = TinyModel.WriteRows(_folder.File("marked.jsonl"), TinyModel.Rows(8).Select(row => row with { Desired = mark })),
            },
        };
        Assert.Contains(
            words,
            Assert.Throws<DataException>(() => TrainingSetup.Create(spec, TestContext.Current.CancellationToken)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void UnwantedRows_AreNoAnswersToLearn()
    {
        var file = TinyModel.WriteRows(_folder.File("some.jsonl"), TinyModel.Rows(9).Select((row, i) => row with { Desired = i % 3 > 0 }));
        Assert.Equal(6, DatasetReader.ReadRows(file, TestContext.Current.CancellationToken).Count);
        Assert.Equal(9, DatasetReader.ReadRows(file, TestContext.Current.CancellationToken, unwanted: true).Count);
    }

    [Theory]
    [InlineData("untouched base")]
    [InlineData("Packing")]
    [InlineData("dropout")]
    [InlineData("teacher")]
    public void Run_WithWhatDoesNotGoTogether_IsRefusedInASentence(string word)
    {
        var spec = TinyModel.Spec(_folder) with { Objective = new ObjectiveSpec { Kind = ObjectiveKind.Preferences } };
        spec = word switch
        {
            "untouched base" => spec with { Method = new MethodSpec { Method = TuningMethod.Full } },
            "Packing" => spec with { Training = spec.Training with { Packing = true } },
            "dropout" => spec with { Training = spec.Training with { PromptDropout = 0.1 } },
            _ => spec with { Objective = new ObjectiveSpec { Kind = ObjectiveKind.Distillation } },
        };
        Assert.Contains(
            word,
            Assert.Throws<InvalidDataException>(() => TrainingSetup.Create(spec, TestContext.Current.CancellationToken)).Message,
            StringComparison.Ordinal
        );
    }

    private static (double Loss, double Accuracy) TrainedPreferences(int steps)
    {
        using var scope = NewDisposeScope();
        var model = Model(seed: 1);
        var adapter = LoraAdapter.Create(model, new MethodSpec { Rank = 4, Alpha = 8 }, seed: 2);
        adapter.Attach(model);
        var objective = new PairObjective(model, adapter, new ObjectiveSpec { Beta = 0.5 });
        List<TokenRow> pairs = [.. Enumerable.Range(0, 6).Select(i => Pair([i, 20, 30 + i], [i, 20, 40 + i]))];
        var parameters = adapter.Parameters();
        var trainer = new Trainer(model, parameters, new AdamW(parameters, new AdamWSettings(0)), new TrainerSettings(1, 1, 0), objective);
        for (var step = 1; step <= steps; step++)
        {
            trainer.Step(step, [pairs], learningRate: 1e-2);
        }

        return objective.Measure(pairs, paddingId: 0, TestContext.Current.CancellationToken);
    }

    private static TokenRow Pair(int[] chosen, int[] rejected) => new("p", chosen, 2) { Rejected = new("p", rejected, 2) };

    private static CausalLM Model(long seed) => ModelStore.Create(TinyModel.Config(64), ScalarType.Float32, seed);

    private static LoraAdapter Adapter(CausalLM model)
    {
        var adapter = LoraAdapter.Create(model, new MethodSpec { Rank = 4, Alpha = 8 }, seed: 2);
        using var _ = no_grad();
        manual_seed(5);
        foreach (var tensor in adapter.Updates.Values.SelectMany(update => update.Tensors).Select(pair => pair.Value))
        {
            tensor.normal_(0, 0.3);
        }

        return adapter;
    }

    private static double LogLikelihood(CausalLM model, TokenRow row)
    {
        using var batch = Batch.Of([row], paddingId: 0, CPU);
        return -AnswerLoss.Sum(model, batch).item<float>();
    }

    private static double[] Softmax(IEnumerable<double> scores)
    {
        var weights = scores.Select(Math.Exp).ToList();
        return [.. weights.Select(weight => weight / weights.Sum())];
    }
}
