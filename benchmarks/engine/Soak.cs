using System.Diagnostics;
using System.Globalization;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Serving;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;
using static TorchSharp.torch;

namespace WebTrainer.Benchmarks.Engine;

/// <summary>Resident memory over a long training and over many generations: it must not creep.</summary>
internal sealed class Soak(string baseModel)
{
    private const int Rows = 16,
        Generations = 10_000,
        AtOnce = 16;

    public void Run(TimeSpan training)
    {
        Console.WriteLine("| what | done | resident MB |");
        Console.WriteLine("| --- | --- | --- |");
        Train(training);
        Generate();
    }

    private void Train(TimeSpan duration)
    {
        var model = ModelStore.Load(baseModel, ScalarType.BFloat16, ScalarType.BFloat16, CPU);
        using var adapter = LoraAdapter.Create(model, new MethodSpec(), seed: 1);
        adapter.Attach(model);
        var parameters = adapter.Parameters();
        var trainer = new Trainer(
            model,
            parameters,
            new AdamW(parameters, new AdamWSettings(0.01)),
            new TrainerSettings(1, 1, PaddingId: 0),
            new AnswerObjective(model)
        );
        var random = new Random(1);
        var (watch, minute) = (Stopwatch.StartNew(), 0);
        for (var step = 1; watch.Elapsed < duration; step++)
        {
            // Lengths differ from step to step, as they do in a run.
            var tokens = 20 + random.Next(200);
            trainer.Step(
                step,
                [
                    [
                        .. Enumerable
                            .Range(0, Rows)
                            .Select(row => new TokenRow(
                                $"{row}",
                                [.. Enumerable.Range(0, tokens).Select(_ => random.Next(8192))],
                                AnswerStart: tokens / 2
                            )),
                    ],
                ],
                learningRate: 1e-5
            );
            if (watch.Elapsed.TotalMinutes >= minute)
            {
                Tell($"training, minute {minute}", $"{step} steps");
                minute += 2;
            }
        }

        LoraAdapter.Detach(model);
    }

    private void Generate()
    {
        var models = new ModelSet(baseModel, [], WeightPrecision.Full, CPU, CancellationToken.None);
        var loop = new ServeLoop(models, new ConversationEncoder(TextTokenizer.Load(baseModel), PromptTemplate.Chat, models.ContextTokens));
        using var over = new CancellationTokenSource();
        var (ended, sent) = (0, 0);
        void Ask() =>
            loop.Enqueue(
                new PendingRequest(
                    new GenerateRequest(
                        $"{sent++}",
                        ModelSet.BaseName,
                        [new("user", string.Concat(Enumerable.Repeat("word ", 1 + (sent % 60))))]
                    )
                    {
                        MaxNewTokens = 4 + (sent % 24),
                        Sampling = new() { Temperature = 1 },
                        Seed = sent,
                    },
                    chunk =>
                    {
                        if (chunk.FinishReason is null)
                        {
                            return;
                        }

                        if (++ended % 1000 == 0)
                        {
                            Tell("generations", ended.ToString(CultureInfo.InvariantCulture));
                        }

                        if (ended >= Generations)
                        {
                            over.Cancel();
                        }
                        else
                        {
                            Ask();
                        }
                    }
                )
            );
        for (var i = 0; i < AtOnce; i++)
        {
            Ask();
        }

        loop.Run(TimeSpan.FromSeconds(5), over.Token);
    }

    private static void Tell(string what, string done) => Console.WriteLine($"| {what} | {done} | {Environment.WorkingSet / 1e6:F0} |");
}
