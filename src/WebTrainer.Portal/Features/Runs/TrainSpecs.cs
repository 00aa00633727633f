using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Models;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Protocol;
using WebTrainer.Protocol.Settings;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>Makes the specs of runs from what is in the database and the stores.</summary>
public sealed class TrainSpecs(ModelCatalog models, ModelHashes hashes, FileStore files, SpecParts parts)
{
    /// <summary>A training spec. The same request gives the same spec but for its id.</summary>
    /// <param name="start">What <see cref="RunRequest.StartRunId"/> names, where it names something.</param>
    /// <param name="groups">Of <see cref="RowGroups"/>.</param>
    public TrainSpec Make(Guid runId, RunRequest request, DatasetVersion version, StartAdapter? start = null, DatasetFile? groups = null)
    {
        request.Check();
        if (request.StartRunId is not null && start is null)
        {
            throw new RuleViolationException("A search begins each of its trials with a fresh adapter: leave startRunId out.");
        }

        var model = Tunable(request.BaseModel);
        var classifier = ClassifierOf(request, model, PublishedFiles.Of(version, files));
        CheckPrivacy(request, groups);
        if ((EncoderDecoderRules.WhyNot(request.Tuning, model.Type) ?? PrivacyRules.WhyNot(request.Tuning, model.Type)) is { } reason)
        {
            throw new RuleViolationException(reason);
        }

        if (request.Training.ContextTokens > model.ContextTokens)
        {
            throw new RuleViolationException(
                $"The context is {request.Training.ContextTokens} tokens; {model.Id} reads at most {model.ContextTokens}."
            );
        }

        if (
            start is null
            && !ModelTypes.HasLlamaNames(model.Type)
            && request.Method.Method is not (TuningMethod.Full or TuningMethod.Head)
            && request.Method.Targets is not [MethodSpec.AllLinearName]
        )
        {
            throw new RuleViolationException($"The layers of {model.Id} have other names: choose the target '{MethodSpec.AllLinearName}'.");
        }

        var teacher = request.Objective.Kind == ObjectiveKind.Distillation ? Decoder(request.Objective.Teacher!) : null;
        if (teacher is not null && teacher.IsEncoderDecoder != model.IsEncoderDecoder)
        {
            throw new RuleViolationException(
                $"{teacher.Id} is of another kind than {model.Id}: a decoder learns from a decoder, an encoder-decoder from an encoder-decoder."
            );
        }

        return new TrainSpec
        {
            RunId = runId,
            BaseModel = model.Path,
            BaseModelSha256 = hashes.Of(model),
            Data = parts.DataOf(version, model) with { Groups = groups },
            Method = request.Method,
            StartsFrom = start,
            Objective = request.Objective with { Teacher = teacher?.Path, TeacherSha256 = teacher is null ? null : hashes.Of(teacher) },
            Classifier = classifier,
            Training = request.Training,
            Privacy = request.Privacy is { IsOn: true } privacy ? privacy : null,
            Seed = request.Seed,
            Device = parts.Known(request.Device),
        };
    }

    private static void CheckPrivacy(RunRequest request, DatasetFile? groups)
    {
        if (request.Privacy is not { IsOn: true } privacy)
        {
            return;
        }

        if (request.StartRunId is not null)
        {
            throw new RuleViolationException(
                "A private run begins with a fresh adapter: what another has learned of the rows is outside its account. Leave the start out, or set the privacy budget to 0."
            );
        }

        if (privacy.GroupColumn is not null && groups is null)
        {
            throw new RuleViolationException(
                "A search protects each row by itself: leave the column of groups out, or submit the runs one by one."
            );
        }
    }

    private BaseModel Tunable(string id)
    {
        var model = models.Get(id);
        return model.IsTunable
            ? model
            : throw new RuleViolationException(
                $"{id} is of the family '{model.Type}', which can't be tuned here; choose an encoder such as BERT, a decoder such as Llama, Mistral, Qwen, Gemma, GPT-2 or GPT-NeoX, or an encoder-decoder (T5)."
            );
    }

    /// <summary>The layers that get an adapter, where the request names none.</summary>
    public RunRequest WithTargets(RunRequest request)
    {
        if (request.Method.Targets.Count > 0)
        {
            return request;
        }

        var model = models.Get(request.BaseModel);
        var targets = RunDefaults.Targets(request.Method, ModelTypes.HasLlamaNames(model.Type) && !model.IsEncoder, model.Shipped);
        return request with { Method = request.Method with { Targets = targets } };
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
                    $"{model.Id} is no encoder and answers in text: leave the classifier's settings out, or choose an encoder as the base."
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
}
