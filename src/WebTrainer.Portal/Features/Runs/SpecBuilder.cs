using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Jobs.Queue;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Hosting;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>Makes the spec of a job from what is in the database and the stores.</summary>
public sealed class SpecBuilder(ModelCatalog models, ModelHashes hashes, FileStore files, Devices devices)
{
    /// <summary>A training spec. The same request gives the same spec but for its id.</summary>
    public RunSpec Train(Guid runId, RunRequest request, DatasetVersion version)
    {
        request.Check();
        var model = Tunable(request.BaseModel);
        var classifier = ClassifierOf(request, model, PublishedFiles.Of(version, files));
        if (request.Training.ContextTokens > model.ContextTokens)
        {
            throw new RuleViolationException(
                $"The context is {request.Training.ContextTokens} tokens; {model.Id} reads at most {model.ContextTokens}."
            );
        }

        if (
            !ModelTypes.HasLlamaNames(model.Type)
            && request.Method.Method is not (TuningMethod.Full or TuningMethod.Head)
            && request.Method.Targets is not [MethodSpec.AllLinearName]
        )
        {
            throw new RuleViolationException($"The layers of {model.Id} have other names: choose the target '{MethodSpec.AllLinearName}'.");
        }

        var teacher = request.Objective.Kind == ObjectiveKind.Distillation ? Decoder(request.Objective.Teacher!) : null;
        return new RunSpec
        {
            RunId = runId,
            Kind = JobKind.Train,
            BaseModel = model.Path,
            BaseModelSha256 = hashes.Of(model),
            Data = DataOf(version, model),
            Method = request.Method,
            Objective = request.Objective with { Teacher = teacher?.Path, TeacherSha256 = teacher is null ? null : hashes.Of(teacher) },
            Classifier = classifier,
            Training = request.Training,
            Seed = request.Seed,
            Device = Known(request.Device),
        };
    }

    private string Known(string device) =>
        devices.Has(device)
            ? device
            : throw new RuleViolationException(
                $"The device is '{device}'; this server has {string.Join(", ", devices.Choices.Select(choice => choice.Name))}."
            );

    /// <exception cref="RuleViolationException">The base is no longer the one that the adapters were trained on.</exception>
    public RunSpec Evaluate(
        Guid evaluationId,
        BaseModel model,
        DatasetVersion version,
        RunSpec trained,
        EvaluationSpec evaluation,
        string device
    )
    {
        if (trained.BaseModelSha256 is { } sha256 && sha256 != hashes.Of(model))
        {
            throw new RuleViolationException(
                $"The files of {model.Id} are not those that these runs were trained on: they were replaced or damaged since. Restore them first."
            );
        }

        return new RunSpec
        {
            RunId = evaluationId,
            Kind = JobKind.Evaluate,
            BaseModel = model.Path,
            Data = DataOf(version, model),
            Template = trained.Template,
            Classifier = trained.Classifier,
            Training = new TrainingSettings { ContextTokens = trained.Training.ContextTokens },
            Evaluation = evaluation,
            Device = Known(device),
        };
    }

    private BaseModel Tunable(string id)
    {
        var model = models.Get(id);
        return model.IsTunable
            ? model
            : throw new RuleViolationException(
                $"{id} is of the family '{model.Type}', which can't be tuned here; choose an encoder such as BERT, or a decoder such as Llama, Mistral, Qwen, Gemma, GPT-2 or GPT-NeoX."
            );
    }

    private BaseModel Decoder(string id) =>
        Tunable(id) is { IsEncoder: false } model
            ? model
            : throw new RuleViolationException(
                $"{id} is an encoder and can't be a teacher: it gives no probabilities of words. Choose a decoder."
            );

    /// <summary>The head of an encoder, the usual one where nothing is said of it.</summary>
    private static ClassifierSpec? ClassifierOf(RunRequest request, BaseModel model, DatasetFiles data)
    {
        if (!model.IsEncoder)
        {
            return request.Method.Method == TuningMethod.Head
                    ? throw new RuleViolationException(
                        "Only an encoder has a head that learns alone: choose another method, or an encoder as the base."
                    )
                : request.Classifier is null ? null
                : throw new RuleViolationException(
                    $"{model.Id} is a decoder and answers in text: leave the classifier's settings out, or choose an encoder as the base."
                );
        }

        var classifier = request.Classifier ?? RunDefaults.Classifier;
        (request with { Classifier = classifier }).Check();
        if (data.Labels is null && classifier.Kind != ClassificationKind.Number)
        {
            throw new RuleViolationException(
                "An encoder chooses among labels, and this dataset's answers are free text. Choose a decoder, or publish a version whose answers are labels."
            );
        }

        return classifier with
        {
            Labels = null,
        };
    }

    private DatasetFiles DataOf(DatasetVersion version, BaseModel model) =>
        PublishedFiles.Of(version, files) with
        {
            General = GeneralOf(model),
        };

    public static string Write(RunSpec spec) => JsonSerializer.Serialize(spec, ProtocolJson.Document);

    public static RunSpec Read(string json) =>
        JsonSerializer.Deserialize<RunSpec>(json, ProtocolJson.Document) ?? throw new InvalidOperationException("The spec is empty.");

    /// <summary>The settings of a stored spec, if they are those that were submitted and can be read.</summary>
    /// <param name="sha256">As it was when they were submitted.</param>
    public static RunSpec? TryRead(string spec, string sha256) => Hash(spec) == sha256 ? Stored.TryRead(() => Read(spec)) : null;

    /// <summary>What is said of settings that <see cref="TryRead"/> does not give.</summary>
    public const string Changed =
        "The settings in the database are not those that were submitted: they were changed or damaged there. Nothing is run with them; submit them anew.";

    /// <summary>Lower-case hex SHA-256 of the spec's text: what an approval is bound to.</summary>
    public static string Hash(string spec) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(spec)));

    private static DatasetFile? GeneralOf(BaseModel model)
    {
        if (ModelCatalog.GeneralTextOf(model) is not { } path)
        {
            return null;
        }

        using var stream = File.OpenRead(path);
        return new DatasetFile(path, Convert.ToHexStringLower(SHA256.HashData(stream)), 0);
    }
}
