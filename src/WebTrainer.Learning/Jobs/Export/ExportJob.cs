using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Export;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Onnx;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Jobs;

/// <summary>
/// Writes base and adapter as one Hugging Face folder, in bfloat16 with the base's tokenizer, reads it again and compares what both answer;
/// or as a GGUF file.
/// </summary>
public sealed class ExportJob(JobContext<ExportSpec> context) : IJob
{
    private const string ConfigFile = "config.json";

    /// <summary>
    /// Writes <see cref="RunFolder.Merged"/>: a decoder in bfloat16, a classifier in float32 and as ONNX; or GGUF where that is asked for.
    /// </summary>
    /// <returns>Completed.</returns>
    /// <exception cref="ModelFileException">The base or the adapter can't be used, the classifier lacks its labels, or the model can't be
    /// written as GGUF, or what was written answers otherwise.</exception>
    public WorkerState Run(CancellationToken cancellationToken)
    {
        context.Events.Write(new StateEvent(WorkerState.Running));
        var spec = context.Spec;
        var device = JobDevice.Prepare(spec);
        if (spec.Gguf is { } form)
        {
            var report = GgufExport.Write(context.Folder.Merged, spec.BaseModel, spec.Adapter, form, cancellationToken);
            AtomicFile.WriteAllText(context.Folder.GgufReport, JsonSerializer.Serialize(report, ProtocolJson.Document));
            return WorkerState.Completed;
        }

        var path =
            spec.Adapter ?? throw new ModelFileException("The spec names no adapter, and the base as it is can be exported as GGUF only.");
        if (ModelTypes.IsEncoder(ModelConfig.Read(spec.BaseModel).Type))
        {
            ExportClassifier(spec, path, device, cancellationToken);
        }
        else
        {
            ExportLanguageModel(spec, path, device, cancellationToken);
        }

        return WorkerState.Completed;
    }

    private void ExportLanguageModel(ExportSpec spec, string path, Device device, CancellationToken cancellationToken)
    {
        const ScalarType Type = ScalarType.Float32;
        var model = ModelStore.LoadLanguageModel(spec.BaseModel, Type, Type, device, cancellationToken: cancellationToken);
        var encoder = ConversationEncoder.Of(
            spec.BaseModel,
            PromptTemplate.Chat,
            model.Config.ContextTokens,
            model.Config.IsEncoderDecoder
        );
        var probe = WriteMerged(spec.BaseModel, model, path, encoder, cancellationToken);
        model.Weights.Release();
        probe.Require(context.Folder.Merged, device, cancellationToken);
    }

    /// <returns>What base and adapter answer.</returns>
    private AnswerProbe WriteMerged(
        string baseModel,
        ILanguageModel model,
        string path,
        ConversationEncoder encoder,
        CancellationToken cancellationToken
    )
    {
        using var adapter = PeftFolder.Load(path, model, cancellationToken);
        using var scope = NewDisposeScope();
        adapter.Attach(model);
        var probe = AnswerProbe.Of(model, encoder, cancellationToken);
        var (weights, untied) = AdapterMerge.Merge(model, adapter);
        TunedFolder.Write(context.Folder.Merged, baseModel, weights, encoder);
        if (untied)
        {
            Untie(Path.Combine(context.Folder.Merged, ConfigFile));
        }

        return probe;
    }

    /// <summary>
    /// Encoder, head and adapter as one <c>…ForSequenceClassification</c>, in float32: they are small, and answers stay as they were.
    /// </summary>
    private void ExportClassifier(ExportSpec spec, string path, Device device, CancellationToken cancellationToken)
    {
        var file =
            ClassifierFile.Find(path)
            ?? throw new ModelFileException("The classifier has no classifier.json, which says what its labels are.");
        var encoder = ModelStore.LoadEncoder(spec.BaseModel, ScalarType.Float32, device, cancellationToken);
        var model = SequenceClassifier.On(
            encoder,
            spec.BaseModel,
            ClassifierHeads.Of(file.Classifier, spec.BaseModel, file.Classifier.Labels!),
            seed: 0 // the head's weights are read from the adapter
        );
        using var adapter = PeftFolder.Load(path, model, cancellationToken);
        using var scope = NewDisposeScope();
        adapter.Attach(model);
        var probe = ScoreProbe.Of(model, spec.BaseModel, file, cancellationToken);
        var weights = AdapterMerge.Merge(model, adapter);
        ModelStore.SaveClassifier(context.Folder.Merged, spec.BaseModel, model.HeadConfig, weights, ScalarType.Float32);
        OnnxClassifier.Write(Path.Combine(context.Folder.Merged, OnnxClassifier.FileName), model, weights);
        file.Write(context.Folder.Merged);
        probe.Require(context.Folder.Merged, device, cancellationToken);
    }

    private static void Untie(string path)
    {
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        config["tie_word_embeddings"] = false;
        AtomicFile.WriteAllText(path, config.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }
}
