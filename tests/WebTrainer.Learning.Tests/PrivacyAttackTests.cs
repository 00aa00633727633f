using System.Text.Json;
using WebTrainer.Learning.Jobs;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Benchmarks;

namespace WebTrainer.Learning.Tests;

/// <summary>Labels that follow from nothing can only be learned by heart, and an attacker sees who did.</summary>
[Trait("Category", "Long")]
public sealed class PrivacyAttackTests : IDisposable
{
    private const int Rows = 400;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Membership_IsToldOfATrainingByHeart_AndNotAtAnEpsilonOfThree()
    {
        var random = new Random(4);
        string Word() => string.Concat(Enumerable.Range(0, 3).Select(_ => (char)('a' + random.Next(26))));
        List<DatasetRow> rows =
        [
            .. Enumerable
                .Range(0, 2 * Rows)
                .Select(i => new DatasetRow(
                    $"r{i}",
                    [new("user", string.Join(' ', Word(), Word())), new("assistant", TinyModel.Labels[random.Next(4)])]
                )),
        ];
        var spec = TinyModel.Spec(_folder);
        spec = spec with
        {
            Data = new DatasetFiles
            {
                Train = TinyModel.WriteRows(_folder.File("members.jsonl"), rows[..Rows]),
                Test = TinyModel.WriteRows(_folder.File("others.jsonl"), rows[Rows..]),
                Labels = TinyModel.Labels,
            },
            Method = new MethodSpec
            {
                Rank = 16,
                Alpha = 32,
                Targets = MethodSpec.Everything,
            },
            Training = new TrainingSettings
            {
                LearningRate = 1e-3,
                MicroBatch = 20,
                Epochs = 100,
                CheckpointEverySteps = 0,
                ContextTokens = 64,
                Samples = 0,
            },
        };
        var (open, own) = (Attack("open", spec), Attack("private", spec with { Privacy = new PrivacySpec { Epsilon = 3 } }));
        Assert.True(open > 0.6, $"AUC without privacy: {open}");
        Assert.True(own < 0.55, $"AUC at an epsilon of 3: {own}");
    }

    private double Attack(string name, TrainSpec spec)
    {
        var folder = new RunFolder(_folder.File(name));
        Directory.CreateDirectory(folder.Root);
        using (var events = new EventWriter(folder.Events))
        {
            Assert.Equal(
                WorkerState.Completed,
                new TrainJob(TestJobs.Context(folder, spec, events)).Run(TestContext.Current.CancellationToken)
            );
            var evaluation = new EvaluationSpec
            {
                Adapters = [new("mine", folder.Adapter)],
                Benchmarks = [new() { Kind = BenchmarkKind.Membership, Name = "membership" }],
            };
            new EvaluateJob(TestJobs.Context(folder, spec.Evaluating(evaluation), events)).Run(TestContext.Current.CancellationToken);
        }

        var report = JsonSerializer.Deserialize<EvaluationReport>(File.ReadAllText(folder.Report), ProtocolJson.Document)!.Benchmarks[0];
        Assert.Null(report.Refusal);
        double Auc(string model) =>
            report.Models.Single(figures => figures.Model == model).Metrics.Single(metric => metric.Name == MembershipBenchmark.Area).Value;
        Assert.InRange(Auc("base"), 0.45, 0.55); // the base has seen neither
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {Auc("mine")}");
        return Auc("mine");
    }
}
