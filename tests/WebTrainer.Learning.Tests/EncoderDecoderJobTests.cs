using System.Text.Json;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>Jobs on an encoder-decoder, from the spec to what stands in the folder.</summary>
[Trait("Category", "Slow")]
public sealed class EncoderDecoderJobTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(TuningMethod.LoRA)]
    [InlineData(TuningMethod.DoRA)]
    [InlineData(TuningMethod.QLoRA)]
    [InlineData(TuningMethod.AdaLoRA)]
    [InlineData(TuningMethod.Full)]
    public void Train_EveryMethod_LearnsAndLeavesAResultThatLoads(TuningMethod method)
    {
        var spec = TinyEncoderDecoder.Spec(_folder);
        spec = spec with
        {
            Method = spec.Method with { Method = method },
            Training = spec.Training with { Epochs = 4, LearningRate = method == TuningMethod.AdaLoRA ? 5e-2 : 5e-3 },
        };
        var folder = Train("run", spec);
        var losses = Losses(folder);
        Assert.True(losses.TakeLast(6).Average() < 0.8 * losses.Take(6).Average(), $"{losses[0]} → {losses[^1]}");
        var models = new ModelSet(spec.BaseModel, [new("mine", folder.Adapter)], WeightPrecision.Full, CPU, default);
        Assert.NotNull(models.Use("mine"));
        Assert.Equal(method == TuningMethod.Full, models.Find("mine")!.Value.Adapter is null);
        if (method != TuningMethod.Full)
        {
            using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.Adapter, "adapter_config.json")));
            Assert.Equal("SEQ_2_SEQ_LM", config.RootElement.GetProperty("task_type").GetString());
        }
    }

    [Theory]
    [InlineData(TuningMethod.LoRA, false)]
    [InlineData(TuningMethod.Full, false)]
    [InlineData(TuningMethod.LoRA, true)]
    public void Train_KilledAndResumed_IsBitEqualToTheUnbrokenRun(TuningMethod method, bool checkpointing)
    {
        var spec = TinyEncoderDecoder.Spec(_folder);
        spec = spec with
        {
            Method = spec.Method with { Method = method },
            Training = spec.Training with { PromptDropout = 0.2, GradientCheckpointing = checkpointing },
        };
        var (unbroken, broken) = (Train("unbroken", spec), Folder("broken"));
        using (var kill = new CancellationTokenSource())
        using (var events = new EventWriter(broken.Events, new EndingClock(() => Losses(broken).Count >= 5, kill)))
        {
            Assert.ThrowsAny<OperationCanceledException>(() => new TrainJob(TestJobs.Context(broken, spec, events)).Run(kill.Token));
        }

        Train("broken", spec);
        var file = method == TuningMethod.Full ? "model.safetensors" : "adapter_model.safetensors";
        Assert.Equal(File.ReadAllBytes(Path.Combine(unbroken.Adapter, file)), File.ReadAllBytes(Path.Combine(broken.Adapter, file)));
    }

    /// <summary>Answers that depend on the prompt: only who reads it gets them right.</summary>
    [Fact]
    public void Train_ThenEvaluate_AnswersTheTestRows_InFreeTextAndAmongLabels()
    {
        var spec = TinyEncoderDecoder.Spec(_folder);
        spec = spec with
        {
            Method = new MethodSpec { Method = TuningMethod.Full },
            Training = spec.Training with { Epochs = 30, LearningRate = 3e-3, Samples = 2 },
        };
        var folder = Train("run", spec);
        var sample = Events(folder).OfType<SampleEvent>().Last();
        Assert.Equal(sample.Expected, sample.Text);
        var mine = new EvaluationSpec { Adapters = [new("mine", folder.Adapter)] };
        var among = Evaluate("among", spec.Evaluating(mine with { Performance = true }));
        Assert.Equal(["base", "mine"], among.Models.Take(2).Select(model => model.Name));
        Assert.Equal(1, among.Models[1].Score);
        Assert.True(among.Models[1].AnswerLoss < 0.2 && among.Models[1].AnswerLoss < among.Models[0].AnswerLoss);
        Assert.All(among.Speeds, speed => Assert.True(speed is { FirstTokenP50: > 0, TokensPerSecond8: > 0 }));
        var free = Evaluate(
            "free",
            (spec with { Data = spec.Data! with { Labels = null } }).Evaluating(mine with { Packed = [WeightPrecision.EightBits] })
        );
        Assert.Equal("exact_match", free.Metric);
        Assert.Equal(1, free.Models[1].Score);
        Assert.Equal(["base", "mine", "mine (8 bits)"], free.Models.Take(3).Select(model => model.Name));
    }

    [Fact]
    public void Plan_ShowsPromptAndAnswer_AndThatTheAnswerIsLearned()
    {
        var spec = TinyEncoderDecoder.Spec(_folder);
        var folder = Folder("plan");
        using (var events = new EventWriter(folder.Events))
        {
            new PlanJob(TestJobs.Context(folder, new PlanSpec(spec), events)).Run(TestContext.Current.CancellationToken);
        }

        var plan = JsonSerializer.Deserialize<RunPlan>(File.ReadAllText(folder.Plan), ProtocolJson.Document)!;
        Assert.Equal((48, 12, true), (plan.TrainRows, plan.TotalSteps, plan.AppendsEnd));
        var row = plan.FirstBatch[0].Tokens;
        var learned = row.Where(token => token.Learned).ToList();
        Assert.Contains(string.Concat(learned.SkipLast(1).Select(token => token.Text)), TinyModel.Labels);
        Assert.Equal("<|end|>", learned[^1].Text);
        Assert.Equal("<|end|>", row.Last(token => !token.Learned).Text);
        Assert.StartsWith("The ", string.Concat(row.Select(token => token.Text)), StringComparison.Ordinal);
        Assert.True(plan is { TrainableParameters: > 1000, TokensPerSecond: > 0 });
    }

    [Fact]
    public void Export_MergedModel_AnswersAsBaseWithAdapter()
    {
        var spec = TinyEncoderDecoder.Spec(_folder);
        var (trained, export) = (Train("run", spec), Folder("export"));
        using (var events = new EventWriter(export.Events))
        {
            new ExportJob(TestJobs.Context(export, spec.Exporting(trained.Adapter), events)).Run(TestContext.Current.CancellationToken);
        }

        using var _ = no_grad();
        var (merged, model) = (Load(export.Merged), Load(spec.BaseModel));
        PeftFolder.Load(trained.Adapter, model).Attach(model);
        Batching.PromptAndAnswer[] rows = [new([5, 60, 70], [80, 90])];
        var difference = (merged.Logits(merged.Read(rows)) - model.Logits(model.Read(rows))).abs().max().item<float>();
        Assert.True(difference < 0.05, $"{difference}"); // bfloat16 of the file
    }

    [Fact]
    public void Check_TellsWhatItAnswers_AndReadsNoPages()
    {
        var folder = Folder("check");
        using (var events = new EventWriter(folder.Events))
        {
            var spec = new CheckSpec { BaseModel = TinyEncoderDecoder.Write(_folder.File("t5")), Threads = 1 };
            new CheckJob(TestJobs.Context(folder, spec, events)).Run(TestContext.Current.CancellationToken);
        }

        var check = JsonSerializer.Deserialize<ModelCheck>(File.ReadAllText(folder.Check), ProtocolJson.Document)!;
        Assert.True(check is { Parameters: > 1000, ContextTokens: 64, TokensPerSecond: > 0, Readings.Count: 0 });
    }

    [Fact]
    public void Distillation_FromATeacherOfTheSameKind_Learns_AndFromADecoder_IsRefused()
    {
        var spec = TinyEncoderDecoder.Spec(_folder);
        var objective = new ObjectiveSpec { Kind = ObjectiveKind.Distillation, Teacher = spec.BaseModel };
        var losses = Losses(Train("run", spec with { Objective = objective }));
        Assert.True(losses.TakeLast(6).Average() < losses.Take(6).Average());
        var decoder = TinyModel.Spec(_folder).BaseModel;
        var refusal = Assert.Throws<ModelFileException>(() =>
            Train("other", spec with { Objective = objective with { Teacher = decoder } })
        );
        Assert.Contains("a teacher of the base's kind", refusal.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Refusals =>
        new()
        {
            { "preferences", "Preference training" },
            { "text", "running text" },
            { "template", "marks of a chat template" },
            { "packing", "Packing" },
            { "noise", "NEFTune" },
            { "classifier", "classification head" },
        };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void WhatAnEncoderDecoderCannotDo_IsRefusedByNameBeforeItStarts(string what, string words)
    {
        var spec = TinyEncoderDecoder.Spec(_folder);
        spec = what switch
        {
            "preferences" => spec with { Objective = new() { Kind = ObjectiveKind.Preferences } },
            "text" => spec with { Objective = new() { Kind = ObjectiveKind.Text } },
            "template" => spec with { Training = spec.Training with { LearnedTurns = LearnedTurns.Template } },
            "packing" => spec with { Training = spec.Training with { Packing = true } },
            "noise" => spec with { Training = spec.Training with { EmbeddingNoise = 5 } },
            _ => spec with { Classifier = new() },
        };
        Assert.Contains(words, Assert.ThrowsAny<Exception>(() => Train("run", spec)).Message, StringComparison.Ordinal);
        Assert.Empty(Losses(Folder("run")));
    }

    private static ILanguageModel Load(string folder) => ModelStore.LoadLanguageModel(folder, ScalarType.Float32, ScalarType.Float32, CPU);

    private RunFolder Folder(string name)
    {
        var folder = new RunFolder(_folder.File(name));
        Directory.CreateDirectory(folder.Root);
        return folder;
    }

    private RunFolder Train(string name, TrainSpec spec)
    {
        var folder = Folder(name);
        using var events = new EventWriter(folder.Events);
        Assert.Equal(
            WorkerState.Completed,
            new TrainJob(TestJobs.Context(folder, spec, events)).Run(TestContext.Current.CancellationToken)
        );
        return folder;
    }

    private EvaluationReport Evaluate(string name, EvaluateSpec spec)
    {
        var folder = Folder(name);
        using (var events = new EventWriter(folder.Events))
        {
            new EvaluateJob(TestJobs.Context(folder, spec, events)).Run(TestContext.Current.CancellationToken);
        }

        return JsonSerializer.Deserialize<EvaluationReport>(File.ReadAllText(folder.Report), ProtocolJson.Document)!;
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

    private static List<double> Losses(RunFolder folder) => [.. Events(folder).OfType<StepEvent>().Select(step => step.Loss)];
}
