using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Models;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Evaluations;

/// <summary>Makes the specs of evaluations.</summary>
public sealed class EvaluateSpecs(SpecParts parts, ModelHashes hashes)
{
    /// <param name="trained">The settings of the runs that are judged, as far as all have them in common.</param>
    /// <exception cref="RuleViolationException">The base is no longer the one that the adapters were trained on.</exception>
    public EvaluateSpec Make(BaseModel model, DatasetVersion version, TrainSpec trained, EvaluationSpec evaluation, string device)
    {
        if (trained.BaseModelSha256 is { } sha256 && sha256 != hashes.Of(model))
        {
            throw new RuleViolationException(
                $"The files of {model.Id} are not those that these runs were trained on: they were replaced or damaged since. Restore them first."
            );
        }

        return new EvaluateSpec
        {
            BaseModel = model.Path,
            Data = parts.DataOf(version, model),
            Template = trained.Template,
            Classifier = trained.Classifier,
            ContextTokens = trained.Training.ContextTokens,
            Evaluation = evaluation,
            Device = parts.Known(device),
        };
    }
}
