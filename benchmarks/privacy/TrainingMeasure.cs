using System.Diagnostics;
using System.Globalization;
using WebTrainer.Learning;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Planning;
using WebTrainer.Learning.Privacy;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Benchmarks.Privacy;

/// <summary>
/// Steps of LoRA with and without a privacy budget, in turns: rank 16 on all linear maps of shape A of the engine's benchmark, 8 rows of
/// 256 tokens that are all learned.
/// </summary>
internal static class TrainingMeasure
{
    private const int Rows = 8,
        Tokens = 256,
        Rounds = 3,
        StepsOfMemory = 6;
    private const double SecondsOfRound = 1;

    private static readonly ModelConfig s_shapeA = new()
    {
        VocabularySize = 32_000,
        HiddenSize = 288,
        IntermediateSize = 768,
        Layers = 6,
        Heads = 6,
        KeyValueHeads = 6,
        HeadSize = 48,
        ContextTokens = 256,
    };

    public static void Run()
    {
        NativeEnvironment.Prepare();
        set_num_threads(Environment.ProcessorCount);
        // bfloat16 too where the machine has it; elsewhere it is emulated, many times as slow.
        foreach (var type in ((ScalarType[])[ScalarType.Float32, ComputeType.For(CPU)]).Distinct())
        {
            var (plain, own) = (Steps(type, isPrivate: false), Steps(type, isPrivate: true));
            _ = (PerSecond(plain), PerSecond(own)); // warm
            var ratios = new List<(double Plain, double Own)>();
            for (var round = 0; round < Rounds; round++)
            {
                ratios.Add((PerSecond(plain), PerSecond(own)));
            }

            var middle = ratios.OrderBy(r => r.Own / r.Plain).ElementAt(Rounds / 2);
            Console.WriteLine(
                $"LoRA r16, shape A, {type}: {middle.Plain:F0} tokens/s; private: {middle.Own:F0}, {middle.Own / middle.Plain:F2} × (of {Rounds} rounds in turns: {ratios.Min(r => r.Own / r.Plain):F2} to {ratios.Max(r => r.Own / r.Plain):F2})"
            );
        }

        // Each in processes of its own, in turns.
        var peaks = Enumerable.Range(0, 3).Select(_ => (Plain: PeakOf("plain"), Own: PeakOf("private"))).ToList();
        var (p, o) = (peaks.Select(m => m.Plain).Order().ElementAt(1), peaks.Select(m => m.Own).Order().ElementAt(1));
        Console.WriteLine(
            $"peak memory: {p / 1e6:F0} MB; private: {o / 1e6:F0} MB, {(double)o / p:F2} × (medians of three processes each)"
        );
        Console.WriteLine($"load of the machine: {File.ReadAllText("/proc/loadavg").Split(' ')[0]}, {Environment.ProcessorCount} cores");
    }

    /// <summary>In a process of its own: prints the highest resident memory.</summary>
    public static void PrintPeak(bool isPrivate)
    {
        NativeEnvironment.Prepare();
        set_num_threads(Environment.ProcessorCount);
        var step = Steps(ComputeType.For(CPU), isPrivate);
        for (var i = 0; i < StepsOfMemory; i++)
        {
            step();
        }

        Console.WriteLine(AvailableMemory.OfProcess().Peak.ToString(CultureInfo.InvariantCulture));
    }

    private static long PeakOf(string kind)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            ArgumentList = { Environment.GetCommandLineArgs()[0], "training", kind },
            RedirectStandardOutput = true,
            UseShellExecute = false,
            // as the portal starts its workers
            Environment = { ["MALLOC_MMAP_MAX_"] = "0", ["MALLOC_TRIM_THRESHOLD_"] = "34359738368" },
        };
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return long.Parse(said.Trim(), CultureInfo.InvariantCulture);
    }

    private static double PerSecond(Action step)
    {
        var watch = Stopwatch.StartNew();
        var steps = 0;
        do
        {
            step();
            steps++;
        } while (watch.Elapsed.TotalSeconds < SecondsOfRound);
        return steps * Rows * Tokens / watch.Elapsed.TotalSeconds;
    }

    private static Action Steps(ScalarType type, bool isPrivate)
    {
        var made = ModelStore.Create(s_shapeA, type, seed: 1);
        var model = new CausalLM(
            s_shapeA,
            new ModelWeights(made.Parameters.ToDictionary(pair => pair.Key, pair => pair.Value.to(type))),
            type
        );
        var method = new MethodSpec
        {
            Rank = 16,
            Alpha = 32,
            Targets = MethodSpec.AllLinear,
        };
        var adapter = LoraAdapter.Create(model, method, seed: 2);
        adapter.Attach(model);
        var parameters = adapter.Parameters();
        var privacy = isPrivate
            ? PrivateGradients.Attach(model, parameters, new PrivateStep(1, 1, Rows), PrivateRandom.OfSeed(3), row => row.Id)
            : null;
        var trainer = new Trainer(
            model,
            parameters,
            new AdamW(parameters, new AdamWSettings(0.01)),
            new TrainerSettings(1, 1, PaddingId: 0),
            new AnswerObjective(model),
            privacy
        );
        var random = new Random(1);
        List<TokenRow> rows =
        [
            .. Enumerable
                .Range(0, Rows)
                .Select(row => new TokenRow(
                    $"{row}",
                    [.. Enumerable.Range(0, Tokens).Select(_ => random.Next(s_shapeA.VocabularySize))],
                    AnswerStart: 1
                )),
        ];
        var number = 0;
        return () => trainer.Step(++number, [rows], learningRate: 1e-4);
    }
}
