using System.Security.Cryptography;
using System.Text.Json;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Planning;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Tests;

[Trait("Category", "Slow")]
public sealed class TrainJobTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(2, TuningMethod.LoRA)]
    [InlineData(5, TuningMethod.LoRA)]
    [InlineData(5, TuningMethod.AdaLoRA)]
    public void Run_KilledAndResumed_IsBitEqualToTheUnbrokenRun(int killedAfter, TuningMethod method)
    {
        var spec = TinyModel.Spec(_folder);
        spec = spec with { Method = spec.Method with { Method = method, Targets = MethodSpec.AllLinear } };
        var unbroken = Folder("unbroken");
        Assert.Equal(WorkerState.Completed, Run(unbroken, spec));
        var broken = Folder("broken");
        RunUntil(broken, spec, killedAfter);
        Assert.Equal(WorkerState.Completed, Run(broken, spec));

        Assert.Equal(Losses(unbroken), Losses(broken));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(unbroken.Adapter, "adapter_model.safetensors")),
            File.ReadAllBytes(Path.Combine(broken.Adapter, "adapter_model.safetensors"))
        );
        Assert.Equal(Enumerable.Range(1, Events(broken).Count).Select(seq => (long)seq), Events(broken).Select(entry => entry.Seq));
    }

    [Theory]
    [InlineData("PiSSA")]
    [InlineData("LoRA+")]
    [InlineData("NEFTune")]
    [InlineData("KTO")]
    [InlineData("ORPO")]
    public void Run_OfEachWayToLearn_KilledAndResumed_IsBitEqualToTheUnbrokenRun(string way)
    {
        var spec = TinyModel.Spec(_folder);
        var marked = TinyModel.Rows(48).Select((row, i) => row with { Desired = way == "KTO" ? i % 3 > 0 : null }).ToList();
        var pairs = marked.Select((row, i) => row with { Rejected = TinyModel.Labels[(i + 1) % 4] });
        spec = spec with
        {
            Method = spec.Method with
            {
                Targets = MethodSpec.AllLinear,
                Start = way == "PiSSA" ? AdapterStart.Pissa : AdapterStart.Zero,
                RateRatio = way == "LoRA+" ? 16 : 1,
            },
            Training = spec.Training with { EmbeddingNoise = way == "NEFTune" ? 5 : 0 },
            Objective = way switch
            {
                "KTO" => new ObjectiveSpec { Kind = ObjectiveKind.Preferences, Loss = PreferenceLoss.Kto },
                "ORPO" => new ObjectiveSpec { Kind = ObjectiveKind.Preferences, Loss = PreferenceLoss.Orpo },
                _ => spec.Objective,
            },
            Data = spec.Data! with
            {
                Train = TinyModel.WriteRows(_folder.File("rows.jsonl"), way == "ORPO" ? pairs : marked),
                Validation = TinyModel.WriteRows(_folder.File("some.jsonl"), (way == "ORPO" ? pairs : marked).Take(6)),
            },
        };
        var unbroken = Folder("unbroken");
        Assert.Equal(WorkerState.Completed, Run(unbroken, spec));
        var broken = Folder("broken");
        RunUntil(broken, spec, 5);
        Assert.Equal(WorkerState.Completed, Run(broken, spec));
        Assert.Equal(Losses(unbroken), Losses(broken));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(unbroken.Adapter, "adapter_model.safetensors")),
            File.ReadAllBytes(Path.Combine(broken.Adapter, "adapter_model.safetensors"))
        );
    }

    /// <summary>A run that gives its device to short work loses no step and leaves no result behind; it goes on as if nothing had
    /// been.</summary>
    [Fact]
    public void Run_ThatYieldsAndGoesOn_IsBitEqualToTheUnbrokenRun()
    {
        var spec = TinyModel.Spec(_folder);
        spec = spec with { Training = spec.Training with { CheckpointEverySteps = 1000 } };
        var unbroken = Folder("unbroken");
        Assert.Equal(WorkerState.Completed, Run(unbroken, spec));
        var yielding = Folder("yielding");
        using (var never = new CancellationTokenSource())
        {
            using var events = new EventWriter(yielding.Events, new EndingClock(AskAfterStepFive, never));
            Assert.Equal(WorkerState.Yielded, new TrainJob(TestJobs.Context(yielding, spec, events)).Run(never.Token));
        }

        Assert.False(Directory.Exists(yielding.Adapter));
        Assert.Equal(Losses(yielding).Keys.Last(), Assert.Single(Events(yielding).OfType<CheckpointEvent>()).Step);
        Assert.InRange(Losses(yielding).Count, 5, 11);
        ControlWriter.Clear(yielding);
        Assert.Equal(WorkerState.Completed, Run(yielding, spec));

        Assert.Equal(Losses(unbroken), Losses(yielding));
        Assert.Equal(Losses(unbroken).Count, Events(yielding).OfType<StepEvent>().Count()); // no step was done twice
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(unbroken.Adapter, "adapter_model.safetensors")),
            File.ReadAllBytes(Path.Combine(yielding.Adapter, "adapter_model.safetensors"))
        );

        bool AskAfterStepFive()
        {
            if (!File.Exists(yielding.Control) && Losses(yielding).ContainsKey(5))
            {
                ControlWriter.Append(yielding, ControlAction.Yield, DateTimeOffset.UtcNow);
            }

            return false;
        }
    }

    [Fact]
    public void Run_WithAnotherSpecOverCheckpoints_IsRefused()
    {
        var spec = TinyModel.Spec(_folder);
        var folder = Folder("run");
        Run(folder, spec);
        var refusal = Assert.Throws<InvalidDataException>(() =>
            Run(folder, spec with { Seed = 43, Training = spec.Training with { Epochs = 3 } })
        );
        Assert.Contains("seed was 42 and is 43", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("training.epochs was 2 and is 3", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>An upgrade brings settings that the checkpoints of a paused run know nothing of; this one is kept for good.</summary>
    [Fact]
    public void Run_OverACheckpointOfTheFirstRelease_GoesOn()
    {
        const string Checkpoint = "step-00000003";
        var spec = TinyModel.Spec(_folder);
        var folder = Folder("run");
        var target = Directory.CreateDirectory(Path.Combine(folder.Checkpoints, Checkpoint)).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Data/first-release", Checkpoint)))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }

        Assert.Equal(
            WorkerState.Completed,
            Run(folder, spec with { Training = spec.Training with { Samples = 1, ValidateEverySteps = 6 } })
        );
        Assert.Contains(Events(folder), entry => entry is StateEvent { Reason: "Goes on after step 3." });
        Assert.Equal(4, Events(folder).OfType<StepEvent>().First().Step);
    }

    [Fact]
    public void Run_OnAModelThatWasReplacedSinceItsApproval_IsRefusedBeforeItTrains()
    {
        var spec = TinyModel.Spec(_folder);
        spec = spec with { BaseModelSha256 = ModelHash.Of(spec.BaseModel) };
        Assert.Equal(WorkerState.Completed, Run(Folder("approved"), spec));
        File.AppendAllText(Path.Combine(spec.BaseModel, "config.json"), " ");
        var refusal = Assert.Throws<ModelFileException>(() => Run(Folder("replaced"), spec));
        Assert.Contains("not those that were approved", refusal.Message, StringComparison.Ordinal);
        // a spec of before models had an identity
        Assert.Equal(WorkerState.Completed, Run(Folder("old"), spec with { BaseModelSha256 = null }));
    }

    /// <summary>On a file system of its own, which is filled while the run trains and emptied again.</summary>
    [Fact]
    public async Task Run_DiskIsFull_WaitsForRoomAndLosesNothing()
    {
        using var disk = SmallDisk.TryMount(_folder.File("disk"), megabytes: 2);
        Assert.SkipWhen(disk is null, "A small file system can't be mounted here; that takes root.");
        var spec = TinyModel.Spec(_folder);
        var unbroken = Folder("unbroken");
        Run(unbroken, spec);
        var folder = new RunFolder(disk.Path);
        var filler = Path.Combine(disk.Path, "filler");
        disk.Fill(filler, leaveBytes: 20_000); // for some events, not for a checkpoint
        var running = Task.Run(() => Run(folder, spec));
        while (
            !File.Exists(folder.Events)
            || !Events(folder).OfType<LogEvent>().Any(entry => entry.Message.StartsWith("The disk is full", StringComparison.Ordinal))
        )
        {
            Assert.False(running.IsCompleted);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        File.Delete(filler);
        Assert.Equal(WorkerState.Completed, await running);
        Assert.Equal(Losses(unbroken), Losses(folder));
        Assert.Equal(Enumerable.Range(1, Events(folder).Count).Select(seq => (long)seq), Events(folder).Select(entry => entry.Seq));
    }

    [Fact]
    public void Run_HalfWrittenCheckpoint_IsNotOffered()
    {
        var spec = TinyModel.Spec(_folder);
        var folder = Folder("run");
        Directory.CreateDirectory(Path.Combine(folder.Checkpoints, "step-00000099.tmp"));
        Assert.Equal(WorkerState.Completed, Run(folder, spec));
        Assert.DoesNotContain(Directory.EnumerateDirectories(folder.Checkpoints), path => path.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_LossThatIsNoNumber_EndsWithItsStep()
    {
        var spec = TinyModel.Spec(_folder);
        Overflow(Path.Combine(spec.BaseModel, "model.safetensors"), "model.norm.weight");
        Assert.Equal(1, Assert.Throws<DivergedException>(() => Run(Folder("run"), spec)).Step);
    }

    /// <summary>Makes all numbers of a float32 tensor so large that whatever is multiplied by them is infinite.</summary>
    private static void Overflow(string path, string tensor)
    {
        var table = SafetensorsTable.Read(path);
        var place = table.Places[tensor];
        Assert.Equal("F32", place.Type);
        using var file = File.OpenWrite(path);
        file.Seek(table.DataStart + place.Begin, SeekOrigin.Begin);
        for (var at = place.Begin; at < place.End; at += sizeof(float))
        {
            file.Write(BitConverter.GetBytes(float.MaxValue));
        }
    }

    [Fact]
    public void Run_StopAndSave_LeavesACheckpointAndAnAdapter()
    {
        var spec = TinyModel.Spec(_folder);
        var folder = Folder("run");
        var message = new ControlMessage(1, ControlAction.StopAndSave, DateTimeOffset.UtcNow);
        File.WriteAllText(folder.Control, JsonSerializer.Serialize(message, ProtocolJson.Line) + "\n");
        Assert.Equal(WorkerState.Stopped, Run(folder, spec));
        Assert.True(File.Exists(Path.Combine(folder.Adapter, "adapter_config.json")));
        Assert.Single(Events(folder).OfType<CheckpointEvent>());
    }

    [Theory]
    [InlineData(TuningMethod.DoRA, 1.5e-3)]
    [InlineData(TuningMethod.QLoRA, 1.5e-3)]
    [InlineData(TuningMethod.AdaLoRA, 5e-2)] // its change begins as a product of three small factors
    [InlineData(TuningMethod.Full, 1.5e-3)]
    public void Run_EveryMethod_LearnsAndLeavesAResultThatLoads(TuningMethod method, double learningRate)
    {
        var spec = TinyModel.Spec(_folder);
        spec = spec with
        {
            Method = spec.Method with { Method = method, Targets = MethodSpec.AllLinear },
            Training = spec.Training with { LearningRate = learningRate, Samples = 0 },
        };
        var folder = Folder("run");
        Assert.Equal(WorkerState.Completed, Run(folder, spec));
        var losses = Losses(folder).Values.ToList();
        Assert.True(losses.Skip(6).Average() < losses.Take(6).Average()); // the second pass over the rows against the first
        var models = new ModelSet(
            spec.BaseModel,
            [new NamedAdapter("mine", folder.Adapter)],
            WeightPrecision.Full,
            TorchSharp.torch.CPU,
            TestContext.Current.CancellationToken
        );
        Assert.NotNull(models.Use("mine"));
    }

    /// <summary>With changes of embedding and head of a tied base, which must part for it.</summary>
    [Theory]
    [InlineData(TuningMethod.LoRA)]
    [InlineData(TuningMethod.DoRA)]
    public void Export_MergedModel_AnswersAsBaseWithAdapter(TuningMethod method)
    {
        var spec = TinyModel.Spec(_folder);
        spec = spec with
        {
            Method = spec.Method with
            {
                Method = method,
                Targets = method == TuningMethod.LoRA ? MethodSpec.Everything : MethodSpec.AllLinear,
            },
        };
        var folder = Folder("run");
        Run(folder, spec);
        var export = Folder("export");
        using (var events = new EventWriter(export.Events))
        {
            new ExportJob(TestJobs.Context(export, spec.Exporting(folder.Adapter), events)).Run(TestContext.Current.CancellationToken);
        }

        using var _ = TorchSharp.torch.no_grad();
        const TorchSharp.torch.ScalarType Float32 = TorchSharp.torch.ScalarType.Float32;
        var (merged, model) = (
            ModelStore.Load(export.Merged, Float32, Float32, TorchSharp.torch.CPU),
            ModelStore.Load(spec.BaseModel, Float32, Float32, TorchSharp.torch.CPU)
        );
        PeftFolder.Load(folder.Adapter, model).Attach(model);
        var ids = TorchSharp.torch.tensor(new long[] { 5, 60, 70, 80, 90 }).unsqueeze(0);
        var difference = (merged.Logits(merged.Forward(ids)) - model.Logits(model.Forward(ids))).abs().max().item<float>();
        Assert.True(difference < 0.03, $"{difference}"); // bfloat16 of the file
        Assert.Equal(method == TuningMethod.DoRA, merged.Config.TiedHead);
        Assert.True(File.Exists(Path.Combine(export.Merged, "tokenizer.json")));
        Assert.Contains("eos_token_id", File.ReadAllText(Path.Combine(export.Merged, "generation_config.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void Export_AsGguf_WritesFileModelfileAndWhatWasChecked()
    {
        var spec = TinyModel.Spec(_folder);
        var folder = Folder("run");
        Run(folder, spec);
        var export = Folder("export");
        using (var events = new EventWriter(export.Events))
        {
            var job = new ExportJob(TestJobs.Context(export, spec.Exporting(folder.Adapter) with { Gguf = GgufWeights.Q8 }, events));
            job.Run(TestContext.Current.CancellationToken);
        }

        Assert.Equal(
            ["Modelfile", "export.json", "model.gguf"],
            Directory.EnumerateFiles(export.Merged).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        var report = JsonSerializer.Deserialize<GgufReport>(File.ReadAllText(export.GgufReport), ProtocolJson.Document)!;
        Assert.Equal(("llama", GgufWeights.Q8), (report.Family, report.Weights));
        Assert.Equal(new FileInfo(Path.Combine(export.Merged, "model.gguf")).Length, report.Bytes);
        Assert.InRange(report.RelativeError, 0.001, 0.01);
    }

    [Fact]
    public void Check_OfAModel_TellsWhatItAnswers()
    {
        var folder = Folder("check");
        using var events = new EventWriter(folder.Events);
        new CheckJob(TestJobs.Context(folder, Checking(), events)).Run(TestContext.Current.CancellationToken);
        var check = JsonSerializer.Deserialize<ModelCheck>(File.ReadAllText(folder.Check), ProtocolJson.Document)!;
        Assert.True(check is { Parameters: > 1000, ContextTokens: 64, TokensPerSecond: > 0 });
    }

    [Theory]
    [InlineData(double.NaN, true)]
    [InlineData(double.NaN, false)]
    [InlineData(double.PositiveInfinity, true)]
    public void Check_OfAModelWhoseWeightsAreNoNumbers_IsRefused(double value, bool all)
    {
        var spec = Checking();
        var file = Path.Combine(spec.BaseModel, "model.safetensors");
        var weights = WebTrainer.Learning.Checkpoints.Safetensors.Read(file);
        using (TorchSharp.torch.no_grad())
        {
            var damaged = weights.Values.First(weight => weight.dim() == 2);
            (all ? damaged : damaged[1].narrow(0, 3, 1)).fill_(value);
        }

        WebTrainer.Learning.Checkpoints.Safetensors.Write(file, weights);
        var folder = Folder("check");
        using var events = new EventWriter(folder.Events);
        var job = new CheckJob(TestJobs.Context(folder, spec, events));
        Assert.Contains(
            "no numbers",
            Assert.Throws<ModelFileException>(() => job.Run(TestContext.Current.CancellationToken)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Run_WhatCannotFit_IsRefusedWithWhatWould()
    {
        var spec = TinyModel.Spec(_folder);
        var config = ModelConfig.Read(spec.BaseModel);
        List<TokenRow> rows = [.. Enumerable.Range(0, 4096).Select(i => new TokenRow($"{i}", new int[64], 1))];
        spec = spec with { Training = spec.Training with { MicroBatch = 4096 } };
        Assert.True(MemoryCheck.Check(config, spec, rows, 64, bytes: 2, available: null).Total > 1L << 30);
        var refusal = Assert.Throws<NoRoomException>(() => MemoryCheck.Check(config, spec, rows, 64, bytes: 2, available: 500L << 20));
        Assert.Contains("It fits with a micro-batch of", refusal.Advice, StringComparison.Ordinal);
        Assert.Contains(
            "smaller base",
            Assert.Throws<NoRoomException>(() => MemoryCheck.Check(config, spec, rows, 64, bytes: 2, available: 10L << 20)).Advice,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Run_ValidationLossStopsFalling_EndsEarlyAndKeepsTheBest()
    {
        var spec = TinyModel.Spec(_folder);
        spec = spec with
        {
            Training = spec.Training with
            {
                LearningRate = 0.5,
                WarmupShare = 0,
                Epochs = 20,
                Patience = 2,
                ValidateEverySteps = 1,
                Samples = 0,
            },
        };
        var folder = Folder("run");
        Assert.Equal(WorkerState.Completed, Run(folder, spec));
        var losses = Events(folder).OfType<ValidationEvent>().Select(validation => validation.Loss).ToList();
        Assert.True(losses.Count < 120);
        Assert.Equal(losses.Min(), losses[^3]);
        Assert.True(
            File.GetLastWriteTimeUtc(Path.Combine(folder.Adapter, "adapter_model.safetensors"))
                <= Events(folder).OfType<ValidationEvent>().ToList()[^2].Time.UtcDateTime
        );
        Assert.Equal(WorkerState.Completed, Run(folder, spec)); // over is over, also after a restart
        Assert.Equal(losses.Count, Events(folder).OfType<ValidationEvent>().Count());
    }

    [Fact]
    public void Run_ChangedDataset_IsRefused()
    {
        var spec = TinyModel.Spec(_folder);
        File.AppendAllText(spec.Data!.Train!.Path, " ");
        Assert.Throws<Batching.DataException>(() => Run(Folder("run"), spec));
    }

    [Fact]
    public void Run_Full_LowersTheLossAndWritesAModel()
    {
        var spec = TinyModel.Spec(_folder);
        spec = spec with
        {
            Method = new MethodSpec { Method = TuningMethod.Full },
            Training = spec.Training with { Epochs = 8, LearningRate = 1e-2 },
        };
        var folder = Folder("run");
        Run(folder, spec);
        var losses = Losses(folder).Values.ToList();
        Assert.True(losses[^1] < losses[0] / 2, $"{losses[0]} → {losses[^1]}");
        Assert.True(File.Exists(Path.Combine(folder.Adapter, "model.safetensors")));
    }

    [Fact]
    public void Plan_AndEvaluate_WriteWhatTheyFound()
    {
        var spec = TinyModel.Spec(_folder);
        var folder = Folder("run");
        Run(folder, spec);
        var evaluation = spec.Evaluating(new EvaluationSpec { Adapters = [new("mine", folder.Adapter)] });
        using (var events = new EventWriter(folder.Events))
        {
            new EvaluateJob(TestJobs.Context(folder, evaluation, events)).Run(TestContext.Current.CancellationToken);
            new PlanJob(TestJobs.Context(folder, new PlanSpec(spec), events)).Run(TestContext.Current.CancellationToken);
        }

        var report = JsonSerializer.Deserialize<EvaluationReport>(File.ReadAllText(folder.Report), ProtocolJson.Document)!;
        Assert.Equal(["base", "mine", "most frequent label", "linear model on n-grams"], report.Models.Select(model => model.Name));
        Assert.Equal([ModelKind.Base, ModelKind.Tuned, ModelKind.Baseline, ModelKind.Baseline], report.Models.Select(model => model.Kind));
        Assert.Equal(["base", "linear model on n-grams"], report.Comparisons.Select(comparison => comparison.First));
        Assert.Equal(report.Models[1].Score - report.Models[0].Score, report.Comparisons[0].Difference, 1e-12);
        Assert.True(report.Models[1].AnswerLoss < report.Models[0].AnswerLoss);
        var examples = File.ReadLines(folder.Examples)
            .Select(line => JsonSerializer.Deserialize<ExampleResult>(line, ProtocolJson.Line)!)
            .ToList();
        Assert.Equal(8, examples.Count);
        Assert.All(
            examples,
            example => Assert.Equal([true, true, false, false], example.Answers.Select(answer => answer.Confidence is > 0 and <= 1))
        );
        Assert.All(report.Models.Take(2), model => Assert.Equal(8, model.Calibration!.Reliability.Sum(bin => bin.Count)));
        Assert.Equal(
            examples.Average(example => example.Answers[1].Confidence!.Value),
            report.Models[1].Calibration!.Confidence.Value,
            1e-9
        );
        Assert.All(report.Models.Skip(2), model => Assert.Null(model.Calibration));
        var plan = JsonSerializer.Deserialize<RunPlan>(File.ReadAllText(folder.Plan), ProtocolJson.Document)!;
        Assert.Equal((48, 12), (plan.TrainRows, plan.TotalSteps));
        Assert.Equal("<|end|>", plan.FirstBatch[0].Tokens[^1].Text);
        Assert.True(plan.FirstBatch[0].Tokens[^1].Learned && !plan.FirstBatch[0].Tokens[0].Learned);
    }

    [Fact]
    public void Evaluate_BenchmarksScorersAndSpeed_AreReportedForEveryModel()
    {
        var spec = TinyModel.Spec(_folder);
        var folder = Folder("run");
        Run(folder, spec);
        var sums = _folder.File("sums_test.csv");
        File.WriteAllLines(sums, Enumerable.Range(0, 12).Select(i => $"What is {i}+1?,{i},{i + 1},{i + 2},{i + 3},B"));
        DatasetFile file = new(sums, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(sums))), 12);
        var evaluation = spec.Evaluating(
            new EvaluationSpec
            {
                Adapters = [new("mine", folder.Adapter)],
                Performance = true,
                AnswerCache = _folder.File("cache"),
                Scorers = [new(ScorerKind.Contains), new(ScorerKind.Pattern, "^lost_")],
                Benchmarks =
                [
                    new()
                    {
                        Kind = BenchmarkKind.Mmlu,
                        Name = "sums_test.csv",
                        File = file,
                    },
                    new() { Kind = BenchmarkKind.Robustness, Name = "robustness" },
                    new() { Kind = BenchmarkKind.Leakage, Name = "leakage" },
                ],
            }
        );
        var first = Evaluate(folder, evaluation);
        Assert.Equal(["base", "mine"], first.Benchmarks[0].Models.Select(model => model.Model));
        Assert.Equal(12, first.Benchmarks[0].Models[0].Metrics.Single(metric => metric.Name == "acc").Count);
        Assert.Equal(("base", "mine"), (first.Benchmarks[0].Comparisons[0].First, first.Benchmarks[0].Comparisons[0].Second));
        Assert.Equal(12, File.ReadLines(folder.Questions(0)).Count());
        Assert.Equal(first.Models[1].Score, first.Benchmarks[1].Models[1].Metrics.Single(metric => metric.Name == "right_plain").Value);
        Assert.Contains("nothing to be told by heart", first.Benchmarks[2].Refusal, StringComparison.Ordinal);
        Assert.Equal(["contains", "matches ^lost_"], first.Models[1].Scores.Select(score => score.Name));
        Assert.Equal(first.Models[1].Score, first.Models[1].Scores[0].Value);
        Assert.InRange(first.Models[1].Labels!.MacroF1, 0.0, 1.0);
        Assert.All(
            first.Speeds,
            speed =>
                Assert.True(
                    speed is { FirstTokenP50: > 0, TokensPerSecond8: > 0, PeakBytes: > 1 << 20 }
                        && speed.FirstTokenP50 <= speed.FirstTokenP95
                )
        );
        Assert.Equal(2, first.Speeds.Count);

        var lines = Directory.GetFiles(_folder.File("cache")).Sum(path => File.ReadLines(path).Count());
        var again = Evaluate(folder, evaluation);
        Assert.Equal(lines, Directory.GetFiles(_folder.File("cache")).Sum(path => File.ReadLines(path).Count()));
        Assert.Equal(
            first.Models.Select(model => (model.Name, model.Score, model.AnswerLoss)),
            again.Models.Select(model => (model.Name, model.Score, model.AnswerLoss))
        );
    }

    private static EvaluationReport Evaluate(RunFolder folder, EvaluateSpec spec)
    {
        using (var events = new EventWriter(folder.Events))
        {
            new EvaluateJob(TestJobs.Context(folder, spec, events)).Run(TestContext.Current.CancellationToken);
        }

        return JsonSerializer.Deserialize<EvaluationReport>(File.ReadAllText(folder.Report), ProtocolJson.Document)!;
    }

    private RunFolder Folder(string name)
    {
        var folder = new RunFolder(_folder.File(name));
        Directory.CreateDirectory(folder.Root);
        return folder;
    }

    private CheckSpec Checking() => new() { BaseModel = TinyModel.Spec(_folder).BaseModel, Threads = 1 };

    private static WorkerState Run(RunFolder folder, TrainSpec spec)
    {
        using var events = new EventWriter(folder.Events);
        return new TrainJob(TestJobs.Context(folder, spec, events)).Run(TestContext.Current.CancellationToken);
    }

    /// <summary>Ends the run without a word once it reported the step, as a kill would.</summary>
    private static void RunUntil(RunFolder folder, TrainSpec spec, int step)
    {
        using var kill = new CancellationTokenSource();
        using var events = new EventWriter(folder.Events, new EndingClock(() => Losses(folder).ContainsKey(step), kill));
        Assert.ThrowsAny<OperationCanceledException>(() => new TrainJob(TestJobs.Context(folder, spec, events)).Run(kill.Token));
        Assert.True(Losses(folder).Count < 12);
    }

    private static List<RunEvent> Events(RunFolder folder)
    {
        using var stream = new FileStream(folder.Events, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        return
        [
            .. text[..(text.LastIndexOf('\n') + 1)]
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonSerializer.Deserialize<RunEvent>(line, ProtocolJson.Line)!),
        ];
    }

    /// <summary>Loss of each step; a step done twice must have lost the same both times.</summary>
    private static SortedDictionary<int, double> Losses(RunFolder folder)
    {
        var losses = new SortedDictionary<int, double>();
        foreach (var step in Events(folder).OfType<StepEvent>())
        {
            Assert.Equal(losses.GetValueOrDefault(step.Step, step.Loss), step.Loss);
            losses[step.Step] = step.Loss;
        }

        return losses;
    }
}
