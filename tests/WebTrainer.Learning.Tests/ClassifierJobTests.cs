using System.Globalization;
using System.Text.Json;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Tests;

/// <summary>An encoder learns labels: from run folder to result, evaluation and whole model.</summary>
[Trait("Category", "Slow")]
public sealed class ClassifierJobTests : IDisposable
{
    private static readonly string[] s_labels = ["card", "money", "weather"];
    private static readonly TinyBert s_bert = new()
    {
        Words =
        [
            "where",
            "is",
            "my",
            "card",
            "send",
            "money",
            "abroad",
            "the",
            "weather",
            "lisbon",
            "june",
            "in",
            "lost",
            "today",
            "please",
        ],
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(TuningMethod.LoRA)]
    [InlineData(TuningMethod.DoRA)]
    [InlineData(TuningMethod.QLoRA)]
    [InlineData(TuningMethod.AdaLoRA)]
    [InlineData(TuningMethod.Full)]
    [InlineData(TuningMethod.Head)]
    public void Train_EveryMethod_LearnsToTellLabelsApart(TuningMethod method)
    {
        var run = Run("run", Spec(method));
        var last = Events(run).OfType<ValidationEvent>().Last();
        Assert.True(last.Accuracy == 1, $"{method}: {last.Accuracy} right at a loss of {last.Loss}.");
        var file = ClassifierFile.Find(run.Adapter)!;
        Assert.Equal(s_labels, file.Classifier.Labels);
    }

    [Theory]
    [InlineData(TuningMethod.LoRA)]
    [InlineData(TuningMethod.Full)]
    public void Train_KilledAndResumed_IsBitEqualToTheUnbrokenRun(TuningMethod method)
    {
        var spec = Spec(method);
        spec = spec with { Training = spec.Training with { CheckpointEverySteps = 2 } };
        var unbroken = Run("unbroken", spec);
        var broken = new RunFolder(_folder.File("broken"));
        Directory.CreateDirectory(broken.Root);
        using (var ending = new CancellationTokenSource())
        {
            var checkpoint = Path.Combine(broken.Checkpoints, "step-00000004");
            using var events = new EventWriter(broken.Events, new EndingClock(() => Directory.Exists(checkpoint), ending));
            Assert.ThrowsAny<OperationCanceledException>(() => new TrainJob(TestJobs.Context(broken, spec, events)).Run(ending.Token));
        }

        Start(broken, spec);
        var name = method == TuningMethod.Full ? "model.safetensors" : "adapter_model.safetensors";
        Assert.Equal(File.ReadAllBytes(Path.Combine(unbroken.Adapter, name)), File.ReadAllBytes(Path.Combine(broken.Adapter, name)));
    }

    [Fact]
    public void Train_RateThatBreaksTheLayers_BeginsAgainWithAGentlerOne_AndLearns()
    {
        var run = Run("run", Breaking());
        Assert.Contains(
            Events(run).OfType<LogEvent>(),
            log => log.Message.Contains("fell back to giving all rows the same answer", StringComparison.Ordinal)
        );
        Assert.Equal(1, Events(run).OfType<ValidationEvent>().Last().Accuracy);
    }

    [Fact]
    public void Train_KilledAfterItBeganAgain_GoesOnWithTheGentlerRate()
    {
        var unbroken = Run("unbroken", Breaking());
        var steps = Events(unbroken).OfType<StepEvent>().ToList();
        var firstAgain = steps.FindLastIndex(step => step.Step == 1);
        Assert.True(firstAgain > 0);

        // The last checkpoint is all that a killed worker leaves; the run from it is that of the unbroken one.
        File.Delete(Path.Combine(unbroken.Adapter, "adapter_model.safetensors"));
        var last = Directory.GetDirectories(unbroken.Checkpoints).Max()!;
        Directory.Delete(last, recursive: true);
        Start(unbroken, Breaking());
        var again = Events(unbroken).OfType<StepEvent>().Skip(steps.Count).ToList();
        Assert.NotEmpty(again);
        Assert.All(
            again,
            step =>
                Assert.Equal(
                    steps.Skip(firstAgain).Single(s => s.Step == step.Step),
                    step with
                    {
                        TokensPerSecond = 0,
                        MemoryBytes = 0,
                        SecondsLeft = 0,
                    },
                    SameCourse
                )
        );
    }

    private static bool SameCourse(StepEvent one, StepEvent other) =>
        (one.Loss, one.LearningRate, one.GradientNorm) == (other.Loss, other.LearningRate, other.GradientNorm);

    /// <summary>Learns while the rate rises, and breaks when it is high.</summary>
    private TrainSpec Breaking()
    {
        var spec = Spec(TuningMethod.Full);
        return spec with { Training = spec.Training with { LearningRate = 0.1, WarmupShare = 0.5, Epochs = 40 } };
    }

    [Fact]
    public void Train_ConstantInstruction_IsNotRead()
    {
        var run = Run("run", Spec(TuningMethod.LoRA, instruction: "Name the topic of this message, please: one of many."));
        Assert.Equal("Name the topic of this message, please: one of many.\n\n", ClassifierFile.Find(run.Adapter)!.Input.Opening);
        Assert.Equal(1, Events(run).OfType<ValidationEvent>().Last().Accuracy);
    }

    [Fact]
    public void Train_SeveralLabels_AreToldEachByItself()
    {
        var spec = Spec(TuningMethod.Full, several: true);
        var run = Run(
            "run",
            spec with
            {
                Classifier = new ClassifierSpec { Kind = ClassificationKind.SeveralLabels },
                Training = spec.Training with { Epochs = 30 },
            }
        );
        Assert.Equal(s_labels, ClassifierFile.Find(run.Adapter)!.Classifier.Labels);
        var last = Events(run).OfType<ValidationEvent>().Last();
        Assert.True(last.Accuracy >= 0.9, $"{last.Accuracy} right.");
    }

    [Fact]
    public void Train_Numbers_AreLearnedByLeastSquares()
    {
        var spec = Spec(TuningMethod.Full, number: true);
        spec = spec with
        {
            Classifier = new ClassifierSpec { Kind = ClassificationKind.Number },
            Data = spec.Data! with { Labels = null },
            Training = spec.Training with { Epochs = 30 },
        };
        var validations = Events(Run("run", spec)).OfType<ValidationEvent>().ToList();
        Assert.Null(validations[^1].Accuracy);
        Assert.True(validations[^1].Loss < 0.1 * validations[0].Loss, $"{validations[0].Loss} became {validations[^1].Loss}.");
    }

    /// <summary>The first steps of a run are not spent on learning how frequent each label is.</summary>
    [Theory]
    [InlineData(TuningMethod.LoRA)]
    [InlineData(TuningMethod.Full)]
    [InlineData(TuningMethod.Head)]
    public void Train_NewHead_BeginsAtWhatGuessingLoses(TuningMethod method)
    {
        var spec = Spec(method);
        var rows = Rows("t", 60, "", several: false, number: false);
        List<DatasetRow> skewed =
        [
            .. rows.Where(row => row.Messages[^1].Content == s_labels[0]),
            .. rows.Where(row => row.Messages[^1].Content != s_labels[0]).Take(4),
        ];
        var shares = skewed.CountBy(row => row.Messages[^1].Content).Select(label => (double)label.Value / skewed.Count).ToList();
        spec = spec with
        {
            Data = spec.Data! with { Train = TinyModel.WriteRows(_folder.File("skewed.jsonl"), skewed) },
            Training = spec.Training with { MicroBatch = skewed.Count, MaxSteps = 1 },
        };
        var guessing = -shares.Sum(share => share * Math.Log(share));
        Assert.InRange(guessing, 0.2, 0.9 * Math.Log(s_labels.Length)); // or any head begins there
        Assert.Equal(guessing, Events(Run("run", spec)).OfType<StepEvent>().First().Loss, 0.08);
    }

    /// <summary>
    /// Labels that have nothing to do with the texts are learned by heart; what was there before is better for other rows.
    /// </summary>
    [Fact]
    public void Train_RowsThatTeachNothing_KeepTheModelOfBefore_AndSaySo()
    {
        var spec = Spec(TuningMethod.LoRA);
        List<DatasetRow> Shuffled(string prefix, int count, int seed)
        {
            var random = new Random(seed);
            return
            [
                .. Enumerable
                    .Range(0, count)
                    .Select(i => new DatasetRow(
                        $"{prefix}{i}",
                        [new("user", $"Where is my card {i}"), new("assistant", s_labels[random.Next(3)])]
                    )),
            ];
        }

        spec = spec with
        {
            Data = spec.Data! with
            {
                Train = TinyModel.WriteRows(_folder.File("chance.jsonl"), Shuffled("t", 60, 1)),
                Validation = TinyModel.WriteRows(_folder.File("others.jsonl"), Shuffled("v", 60, 2)),
            },
            Training = spec.Training with { Patience = 2, Epochs = 40, LearningRate = 2e-2 },
        };
        var events = Events(Run("run", spec));
        var validations = events.OfType<ValidationEvent>().ToList();
        Assert.Equal(0, validations[0].Step);
        Assert.InRange(validations.Count, 3, 20);
        Assert.Contains(
            events.OfType<LogEvent>(),
            entry => entry.Message.StartsWith("No validation was surely better than guessing", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Train_NumberWithWords_NamesTheRow()
    {
        var spec = Spec(TuningMethod.Full);
        var refusal = Assert.Throws<Batching.DataException>(() =>
            Run("run", spec with { Classifier = new ClassifierSpec { Kind = ClassificationKind.Number } })
        );
        Assert.Contains("Row t0", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_Adapter_IsWrittenAsPeftWritesSequenceClassification()
    {
        var run = Run("run", Spec(TuningMethod.LoRA));
        using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(run.Adapter, "adapter_config.json")));
        Assert.Equal("SEQ_CLS", config.RootElement.GetProperty("task_type").GetString());
        Assert.Equal(["classifier"], config.RootElement.GetProperty("modules_to_save").EnumerateArray().Select(name => name.GetString()));
        var names = Safetensors.ReadHeader(Path.Combine(run.Adapter, "adapter_model.safetensors")).Entries.Keys.ToList();
        Assert.Contains("base_model.model.classifier.weight", names);
        Assert.Contains("base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.weight", names);
    }

    [Theory]
    [InlineData(TuningMethod.LoRA)]
    [InlineData(TuningMethod.Head)]
    public void Evaluate_TunedBeatsNothingItWasNotGiven_AndTheBaseIsNearestMean(TuningMethod method)
    {
        var spec = Spec(method);
        var run = Run("run", spec);
        var judged = new RunFolder(_folder.File("judged"));
        Directory.CreateDirectory(judged.Root);
        using (var events = new EventWriter(judged.Events))
        {
            new EvaluateJob(
                TestJobs.Context(
                    judged,
                    spec.Evaluating(
                        new EvaluationSpec
                        {
                            Adapters = [new("run-1", run.Adapter)],
                            Performance = true,
                            Packed = [WeightPrecision.EightBits],
                        }
                    ),
                    events
                )
            ).Run(TestContext.Current.CancellationToken);
        }

        var report = JsonSerializer.Deserialize<EvaluationReport>(File.ReadAllText(judged.Report), ProtocolJson.Document)!;
        Assert.Equal("accuracy", report.Metric);
        Assert.Equal((ModelKind.Base, ModelKind.Tuned), (report.Models[0].Kind, report.Models[1].Kind));
        Assert.Equal(1, report.Models[1].Score);
        Assert.True(report.Models[0].Score > 0.5, $"Nearest mean has {report.Models[0].Score}.");
        Assert.Contains(report.Models, model => model.Name == "run-1 (8 bits)");
        Assert.Contains(report.Models, model => model.Kind == ModelKind.Baseline);
        Assert.NotNull(report.Models[1].Calibration);
        Assert.True(report.Models[1].AnswerLoss is > 0 and < 1);
        Assert.All(report.Speeds, speed => Assert.True(speed.OfTexts && speed.FirstTokenP50 > 0));
    }

    [Fact]
    public void Probe_OfAFolderWithAnotherHead_IsRefusedByTheFirstScoreThatDiffers()
    {
        var spec = Spec(TuningMethod.Full);
        var folder = Run("run", spec).Adapter;
        var model = ModelStore.LoadClassifier(
            folder,
            fresh: null,
            TorchSharp.torch.ScalarType.Float32,
            TorchSharp.torch.ScalarType.Float32,
            TorchSharp.torch.CPU,
            cancellationToken: TestContext.Current.CancellationToken
        );
        var probe = Export.ScoreProbe.Of(model, folder, ClassifierFile.Find(folder)!, TestContext.Current.CancellationToken);
        probe.Require(folder, TorchSharp.torch.CPU, TestContext.Current.CancellationToken);
        using (TorchSharp.torch.no_grad())
        {
            model.HeadParameters.Values.First(parameter => parameter.dim() == 2).add_(1);
        }

        var other = _folder.File("other");
        ModelStore.SaveClassifier(other, folder, model.HeadConfig, model.Parameters, TorchSharp.torch.ScalarType.Float32);
        var refused = Assert.Throws<ModelFileException>(() =>
            probe.Require(other, TorchSharp.torch.CPU, TestContext.Current.CancellationToken)
        );
        Assert.Matches(@"score 1 of “Where is my card\?” is .+, not .+\. It is not handed out\.$", refused.Message);
    }

    [Fact]
    public void Export_WholeModel_AnswersAsBaseAndAdapterDo()
    {
        var spec = Spec(TuningMethod.LoRA);
        var run = Run("run", spec);
        var exported = new RunFolder(_folder.File("exported"));
        Directory.CreateDirectory(exported.Root);
        using (var events = new EventWriter(exported.Events))
        {
            new ExportJob(TestJobs.Context(exported, spec.Exporting(run.Adapter), events)).Run(TestContext.Current.CancellationToken);
        }

        var merged = new NamedAdapter("whole", exported.Merged);
        var set = new ClassifierSet(
            spec.BaseModel,
            [merged, new("adapter", run.Adapter)],
            WeightPrecision.Full,
            TorchSharp.torch.CPU,
            TestContext.Current.CancellationToken
        );
        string[] texts = ["Where is my card?", "The weather in Lisbon", "Send money, please"];
        double[] Probabilities(string name)
        {
            var loaded = set.Use(name)!;
            return
            [
                .. texts.SelectMany(text =>
                    Evaluation.ClassifierScores.Probabilities(
                        ClassificationKind.OneLabel,
                        Evaluation.ClassifierScores.Of(
                            loaded.Model,
                            [loaded.Encoder.Encode("0", text)],
                            loaded.PaddingId,
                            progress: null,
                            TestContext.Current.CancellationToken
                        )[0]
                    )
                ),
            ];
        }

        // the layers may compute in 16 bits
        Assert.All(Probabilities("whole").Zip(Probabilities("adapter")), pair => Assert.Equal(pair.First, pair.Second, 0.01));
    }

    [Fact]
    public void Plan_ShowsWhatTheEncoderReadsAndTheLabel()
    {
        var folder = new RunFolder(_folder.File("plan"));
        Directory.CreateDirectory(folder.Root);
        using (var events = new EventWriter(folder.Events))
        {
            new PlanJob(TestJobs.Context(folder, new PlanSpec(Spec(TuningMethod.LoRA)), events)).Run(TestContext.Current.CancellationToken);
        }

        var plan = JsonSerializer.Deserialize<RunPlan>(File.ReadAllText(folder.Plan), ProtocolJson.Document)!;
        Assert.All(plan.FirstBatch, row => Assert.Contains(row.Target, s_labels));
        Assert.All(plan.FirstBatch, row => Assert.DoesNotContain(row.Tokens, token => token.Learned));
    }

    [Fact]
    public void Train_SoftLabels_TeachTheProbabilities()
    {
        var rows = Rows("s", 60)
            .Select(row =>
                row with
                {
                    Shares = new Dictionary<string, double>
                    {
                        [row.Messages[^1].Content] = 0.6,
                        ["weather"] = 0.2,
                        ["money"] = 0.2,
                    },
                }
            );
        var spec = Spec(TuningMethod.Full);
        spec = spec with
        {
            Data = spec.Data! with
            {
                Train = TinyModel.WriteRows(_folder.File("soft.jsonl"), rows.Where(row => row.Messages[^1].Content == "card")),
            },
            Training = spec.Training with { Epochs = 60 },
        };
        var set = new ClassifierSet(
            spec.BaseModel,
            [new("run", Run("run", spec).Adapter)],
            WeightPrecision.Full,
            TorchSharp.torch.CPU,
            TestContext.Current.CancellationToken
        );
        var loaded = set.Use("run")!;
        var probabilities = Evaluation.ClassifierScores.Probabilities(
            ClassificationKind.OneLabel,
            Evaluation.ClassifierScores.Of(
                loaded.Model,
                [loaded.Encoder.Encode("0", "Where is my card 3")],
                loaded.PaddingId,
                progress: null,
                TestContext.Current.CancellationToken
            )[0]
        );
        Assert.Equal(0.6, probabilities[0], 0.05);
        Assert.Equal(0.2, probabilities[2], 0.05);
    }

    private static List<DatasetRow> Rows(string prefix, int count, string instruction = "", bool several = false, bool number = false) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(i =>
                {
                    string[] texts = ["Where is my card", "Send money abroad", "The weather in Lisbon"];
                    var label = s_labels[i % 3];
                    var text = several && i % 2 == 1 ? $"{texts[i % 3]}. {texts[(i + 1) % 3]}" : texts[i % 3];
                    var answer =
                        number ? (i % 3).ToString(CultureInfo.InvariantCulture)
                        : several && i % 2 == 1 ? $"{label}; {s_labels[(i + 1) % 3]}"
                        : label;
                    return new DatasetRow(
                        $"{prefix}{i}",
                        [new("user", (instruction.Length == 0 ? "" : instruction + "\n\n") + $"{text} {i}"), new("assistant", answer)]
                    );
                }),
        ];

    private TrainSpec Spec(TuningMethod method, string instruction = "", bool several = false, bool number = false)
    {
        DatasetFile Write(string name, int count) =>
            TinyModel.WriteRows(_folder.File(name + ".jsonl"), Rows(name[..1], count, instruction, several, number));
        var train = Rows("t", 60, instruction, several, number);
        return new TrainSpec
        {
            RunId = Guid.Empty,
            BaseModel = s_bert.Write(_folder.File("bert")),
            Threads = 1,
            Classifier = new ClassifierSpec(),
            Data = new DatasetFiles
            {
                Train = Write("train", 60),
                Validation = Write("validation", 24),
                Test = Write("xtest", 24),
                Labels = number ? null : [.. train.Select(row => row.Messages[^1].Content).Distinct().Order(StringComparer.Ordinal)],
            },
            Method = new MethodSpec
            {
                Method = method,
                Rank = 4,
                Alpha = 8,
                Targets = [MethodSpec.AllLinearName],
            },
            Training = new TrainingSettings
            {
                LearningRate = method == TuningMethod.AdaLoRA ? 2e-2 : 2e-3,
                Epochs = 12,
                MicroBatch = 12,
                ContextTokens = 32,
                CheckpointEverySteps = 0,
            },
        };
    }

    private RunFolder Run(string name, TrainSpec spec)
    {
        var folder = new RunFolder(_folder.File(name));
        Directory.CreateDirectory(folder.Root);
        Start(folder, spec);
        return folder;
    }

    private static void Start(RunFolder folder, TrainSpec spec)
    {
        using var events = new EventWriter(folder.Events);
        Assert.Equal(
            WorkerState.Completed,
            new TrainJob(TestJobs.Context(folder, spec, events)).Run(TestContext.Current.CancellationToken)
        );
    }

    private static IReadOnlyList<RunEvent> Events(RunFolder folder) => new EventReader(folder.Events).Read().Events;
}
