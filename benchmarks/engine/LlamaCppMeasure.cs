using System.Diagnostics;
using LLama;
using LLama.Common;
using LLama.Native;
using WebTrainer.Learning.Export;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Benchmarks.Engine;

/// <summary>
/// Generation and reading of prompts beside llama.cpp (LLamaSharp), the same weights of shape B in bfloat16: here as a model folder, there
/// as a GGUF file written by this project. In turns in one run; llama.cpp with one thread and with two.
/// </summary>
internal sealed class LlamaCppMeasure : IDisposable
{
    private const int Prompt = 128,
        Answer = 128,
        LongPrompt = 512,
        Callers = 8;
    private static readonly IReadOnlySet<int> s_noEnds = new HashSet<int>();
    private readonly CausalLM _ours;
    private readonly string _folder = Directory.CreateTempSubdirectory("engine-llama-").FullName;

    /// <param name="tokenizer">Folder of the shipped base, whose tokenizer the file needs.</param>
    public LlamaCppMeasure(string tokenizer)
    {
        using var made = new WorkerModels(tokenizer);
        var folder = made.Make("b", Shapes.B);
        GgufExport.Write(_folder, folder, adapter: null, GgufWeights.Bf16, CancellationToken.None);
        var weights = ModelStore.Create(Shapes.B, ScalarType.BFloat16, seed: 1);
        _ours = new CausalLM(
            Shapes.B,
            new ModelWeights(weights.Parameters.ToDictionary(pair => pair.Key, pair => pair.Value.to(ScalarType.BFloat16))),
            ScalarType.BFloat16
        );
    }

    public void Run()
    {
        NativeLibraryConfig.All.WithLogCallback((_, _) => { });
        Console.WriteLine($"OMP_WAIT_POLICY={Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") ?? "(unset)"}");
        Console.WriteLine("| shape B, bf16 | here | llama.cpp, 1 thread | 2 threads | here ÷ its best |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        Row(
            $"{Prompt} in, {Answer} out, one caller, tokens written/s",
            Answer,
            () => Ours(1, Prompt, Answer),
            threads => new(Path, threads, 1),
            peer => peer.Run(Prompt, Answer)
        );
        Row(
            $"prompt of {Prompt}, tokens read/s",
            Prompt,
            () => Ours(1, Prompt, 1),
            threads => new(Path, threads, 1),
            peer => peer.Run(Prompt, 1)
        );
        Row(
            $"prompt of {LongPrompt - 1}, tokens read/s",
            LongPrompt - 1,
            () => Ours(1, LongPrompt - 1, 1),
            threads => new(Path, threads, 1),
            peer => peer.Run(LongPrompt - 1, 1)
        );
        Row(
            $"{Callers} callers at once, tokens written/s",
            Callers * Answer,
            () => Ours(Callers, Prompt, Answer),
            threads => new(Path, threads, Callers),
            peer => peer.Run(Prompt, Answer)
        );
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Path => System.IO.Path.Combine(_folder, GgufExport.FileName);

    private static void Row(string name, int tokens, Action ours, Func<int, Peer> peerOf, Action<Peer> theirs)
    {
        var (mine, one, two) = (new List<double>(), new List<double>(), new List<double>());
        using var first = peerOf(1);
        using var second = peerOf(2);
        const int Rounds = 6; // of which the first warms up
        for (var round = 0; round < Rounds; round++)
        {
            mine.Add(Seconds(ours));
            one.Add(Seconds(() => theirs(first)));
            two.Add(Seconds(() => theirs(second)));
        }

        double Rate(List<double> seconds) => tokens / seconds.Skip(1).Order().ElementAt((Rounds - 1) / 2);
        var best = Math.Max(Rate(one), Rate(two));
        Console.WriteLine($"| {name} | {Rate(mine):F0} | {Rate(one):F0} | {Rate(two):F0} | {Rate(mine) / best:F2} |");
    }

    private void Ours(int callers, int prompt, int answer) =>
        GreedyGenerator.Generate(
            _ours,
            [.. Enumerable.Range(0, callers).Select(row => (IReadOnlyList<int>)[.. Ids(prompt, row)])],
            answer,
            s_noEnds,
            CancellationToken.None
        );

    private static IEnumerable<int> Ids(int count, int row) => Enumerable.Range(1, count).Select(i => ((i * 31) + row) % 8_000);

    private static double Seconds(Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed.TotalSeconds;
    }

    /// <summary>llama.cpp with its usual settings, but for threads and sequences.</summary>
    private sealed class Peer : IDisposable
    {
        private readonly LLamaWeights _weights;
        private readonly LLamaContext _context;
        private readonly int _callers;

        public Peer(string path, int threads, int callers)
        {
            var parameters = new ModelParams(path)
            {
                ContextSize = (uint)(LongPrompt * callers),
                BatchSize = (uint)(LongPrompt * callers),
                SeqMax = (uint)callers,
                Threads = threads,
                BatchThreads = threads,
                GpuLayerCount = 0,
            };
            _callers = callers;
            _weights = LLamaWeights.LoadFromFile(parameters);
            _context = _weights.CreateContext(parameters);
        }

        /// <summary>Reads the prompts of all callers in one batch, then writes a token of each in each step.</summary>
        public void Run(int prompt, int answer)
        {
            _context.NativeHandle.MemoryClear(true);
            var batch = new LLamaBatch();
            var places = new int[_callers];
            for (var caller = 0; caller < _callers; caller++)
            {
                var (ids, position) = (Ids(prompt, caller).ToList(), 0);
                foreach (var id in ids)
                {
                    var last = position == ids.Count - 1;
                    places[caller] = batch.TokenCount;
                    batch.Add((LLamaToken)id, position++, (LLamaSeqId)caller, last);
                }
            }

            Decode(batch);
            for (var step = 1; step < answer; step++)
            {
                var next = Array.ConvertAll(places, Best);
                batch = new LLamaBatch();
                for (var caller = 0; caller < _callers; caller++)
                {
                    places[caller] = batch.TokenCount;
                    batch.Add((LLamaToken)next[caller], prompt + step - 1, (LLamaSeqId)caller, true);
                }

                Decode(batch);
            }
        }

        public void Dispose()
        {
            _context.Dispose();
            _weights.Dispose();
        }

        private int Best(int place)
        {
            var scores = _context.NativeHandle.GetLogitsIth(place);
            return scores.IndexOf(System.Linq.Enumerable.Max(scores.ToArray()));
        }

        private void Decode(LLamaBatch batch)
        {
            if (_context.Decode(batch) is not DecodeResult.Ok and var result)
            {
                throw new InvalidOperationException($"llama.cpp did not decode: {result}.");
            }
        }
    }
}
