using System.Globalization;
using WebTrainer.Benchmarks.Engine;
using WebTrainer.Learning;
using WebTrainer.Learning.Planning;
using WebTrainer.Protocol;
using static TorchSharp.torch;

// Prints the engine's figures as shares of what this machine can do at the same moment: its matrix products and its memory.
NativeEnvironment.Prepare();
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["planner", var worker, var baseModel, ..])
{
    using var made = new WorkerModels(Path.GetFullPath(baseModel));
    new PlannerMeasure(worker, Path.GetFullPath(baseModel), made, args.Length > 3 ? args[3] : "").Run();
    return;
}

if (args is ["resume", var resumed, var tokenizer])
{
    using var made = new WorkerModels(Path.GetFullPath(tokenizer));
    new ResumeMeasure(resumed, made).Run();
    return;
}

if (args is ["evaluation", var asked, var mmlu])
{
    set_num_threads(Environment.ProcessorCount);
    new EvaluationMeasure(Path.GetFullPath(asked), Path.GetFullPath(mmlu)).Run();
    return;
}

if (args is ["llamacpp", var shipped])
{
    set_num_threads(Environment.ProcessorCount);
    using var beside = new LlamaCppMeasure(Path.GetFullPath(shipped));
    beside.Run();
    return;
}

if (args is ["embedding"])
{
    set_num_threads(Environment.ProcessorCount);
    using var embedding = new EmbeddingMeasure();
    embedding.Run();
    return;
}

if (args is ["classifier", ..])
{
    set_num_threads(Environment.ProcessorCount);
    using var folder = new MiniLmShape();
    Console.WriteLine("| classifier of MiniLM's shape, 32 rows, bf16 | part of the matrix-product rate | tokens/s, GFLOP/s |");
    Console.WriteLine("| --- | --- | --- |");
    foreach (var (tokens, shortest) in ((int, int)[])[(16, 15), (16, 11), (64, 63)])
    {
        foreach (var rank in (int?[])[16, null])
        {
            var steps = new ClassifierMeasure(folder.Path, rows: 32, tokens, shortest, rank);
            var (speed, gemm) = Measure.Beside(steps.TokensPerSecond, () => Machine.FlopsPerSecond(ScalarType.BFloat16));
            Console.WriteLine(
                $"| {(rank is null ? "all weights" : "LoRA r16")}, {shortest + 1} to {tokens} tokens | {speed * steps.FlopsPerToken / gemm:P0} | {speed:F0}, {gemm / 1e9:F0} |"
            );
        }
    }

    return;
}

if (args is ["soak", var model, var minutes])
{
    set_num_threads(1);
    new Soak(Path.GetFullPath(model)).Run(TimeSpan.FromMinutes(double.Parse(minutes)));
    return;
}

set_num_threads(args.Length > 0 ? int.Parse(args[0]) : Environment.ProcessorCount);
var method = new MethodSpec
{
    Rank = 16,
    Alpha = 16,
    Targets = MethodSpec.AllLinear,
};
Console.WriteLine("| figure | value | measured beside |");
Console.WriteLine("| --- | --- | --- |");

if (args.Length > 1 && args[1] == "memory")
{
    // A process of its own: its peak is that of these steps and of nothing else.
    var steps = new TrainingMeasure(Shapes.A, ScalarType.BFloat16, method, rows: 8, tokens: 256);
    _ = steps.TokensPerSecond();
    Console.WriteLine($"| peak memory, LoRA r16, shape A, bf16 | {AvailableMemory.OfProcess().Peak / 1e6:F0} MB | |");
    return;
}

if (args.Length > 1 && args[1] == "preferences")
{
    var dpo = new PreferenceMeasure(PreferenceLoss.Dpo, method);
    foreach (var loss in (PreferenceLoss[])[PreferenceLoss.SimPo, PreferenceLoss.Orpo, PreferenceLoss.Kto])
    {
        var other = new PreferenceMeasure(loss, method);
        var (theirs, its) = Measure.Beside(other.StepsPerSecond, dpo.StepsPerSecond);
        Console.WriteLine($"| {loss}: time of a step ÷ DPO's | {its / theirs:F2} | {1000 / theirs:F0} and {1000 / its:F0} ms |");
    }

    return;
}

if (args.Length > 1 && args[1] == "experts")
{
    // The maps of the attention learn in both: the experts' are called otherwise.
    var attention = method with
    {
        Targets = ["q_proj", "k_proj", "v_proj", "o_proj"],
    };
    foreach (var type in (ScalarType[])[ScalarType.BFloat16, ScalarType.Float32])
    {
        var routed = new TrainingMeasure(Shapes.Experts, type, attention, rows: 4, tokens: 512);
        var dense = new TrainingMeasure(Shapes.AsDense, type, attention, rows: 4, tokens: 512);
        var (sparse, full) = Measure.Beside(routed.TokensPerSecond, dense.TokensPerSecond);
        Console.WriteLine(
            $"| 2 of 8 experts ÷ as many weights in one, LoRA r16, {type} | {sparse / full:F2} | {sparse:F0} and {full:F0} tokens/s |"
        );
    }

    return;
}

if (args.Length > 1 && args[1] == "generation")
{
    MeasureGeneration();
    return;
}

foreach (var type in (ScalarType[])[ScalarType.BFloat16, ScalarType.Float32])
{
    var training = new TrainingMeasure(Shapes.A, type, method, rows: 8, tokens: 256);
    var (speed, gemm) = Measure.Beside(training.TokensPerSecond, () => Machine.FlopsPerSecond(type));
    Console.WriteLine(
        $"| LoRA r16, shape A, {type}: part of the matrix-product rate | {speed * training.FlopsPerToken / gemm:P0} | {speed:F0} tokens/s, {gemm / 1e9:F0} GFLOP/s |"
    );
}

Compare("QLoRA ÷ LoRA, shape B", Shapes.B, method with { Method = TuningMethod.QLoRA }, rows: 2, tokens: 512);
Compare("DoRA ÷ LoRA, shape A", Shapes.A, method with { Method = TuningMethod.DoRA }, rows: 8, tokens: 256);

MeasureGeneration();

void MeasureGeneration()
{
    var generation = new GenerationMeasure(Shapes.B);
    var (one, read) = Measure.Beside(() => generation.TokensPerSecond(batch: 1), Machine.BytesPerSecond);
    Console.WriteLine(
        $"| generation, shape B, bf16, batch 1 | {one:F0} tokens/s | {one * generation.WeightBytes / read:P0} of {read / 1e9:F1} GB/s |"
    );
    var (eight, single) = Measure.Beside(() => generation.TokensPerSecond(batch: 8), () => generation.TokensPerSecond(batch: 1));
    Console.WriteLine($"| the same, batch 8 ÷ batch 1 | {eight / single:F1} | {eight:F0} and {single:F0} tokens/s |");
}

void Compare(string name, WebTrainer.Learning.Models.ModelConfig shape, MethodSpec other, int rows, int tokens)
{
    var lora = new TrainingMeasure(shape, ScalarType.BFloat16, method, rows, tokens);
    var variant = new TrainingMeasure(shape, ScalarType.BFloat16, other, rows, tokens);
    var (a, b) = Measure.Beside(variant.TokensPerSecond, lora.TokensPerSecond);
    Console.WriteLine($"| {name} | {a / b:F2} | {a:F0} and {b:F0} tokens/s |");
}
