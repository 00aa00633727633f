using System.Diagnostics;
using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Benchmarks.Engine;

/// <summary>Lets the worker plan runs of many kinds and then do them, and compares: peak of resident memory, and tokens a second.</summary>
/// <param name="only">Part of the names of the runs to measure; empty for all.</param>
internal sealed class PlannerMeasure(string worker, string baseModel, WorkerModels models, string only)
{
    private const int Steps = 12;

    public void Run()
    {
        Console.WriteLine("| run | memory planned | measured | ÷ | tokens/s planned | measured | ÷ |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        var (a, b) = (models.Make("a", Shapes.A), models.Make("b", Shapes.B));
        var lora = new MethodSpec
        {
            Rank = 16,
            Alpha = 16,
            Targets = MethodSpec.AllLinear,
        };
        Compare(
            "8M, LoRA r32 on everything, 32 × 60",
            baseModel,
            new MethodSpec(),
            new() { MicroBatch = 32, ContextTokens = 128 },
            tokens: 60
        );
        Compare("8M, LoRA r16, 8 × 256", baseModel, lora, new() { MicroBatch = 8 }, tokens: 256);
        Compare("8M, LoRA r16, 8 × 500", baseModel, lora, new() { MicroBatch = 8, ContextTokens = 512 }, tokens: 500);
        Compare(
            "8M, LoRA r64, 16 × 200, accumulation 2",
            baseModel,
            lora with
            {
                Rank = 64,
            },
            new() { MicroBatch = 16, Accumulation = 2 },
            tokens: 200
        );
        Compare("8M, DoRA r16, 8 × 256", baseModel, lora with { Method = TuningMethod.DoRA }, new() { MicroBatch = 8 }, tokens: 256);
        Compare("8M, full, 8 × 256", baseModel, lora with { Method = TuningMethod.Full }, new() { MicroBatch = 8 }, tokens: 256);
        Compare(
            "8M, LoRA r16, 32 × 256, checkpointing",
            baseModel,
            lora,
            new() { MicroBatch = 32, GradientCheckpointing = true },
            tokens: 256
        );
        Compare("15M, LoRA r16, 8 × 250", a, lora, new() { MicroBatch = 8 }, tokens: 250);
        Compare("15M, full, 4 × 250", a, lora with { Method = TuningMethod.Full }, new() { MicroBatch = 4 }, tokens: 250);
        Compare("125M, LoRA r16, 2 × 500", b, lora, new() { MicroBatch = 2, ContextTokens = 512 }, tokens: 500);
        Compare(
            "125M, QLoRA r16, 2 × 500",
            b,
            lora with
            {
                Method = TuningMethod.QLoRA,
            },
            new() { MicroBatch = 2, ContextTokens = 512 },
            tokens: 500
        );
        Compare(
            "125M, LoRA r16, 4 × 500, checkpointing",
            b,
            lora,
            new()
            {
                MicroBatch = 4,
                ContextTokens = 512,
                GradientCheckpointing = true,
            },
            tokens: 500
        );
    }

    private void Compare(string name, string model, MethodSpec method, TrainingSettings training, int tokens)
    {
        if (!name.Contains(only, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        var spec = new TrainSpec
        {
            RunId = Guid.NewGuid(),
            BaseModel = model,
            Method = method,
            Data = new DatasetFiles { Train = models.Rows(tokens) },
            Training = training with { MaxSteps = Steps, Epochs = 100, CheckpointEverySteps = 1000 },
        };
        var plan = JsonSerializer.Deserialize<RunPlan>(File.ReadAllText(Do(new PlanSpec(spec)).Plan), ProtocolJson.Document)!;
        var steps = new EventReader(Do(spec).Events).Read().Events.OfType<StepEvent>().ToList();
        // The first steps warm up, as they do in any run of more than a minute.
        var speed = steps.Skip(2).Average(step => step.TokensPerSecond);
        Console.WriteLine(
            $"| {name} | {plan.PeakMemoryBytes / 1e6:F0} MB | {plan.MeasuredMemoryBytes / 1e6:F0} MB | {(double)plan.PeakMemoryBytes / plan.MeasuredMemoryBytes:F2} | {plan.TokensPerSecond:F0} | {speed:F0} | {plan.TokensPerSecond / speed:F2} |"
        );
    }

    private RunFolder Do(JobSpec spec)
    {
        var folder = models.Folder(spec);
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [worker, "run", folder.Root]) { RedirectStandardError = true, UseShellExecute = false }
        )!;
        var words = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? folder : throw new InvalidOperationException(words);
    }
}
