using System.Diagnostics;
using System.Text.Json;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Evaluation;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Planning;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Jobs;

/// <summary>
/// Loads a model with its tokenizer and lets it answer, or compare two sentences: what a new model must do before anybody uses it. A new
/// adapter must do the same on its base.
/// </summary>
public sealed class CheckJob(JobContext<CheckSpec> context) : IJob
{
    private const int NewTokens = 24;

    /// <summary>
    /// Loads the model, has it read two pages and write a few tokens, or compare two sentences, and writes what came of it to
    /// <see cref="RunFolder.Check"/>.
    /// </summary>
    /// <returns>Completed.</returns>
    /// <exception cref="ModelFileException">The model can't be loaded, has weights that are no numbers, or gives states that are not
    /// finite.</exception>
    public WorkerState Run(CancellationToken cancellationToken)
    {
        context.Events.Write(new StateEvent(WorkerState.Running));
        var device = JobDevice.Prepare(context.Spec);
        RequireNumbers(context.Spec.BaseModel, cancellationToken);
        var check =
            !ModelTypes.IsEncoder(ModelConfig.Read(context.Spec.BaseModel).Type) ? CheckWriter(device, cancellationToken)
            : context.Spec.Adapter is null ? CheckEncoder(device, cancellationToken)
            : throw new ModelFileException(
                "Its base is an encoder: PEFT keeps beside an adapter neither the names of its labels nor how texts are read, without which it can't answer. Adapters of decoders and encoder-decoders can be brought in."
            );
        Directory.CreateDirectory(context.Folder.Output);
        AtomicFile.WriteAllText(context.Folder.Check, JsonSerializer.Serialize(check, ProtocolJson.Document));
        return WorkerState.Completed;
    }

    private ModelCheck CheckWriter(Device device, CancellationToken cancellationToken)
    {
        var spec = context.Spec;

        var watch = Stopwatch.StartNew();
        var compute = ComputeType.For(device);
        var model = ModelStore.LoadLanguageModel(spec.BaseModel, compute, compute, device, cancellationToken: cancellationToken);
        var encoder = ConversationEncoder.Of(
            spec.BaseModel,
            PromptTemplate.Chat,
            model.Config.ContextTokens,
            model.Config.IsEncoderDecoder
        );
        var tokenizer = encoder.Tokenizer;
        if (tokenizer.Size > model.Config.VocabularySize)
        {
            throw new ModelFileException(
                $"The tokenizer knows {tokenizer.Size} tokens, but the model only {model.Config.VocabularySize}: they don't belong together."
            );
        }

        // a page is no answer to anything, which is all that an encoder-decoder writes
        IReadOnlyList<PageReading> Read() => model is CausalLM decoder ? ReadingPages.Measure(decoder, tokenizer, cancellationToken) : [];

        watch.Stop();
        var baseReadings = spec.Adapter is null ? [] : Read();
        watch.Start();
        using var adapter = spec.Adapter is null ? null : LoadAdapter(spec.Adapter, model, cancellationToken);
        adapter?.Attach(model);
        var loaded = watch.Elapsed;
        var prompt = encoder.EncodePrompt([new("user", "Hello! Who are you?")]);
        RequireFinite(model, prompt);
        watch.Restart();
        var answer = GreedyGenerator.Generate(model, [prompt], NewTokens, encoder.EndIds, cancellationToken)[0];
        var seconds = watch.Elapsed.TotalSeconds;
        return new ModelCheck(
            model.ParameterCount,
            model.Config.ContextTokens,
            model.Config.VocabularySize,
            loaded.TotalSeconds,
            tokenizer.Decode(answer),
            (answer.Count + 1) / seconds,
            AvailableMemory.OfProcess().Peak
        )
        {
            Readings = Read(),
            BaseReadings = baseReadings,
            Adapter = adapter?.Config.ToMethod(),
        };
    }

    /// <exception cref="ModelFileException">It is none that can be read, doesn't fit its base, or is damaged.</exception>
    private static LoraAdapter LoadAdapter(string folder, ILanguageModel model, CancellationToken cancellationToken)
    {
        var adapter = PeftFolder.Load(folder, model, cancellationToken);
        using var scope = NewDisposeScope();
        foreach (var (name, update) in adapter.Updates)
        {
            if (update.Saved.FirstOrDefault(part => !part.Value.isfinite().all().item<bool>()).Key is { } part)
            {
                throw new ModelFileException(
                    $"The adapter's weight '{name}.{part}' holds values that are no numbers; the adapter's files are damaged."
                );
            }
        }

        return adapter;
    }

    /// <summary>Damaged weights load like any others, and then every answer is the same noise.</summary>
    private static void RequireNumbers(string folder, CancellationToken cancellationToken)
    {
        var files = new WeightFiles(folder);
        foreach (var name in files.Names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var weight = files.Read(name);
            // the largest is none if any is none
            if (weight.is_floating_point() && weight.NumberOfElements > 0 && weight.max().isnan().item<bool>())
            {
                throw new ModelFileException($"The weight '{name}' holds values that are no numbers; the model's files are damaged.");
            }
        }

        files.Release();
    }

    private static void RequireFinite(ILanguageModel model, List<int> prompt)
    {
        using var batch = Batch.Of([new TokenRow("", [.. prompt, prompt[^1]], prompt.Count)], paddingId: 0, model.Device);
        if (model.FindNotFinite(batch) is { } part)
        {
            throw new ModelFileException(
                $"The model gives values that are no numbers, first in its part '{part}'; its weights may be damaged."
            );
        }
    }

    private ModelCheck CheckEncoder(Device device, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var encoder = SentenceEncoder.Load(context.Spec.BaseModel, ComputeType.For(device), device, cancellationToken);
        var loaded = watch.Elapsed;
        var (first, second) = ModelCheck.Sentences;
        int[][] sentences = [encoder.Encode(first).Tokens, encoder.Encode(second).Tokens];
        watch.Restart();
        using var vectors = encoder.Embed(sentences);
        var seconds = watch.Elapsed.TotalSeconds;
        using var product = vectors[0].dot(vectors[1]);
        var likeness = product.item<float>();
        if (!float.IsFinite(likeness))
        {
            throw new ModelFileException("The encoder gives values that are no numbers; its weights may be damaged.");
        }

        return new ModelCheck(
            encoder.ParameterCount,
            encoder.MaximumTokens,
            encoder.Config.VocabularySize,
            loaded.TotalSeconds,
            "",
            sentences.Sum(sentence => sentence.Length) / seconds,
            AvailableMemory.OfProcess().Peak
        )
        {
            Likeness = likeness,
        };
    }
}
