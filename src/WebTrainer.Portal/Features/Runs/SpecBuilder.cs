using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>Makes the spec of a job from what is in the database and the stores.</summary>
public sealed class SpecBuilder(ModelCatalog models, FileStore files)
{
    /// <summary>A training spec. The same request gives the same spec but for its id.</summary>
    public RunSpec Train(Guid runId, RunRequest request, DatasetVersion version)
    {
        request.Check();
        var model = Decoder(request.BaseModel);
        if (request.Training.ContextTokens > model.ContextTokens)
            throw new RuleViolationException($"The context is {request.Training.ContextTokens} tokens; {model.Id} reads at most {model.ContextTokens}.");
        if (!ModelTypes.HasLlamaNames(model.Type) && request.Method.Method != TuningMethod.Full && request.Method.Targets is not [MethodSpec.AllLinearName])
            throw new RuleViolationException($"The layers of {model.Id} have other names: choose the target '{MethodSpec.AllLinearName}'.");
        return new RunSpec
        {
            RunId = runId,
            Kind = JobKind.Train,
            BaseModel = model.Path,
            Data = DataOf(version, model),
            Method = request.Method,
            Objective = request.Objective with { Teacher = request.Objective.Kind == ObjectiveKind.Distillation ? Decoder(request.Objective.Teacher!).Path : null },
            Training = request.Training,
            Seed = request.Seed,
        };
    }

    public RunSpec Evaluate(Guid evaluationId, BaseModel model, DatasetVersion version, PromptTemplate template, int contextTokens, EvaluationSpec evaluation) => new()
    {
        RunId = evaluationId,
        Kind = JobKind.Evaluate,
        BaseModel = model.Path,
        Data = DataOf(version, model),
        Template = template,
        Training = new TrainingSettings { ContextTokens = contextTokens },
        Evaluation = evaluation,
    };

    private BaseModel Decoder(string id)
    {
        var model = models.Get(id);
        return ModelTypes.CanBeTuned(model.Type) ? model : throw new RuleViolationException(model.IsEncoder
            ? $"{id} is an encoder: it makes vectors of texts for cleaning, and neither answers nor learns to. Choose a decoder such as Llama, Mistral, Qwen, Gemma, GPT-2 or GPT-NeoX."
            : $"{id} is of the family '{model.Type}', which can't be tuned here; choose a decoder such as Llama, Mistral, Qwen, Gemma, GPT-2 or GPT-NeoX.");
    }

    private DatasetFiles DataOf(DatasetVersion version, BaseModel model) => PublishedFiles.Of(version, files) with { General = GeneralOf(model) };

    public static string Write(RunSpec spec) => JsonSerializer.Serialize(spec, ProtocolJson.Document);

    public static RunSpec Read(string json) =>
        JsonSerializer.Deserialize<RunSpec>(json, ProtocolJson.Document) ?? throw new InvalidOperationException("The spec is empty.");

    /// <summary>Lower-case hex SHA-256 of the spec's text: what an approval is bound to.</summary>
    public static string Hash(string spec) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(spec)));

    private static DatasetFile? GeneralOf(BaseModel model)
    {
        if (ModelCatalog.GeneralTextOf(model) is not { } path)
            return null;
        using var stream = File.OpenRead(path);
        return new DatasetFile(path, Convert.ToHexStringLower(SHA256.HashData(stream)), 0);
    }
}
