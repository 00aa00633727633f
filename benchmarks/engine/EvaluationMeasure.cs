using System.Diagnostics;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Evaluation;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Benchmarks;
using static TorchSharp.torch;

namespace WebTrainer.Benchmarks.Engine;

/// <summary>Questions of MMLU a second, as an evaluation asks them, beside the bare forward passes of the same tokens.</summary>
internal sealed class EvaluationMeasure(string baseModel, string mmlu)
{
    private const int Questions = 400;

    public void Run()
    {
        var model = ModelStore.Load(baseModel, ScalarType.BFloat16, ScalarType.BFloat16, CPU);
        var encoder = ConversationEncoder.Of(baseModel, PromptTemplate.Chat, model.Config.ContextTokens);
        var files = Directory
            .GetFiles(mmlu, "*.csv", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(path => new BenchmarkText(Path.GetRelativePath(mmlu, path), File.ReadAllText(path)))
            .ToList();
        foreach (var shots in (int[])[0, 5])
        {
            var spec = new BenchmarkSpec
            {
                Kind = BenchmarkKind.Mmlu,
                Name = "MMLU",
                Shots = shots,
                MaxQuestions = Questions,
            };
            var benchmark = BenchmarkReader.Make(spec, files, OwnData.None, CancellationToken.None);
            var batches = Batches(benchmark, encoder);
            var (asked, bare) = Measure.Beside(() => Asked(benchmark, model, encoder), () => Bare(batches, model));
            Console.WriteLine(
                $"| MMLU, letters, {shots} solved examples: evaluation ÷ bare forward passes | {asked / bare:F2} | {asked:F1} and {bare:F1} questions/s |"
            );
        }
    }

    /// <summary>All that an evaluation does: prompts, tokens, batches, passes, keeping the answers on disk, scores.</summary>
    private static double Asked(Benchmark benchmark, CausalLM model, ConversationEncoder encoder)
    {
        var folder = Directory.CreateTempSubdirectory("asked-").FullName;
        try
        {
            var watch = Stopwatch.StartNew();
            using var journal = AnswerJournal.Open(folder, folder, "model");
            var responses = new RequestRunner(model, encoder, journal).Run(
                [.. benchmark.Questions.SelectMany(question => question.Requests)],
                null,
                CancellationToken.None
            );
            _ = benchmark.Summarise([
                .. benchmark.Questions.Select((question, i) => benchmark.Score(question, responses[(i * 4)..((i * 4) + 4)])),
            ]);
            return benchmark.Questions.Count / watch.Elapsed.TotalSeconds;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The same prompts in batches of like length, made beforehand.</summary>
    private static List<(long[] Ids, int Rows, int Width)> Batches(Benchmark benchmark, ConversationEncoder encoder)
    {
        const int BatchTokens = 4096;
        var prompts = benchmark
            .Questions.Select(question =>
                encoder.Tokenizer.Encode(((ContinuationRequest)question.Requests[0]).Prompt.Text!).TakeLast(encoder.ContextTokens).ToArray()
            )
            .OrderBy(prompt => prompt.Length)
            .ToList();
        var batches = new List<(long[], int, int)>();
        for (var next = 0; next < prompts.Count; )
        {
            var batch = new List<int[]>();
            while (next < prompts.Count && (batch.Count == 0 || (batch.Count + 1) * prompts[next].Length <= BatchTokens))
            {
                batch.Add(prompts[next++]);
            }

            var width = batch[^1].Length;
            batches.Add(
                (
                    [.. batch.SelectMany(prompt => prompt.Select(id => (long)id).Concat(Enumerable.Repeat(0L, width - prompt.Length)))],
                    batch.Count,
                    width
                )
            );
        }

        return batches;
    }

    private static double Bare(List<(long[] Ids, int Rows, int Width)> batches, CausalLM model)
    {
        using var _ = inference_mode();
        var watch = Stopwatch.StartNew();
        foreach (var (ids, rows, width) in batches)
        {
            using var scope = NewDisposeScope();
            var hidden = model.Forward(tensor(ids, [rows, width]));
            model.Logits(hidden[.., -1]).to(ScalarType.Float32).sum().item<float>();
        }

        return batches.Sum(batch => batch.Rows) / watch.Elapsed.TotalSeconds;
    }
}
