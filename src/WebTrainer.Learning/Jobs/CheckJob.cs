using System.Diagnostics;
using System.Text.Json;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Planning;
using WebTrainer.Learning.Templates;
using WebTrainer.Tokenizing;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Jobs;

/// <summary>Loads a model with its tokenizer and lets it answer: what a new model must do before anybody trains it.</summary>
public sealed class CheckJob(RunContext context)
{
    private const int NewTokens = 24;

    public void Run(CancellationToken cancellation)
    {
        context.Events.Write(new StateEvent(WorkerState.Running));
        var spec = context.Spec;
        var watch = Stopwatch.StartNew();
        var device = JobDevice.Prepare(spec);
        var compute = ComputeType.For(device);
        var tokenizer = TextTokenizer.Load(spec.BaseModel);
        var model = ModelStore.Load(spec.BaseModel, compute, compute, device, cancellation: cancellation);
        if (tokenizer.Size > model.Config.VocabularySize)
        {
            throw new ModelFileException($"The tokenizer knows {tokenizer.Size} tokens, but the model only {model.Config.VocabularySize}: they don't belong together.");
        }

        var loaded = watch.Elapsed;
        var prompt = new ConversationEncoder(tokenizer, ChatFormats.Of(spec.BaseModel, spec.Template), model.Config.ContextTokens).EncodePrompt([new("user", "Hello! Who are you?")]);
        watch.Restart();
        var answer = GreedyGenerator.Generate(model, [prompt], NewTokens, tokenizer.EndId, cancellation)[0];
        var seconds = watch.Elapsed.TotalSeconds;
        Directory.CreateDirectory(context.Folder.Output);
        var check = new ModelCheck(
            model.ParameterCount, model.Config.ContextTokens, model.Config.VocabularySize, loaded.TotalSeconds, tokenizer.Decode(answer), (answer.Count + 1) / seconds, AvailableMemory.OfProcess().Peak);
        AtomicFile.WriteAllText(context.Folder.Check, JsonSerializer.Serialize(check, ProtocolJson.Document));
    }
}
