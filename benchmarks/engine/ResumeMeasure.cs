using System.Diagnostics;
using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Benchmarks.Engine;

/// <summary>
/// Kills a run on a base of 500 MB and times its way back: from the worker's start to the first step behind the checkpoint.
/// </summary>
internal sealed class ResumeMeasure(string worker, WorkerModels models)
{
    private const int Rounds = 3;

    public void Run()
    {
        var spec = new TrainSpec
        {
            RunId = Guid.NewGuid(),
            BaseModel = models.Make("b32", Shapes.B, half: false),
            Method = new MethodSpec
            {
                Rank = 16,
                Alpha = 16,
                Targets = MethodSpec.AllLinear,
            },
            Data = new DatasetFiles { Train = models.Rows(60) },
            Training = new TrainingSettings
            {
                MicroBatch = 2,
                ContextTokens = 64,
                MaxSteps = 10_000,
                Epochs = 1000,
                CheckpointEverySteps = 2,
                Samples = 0,
            },
        };
        var folder = models.Folder(spec);
        StepAfter(folder, 0); // until a checkpoint is there
        var seconds = Enumerable.Range(0, Rounds).Select(_ => StepAfter(folder, LastStep(folder))).ToList();
        var bytes = new FileInfo(Path.Combine(spec.BaseModel, "model.safetensors")).Length;
        Console.WriteLine(
            $"| resume + load of a base of {bytes / 1e6:F0} MB, first step | {string.Join(", ", seconds.Order().Select(time => $"{time:F2} s"))} | {Rounds} kills |"
        );
    }

    /// <summary>Starts a worker, waits for a few steps behind the given one, and kills it.</summary>
    /// <returns>Seconds from the start to the first of them.</returns>
    private double StepAfter(RunFolder folder, int step)
    {
        var watch = Stopwatch.StartNew();
        var begun = DateTimeOffset.UtcNow;
        using var process = Process.Start(new ProcessStartInfo("dotnet", [worker, "run", folder.Root]) { UseShellExecute = false })!;
        double? first = null;
        while (true)
        {
            var steps = Steps(folder).Where(entry => entry.Time >= begun).ToList();
            first ??= steps.Count > 0 ? (steps[0].Time - begun).TotalSeconds : null;
            if (steps.Count >= 5)
            {
                process.Kill();
                process.WaitForExit();
                return first!.Value;
            }

            if (process.HasExited || watch.Elapsed > TimeSpan.FromMinutes(3))
            {
                throw new InvalidOperationException("The worker made no step.");
            }

            Thread.Sleep(20);
        }
    }

    private static int LastStep(RunFolder folder) => Steps(folder).Max(entry => entry.Step);

    private static IEnumerable<StepEvent> Steps(RunFolder folder) =>
        File.Exists(folder.Events) ? new EventReader(folder.Events).Read().Events.OfType<StepEvent>() : [];
}
