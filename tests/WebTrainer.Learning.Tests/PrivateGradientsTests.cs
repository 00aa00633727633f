using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Privacy;
using WebTrainer.Learning.Quantization;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>Clipped sums against a plain loop over the units, each with a backward pass of its own.</summary>
public sealed class PrivateGradientsTests : IDisposable
{
    private const double Tolerance = 1e-5;
    private static readonly int[] s_lengths = [9, 4, 17, 12, 5, 3, 8, 6, 21];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("layers", 1e-3, 1, false)]
    [InlineData("layers", 1e3, 1, false)] // nothing is shortened
    [InlineData("everything", 0.3, 1, false)]
    [InlineData("everything", 0.3, 3, false)] // three rows are one unit
    [InlineData("everything", 0.3, 2, true)]
    [InlineData("layers", 0.3, 1, true)]
    [InlineData("dora", 0.3, 2, false)]
    [InlineData("dora", 1e3, 1, true)]
    [InlineData("qlora", 0.3, 1, false)]
    public void Step_OfADecoder_SumsWhatAPlainLoopSums(string targets, double clipNorm, int rowsOfUnit, bool checkpointing)
    {
        var model = ModelStore.Create(TinyModel.Config(vocabulary: 64), ScalarType.Float32, seed: 1);
        model = targets == "qlora" ? WeightPacking.Pack(model, WeightPrecision.FourBits) : model;
        var adapter = LoraAdapter.Create(model, Method(targets), seed: 2);
        Shake(adapter);
        AssertSums(model, adapter, adapter.Parameters(), new AnswerObjective(model), Rows(), clipNorm, rowsOfUnit, checkpointing);
    }

    [Theory]
    [InlineData(true, 0.05)]
    [InlineData(true, 1e3)]
    [InlineData(false, 0.5)]
    public void Step_OfAClassifier_SumsWhatAPlainLoopSums(bool withAdapter, double clipNorm)
    {
        var folder = new TinyBert().Write(_folder.File("bert"));
        var head = new HeadConfig { Labels = ["a", "b", "c"] };
        var model = ModelStore.LoadClassifier(
            folder,
            head,
            ScalarType.Float32,
            ScalarType.Float32,
            CPU,
            WeightPrecision.Full,
            seed: 3,
            TestContext.Current.CancellationToken
        );
        var adapter = withAdapter ? LoraAdapter.Create(model, Method("linear"), seed: 2) : null;
        if (adapter is not null)
        {
            Shake(adapter);
        }

        var loss = new ClassificationLoss(ClassificationKind.OneLabel, 3);
        List<TrainedParameter> parameters = [.. adapter?.Parameters() ?? [], .. TrainedParameter.All(model.HeadParameters)];
        var rows = Rows(vocabulary: 20).Select((row, i) => row with { Target = RowTarget.Of(i % 3) }).ToList();
        AssertSums(model, adapter, parameters, new ClassifierObjective(model, loss), rows, clipNorm, rowsOfUnit: 1, checkpointing: false);
    }

    [Fact]
    public void Step_ThatTakesNobody_HasNoiseOfTheRightSize()
    {
        var model = ModelStore.Create(TinyModel.Config(vocabulary: 64), ScalarType.Float32, seed: 1);
        var adapter = LoraAdapter.Create(model, Method("layers"), seed: 2);
        var parameters = adapter.Parameters();
        foreach (
            var random in (PrivateRandom[])[PrivateRandom.OfSeed(5), PrivateRandom.OfKey([.. Enumerable.Range(0, 32).Select(i => (byte)i)])]
        )
        {
            adapter.Attach(model);
            var seen = Step(model, parameters, new AnswerObjective(model), [], new PrivateStep(2, 3, 4), random, row => row.Id, false);
            adapter.Attach(model);
            var again = Step(model, parameters, new AnswerObjective(model), [], new PrivateStep(2, 3, 4), random, row => row.Id, false);
            Assert.Equal(seen.SelectMany(Numbers), again.SelectMany(Numbers)); // a step that is done again has the same noise
            double[] noise = [.. seen.SelectMany(Numbers).Select(value => (double)value)];
            Assert.InRange(noise.Average(), -4 * 1.5 / Math.Sqrt(noise.Length), 4 * 1.5 / Math.Sqrt(noise.Length));
            Assert.InRange(Math.Sqrt(noise.Average(value => value * value)), 1.5 * 0.97, 1.5 * 1.03); // σ·C / L
            Assert.InRange(noise.Average(value => Math.Pow(value / 1.5, 4)), 2.7, 3.3); // as of a normal distribution
        }
    }

    [Fact]
    public void Attach_ToWhatHasNoGradientsOfRows_IsRefused()
    {
        var model = ModelStore.Create(TinyModel.Config(vocabulary: 64), ScalarType.Float32, seed: 1);
        var adapter = LoraAdapter.Create(model, Method("layers") with { Method = TuningMethod.AdaLoRA }, seed: 2);
        adapter.Attach(model);
        Assert.Contains(
            "choose LoRA",
            Assert
                .Throws<ModelFileException>(() =>
                    PrivateGradients.Attach(model, adapter.Parameters(), new(1, 1, 1), PrivateRandom.OfSeed(1), row => row.Id)
                )
                .Message,
            StringComparison.Ordinal
        );
    }

    private static void AssertSums(
        ITunable model,
        LoraAdapter? adapter,
        List<TrainedParameter> parameters,
        IObjective objective,
        List<TokenRow> rows,
        double clipNorm,
        int rowsOfUnit,
        bool checkpointing
    )
    {
        var units = rows.Chunk(rowsOfUnit).ToList();
        var unitOf = units.SelectMany((unit, number) => unit.Select(row => (row.Id, number))).ToDictionary(p => p.Id, p => $"{p.number}");
        adapter?.Attach(model);
        var expected = PlainLoop(model, parameters, objective, units, clipNorm);
        adapter?.Attach(model);
        var passes = PoissonSource.Passes(units, mostRows: 4);
        Assert.True(passes.Count > 1);
        var sums = Step(
            model,
            parameters,
            objective,
            passes,
            new PrivateStep(clipNorm, NoiseMultiplier: 0, ExpectedUnits: 1),
            PrivateRandom.OfSeed(1),
            row => unitOf[row.Id],
            checkpointing
        );
        foreach (var (parameter, wanted, sum) in parameters.Zip(expected, sums))
        {
            var (off, size) = ((wanted - sum).norm().item<float>(), wanted.norm().item<float>());
            Assert.True(off <= Tolerance * size, $"{parameter.Name}: off by {off} of {size}");
        }

        var all = Math.Sqrt(expected.Sum(tensor => Math.Pow(tensor.norm().item<float>(), 2)));
        Assert.InRange(all, 1e-9, units.Count * clipNorm * (1 + 1e-4));
    }

    /// <summary>Gradient of each unit's mean loss, shortened, added up.</summary>
    private static List<Tensor> PlainLoop(
        ITunable model,
        List<TrainedParameter> parameters,
        IObjective objective,
        List<TokenRow[]> units,
        double clipNorm
    )
    {
        model.Training = true;
        List<Tensor> sums = [.. parameters.Select(parameter => zeros_like(parameter.Tensor, requires_grad: false))];
        foreach (var unit in units)
        {
            Clear(parameters);
            using var batch = Batch.Of(unit, paddingId: 0, CPU);
            objective.Share(batch, unit.Sum(objective.Count)).backward();
            var norm = Math.Sqrt(parameters.Sum(parameter => Math.Pow(parameter.Tensor.grad?.norm().item<float>() ?? 0, 2)));
            foreach (var (sum, parameter) in sums.Zip(parameters))
            {
                sum.add_(parameter.Tensor.grad! * Math.Min(1, clipNorm / norm));
            }
        }

        Clear(parameters);
        return sums;
    }

    private static List<Tensor> Step(
        ITunable model,
        List<TrainedParameter> parameters,
        IObjective objective,
        IReadOnlyList<IReadOnlyList<TokenRow>> passes,
        PrivateStep step,
        PrivateRandom random,
        Func<TokenRow, string> unitOf,
        bool checkpointing
    )
    {
        var privacy = PrivateGradients.Attach(model, parameters, step, random, unitOf);
        var seen = new GradientKeeper(parameters);
        var settings = new TrainerSettings(Seed: 1, MaxGradientNorm: 0, PaddingId: 0, Checkpointing: checkpointing);
        new Trainer(model, parameters, seen, settings, objective, privacy).Step(1, passes, learningRate: 1);
        return seen.Gradients;
    }

    private static void Clear(List<TrainedParameter> parameters)
    {
        foreach (var (_, tensor, _) in parameters)
        {
            tensor.grad?.zero_();
        }
    }

    private static MethodSpec Method(string targets) =>
        new()
        {
            Method = targets == "dora" ? TuningMethod.DoRA : TuningMethod.LoRA,
            Rank = 4,
            Alpha = 8,
            Targets = targets switch
            {
                "layers" or "dora" or "qlora" => MethodSpec.AllLinear,
                "linear" => [MethodSpec.AllLinearName],
                _ => MethodSpec.Everything,
            },
        };

    /// <summary>A fresh adapter has a factor of zeros, behind which gradients are zero too.</summary>
    private static void Shake(LoraAdapter adapter)
    {
        using var _ = no_grad();
        manual_seed(7);
        foreach (var tensor in adapter.Updates.Values.SelectMany(update => update.Tensors).Select(pair => pair.Value))
        {
            tensor.add_(randn_like(tensor) * 0.05);
        }
    }

    private static float[] Numbers(Tensor tensor) => tensor.data<float>().ToArray();

    private static List<TokenRow> Rows(int vocabulary = 60) =>
        [
            .. s_lengths.Select(
                (length, row) =>
                    new TokenRow(
                        $"{row}",
                        [.. Enumerable.Range(0, length).Select(i => 1 + (((row * 7) + (i * i * 5)) % (vocabulary - 1)))],
                        AnswerStart: Math.Max(1, length / 2)
                    )
            ),
        ];

    private sealed class GradientKeeper(List<TrainedParameter> parameters) : IOptimizer
    {
        public List<Tensor> Gradients { get; } = [];

        public IReadOnlyDictionary<string, Tensor> State { get; } = new Dictionary<string, Tensor>();

        public int Updates => 0;

        public void Step(double learningRate) => Gradients.AddRange(parameters.Select(parameter => parameter.Tensor.grad!.clone()));

        public void Restore(IReadOnlyDictionary<string, Tensor> state, int updates) { }
    }
}
