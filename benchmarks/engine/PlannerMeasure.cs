using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Benchmarks.Engine;

/// <summary>Lets the worker plan runs of many kinds and then do them, and compares: peak of resident memory, and tokens a second.</summary>
internal sealed class PlannerMeasure(string worker, string baseModel) : IDisposable
{
    private const int Steps = 12;
    private readonly string _root = Directory.CreateTempSubdirectory("planner-").FullName;
    private int _number;

    public void Run()
    {
        Console.WriteLine("| run | memory planned | measured | ÷ | tokens/s planned | measured | ÷ |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        var (a, b) = (Made("a", Shapes.A), Made("b", Shapes.B));
        var lora = new MethodSpec { Rank = 16, Alpha = 16, Targets = MethodSpec.AllLinear };
        Compare("8M, LoRA r32 on everything, 32 × 60", baseModel, new MethodSpec(), new() { MicroBatch = 32, ContextTokens = 128 }, tokens: 60);
        Compare("8M, LoRA r16, 8 × 256", baseModel, lora, new() { MicroBatch = 8 }, tokens: 256);
        Compare("8M, LoRA r16, 8 × 500", baseModel, lora, new() { MicroBatch = 8, ContextTokens = 512 }, tokens: 500);
        Compare("8M, LoRA r64, 16 × 200, accumulation 2", baseModel, lora with { Rank = 64 }, new() { MicroBatch = 16, Accumulation = 2 }, tokens: 200);
        Compare("8M, DoRA r16, 8 × 256", baseModel, lora with { Method = TuningMethod.DoRA }, new() { MicroBatch = 8 }, tokens: 256);
        Compare("8M, full, 8 × 256", baseModel, lora with { Method = TuningMethod.Full }, new() { MicroBatch = 8 }, tokens: 256);
        Compare("8M, LoRA r16, 32 × 256, checkpointing", baseModel, lora, new() { MicroBatch = 32, GradientCheckpointing = true }, tokens: 256);
        Compare("15M, LoRA r16, 8 × 250", a, lora, new() { MicroBatch = 8 }, tokens: 250);
        Compare("15M, full, 4 × 250", a, lora with { Method = TuningMethod.Full }, new() { MicroBatch = 4 }, tokens: 250);
        Compare("125M, LoRA r16, 2 × 500", b, lora, new() { MicroBatch = 2, ContextTokens = 512 }, tokens: 500);
        Compare("125M, QLoRA r16, 2 × 500", b, lora with { Method = TuningMethod.QLoRA }, new() { MicroBatch = 2, ContextTokens = 512 }, tokens: 500);
        Compare("125M, LoRA r16, 4 × 500, checkpointing", b, lora, new() { MicroBatch = 4, ContextTokens = 512, GradientCheckpointing = true }, tokens: 500);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void Compare(string name, string model, MethodSpec method, TrainingSettings training, int tokens)
    {
        var spec = new RunSpec
        {
            RunId = Guid.NewGuid(), Kind = JobKind.Plan, BaseModel = model, Method = method, Data = new DatasetFiles { Train = Rows(tokens) },
            Training = training with { MaxSteps = Steps, Epochs = 100, CheckpointEverySteps = 1000 },
        };
        var plan = JsonSerializer.Deserialize<RunPlan>(File.ReadAllText(Do(spec).Plan), ProtocolJson.Document)!;
        var steps = new EventReader(Do(spec with { Kind = JobKind.Train }).Events).Read().Events.OfType<StepEvent>().ToList();
        // The first steps warm up, as they do in any run of more than a minute.
        var speed = steps.Skip(2).Average(step => step.TokensPerSecond);
        Console.WriteLine(
            $"| {name} | {plan.PeakMemoryBytes / 1e6:F0} MB | {plan.MeasuredMemoryBytes / 1e6:F0} MB | {(double)plan.PeakMemoryBytes / plan.MeasuredMemoryBytes:F2} | {plan.TokensPerSecond:F0} | {speed:F0} | {plan.TokensPerSecond / speed:F2} |");
    }

    private RunFolder Do(RunSpec spec)
    {
        var folder = new RunFolder(Directory.CreateDirectory(Path.Combine(_root, $"{_number++}")).FullName);
        File.WriteAllText(folder.Spec, JsonSerializer.Serialize(spec, ProtocolJson.Document));
        using var process = Process.Start(new ProcessStartInfo("dotnet", [worker, "run", folder.Root]) { RedirectStandardError = true, UseShellExecute = false })!;
        var words = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? folder : throw new InvalidOperationException(words);
    }

    /// <summary>A model of random weights with the shipped base's tokenizer.</summary>
    private string Made(string name, ModelConfig config)
    {
        var folder = Path.Combine(_root, "model-" + name);
        ModelStore.Save(folder, config, ModelStore.Create(config, ScalarType.Float32, seed: 1).Parameters, ScalarType.BFloat16);
        foreach (var file in Directory.EnumerateFiles(baseModel, "tokenizer*.json"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        return folder;
    }

    /// <summary>Rows of about so many tokens, whose answers are a quarter of them.</summary>
    private DatasetFile Rows(int tokens)
    {
        var path = Path.Combine(_root, $"rows-{_number}.jsonl");
        // " the" is one token; four more are the template's.
        string Words(int count) => string.Concat(Enumerable.Repeat(" the", count));
        File.WriteAllLines(path, Enumerable.Range(0, 200).Select(i => JsonSerializer.Serialize(
            new DatasetRow($"{i}", [new("user", Words((tokens * 3 / 4) - 5)), new("assistant", Words(tokens / 4))]), ProtocolJson.Line)));
        return new(path, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))), 200);
    }
}
