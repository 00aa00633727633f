using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Models;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Evaluations;

/// <summary>Makes the specs of evaluations.</summary>
public sealed class EvaluateSpecs(SpecParts parts, ModelHashes hashes)
{
    /// <param name="trained">The settings of the runs that are judged; of those that all have in common, the first's are taken.</param>
    /// <exception cref="RuleViolationException">The base is no longer the one that the adapters were trained on.</exception>
    public EvaluateSpec Make(
        BaseModel model,
        DatasetVersion version,
        IReadOnlyList<TrainSpec> trained,
        EvaluationSpec evaluation,
        string device
    )
    {
        if (trained.Select(spec => spec.BaseModelSha256).OfType<string>().Any(sha256 => sha256 != hashes.Of(model)))
        {
            throw new RuleViolationException(
                $"The files of {model.Id} are not those that these runs were trained on: they were replaced or damaged since. Restore them first."
            );
        }

        return new EvaluateSpec
        {
            BaseModel = model.Path,
            Data = parts.DataOf(version, model),
            Template = trained[0].Template,
            Classifier = trained[0].Classifier,
            ContextTokens = trained[0].Training.ContextTokens,
            Evaluation = evaluation,
            Device = parts.Known(device),
        };
    }
}
