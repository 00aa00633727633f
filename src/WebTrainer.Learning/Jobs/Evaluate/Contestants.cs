using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Evaluation;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Benchmarks;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Jobs;

/// <summary>A model to be judged, as the report calls it.</summary>
/// <param name="Name">Unique in the report.</param>
/// <param name="InSet">Its name among the loaded models.</param>
/// <param name="Kind">Base, or tuned.</param>
/// <param name="Precision">How its weights are kept while it is asked.</param>
internal sealed record Contestant(string Name, string InSet, ModelKind Kind, WeightPrecision Precision)
{
    /// <summary>Base and adapters; those in fewer bits too where that was asked for.</summary>
    /// <param name="evaluation">Names the adapters and the precisions to try.</param>
    /// <param name="withBase">The base itself can be judged.</param>
    public static List<Contestant> Of(EvaluationSpec evaluation, bool withBase)
    {
        List<Contestant> full =
        [
            .. withBase ? (Contestant[])[new(ModelSet.BaseName, ModelSet.BaseName, ModelKind.Base, WeightPrecision.Full)] : [],
            .. evaluation.Adapters.Select(adapter => new Contestant(adapter.Name, adapter.Name, ModelKind.Tuned, WeightPrecision.Full)),
        ];
        // What packing costs is asked of what will be used: the tuned models, or the base where there are none.
        var used = full.Where(contestant => contestant.Kind == ModelKind.Tuned || evaluation.Adapters.Count == 0).ToList();
        return
        [
            .. full,
            .. evaluation
                .Packed.Where(precision => precision != WeightPrecision.Full)
                .Distinct()
                .SelectMany(precision =>
                    used.Select(contestant =>
                        contestant with
                        {
                            Name = $"{contestant.Name} ({(precision == WeightPrecision.EightBits ? 8 : 4)} bits)",
                            Precision = precision,
                        }
                    )
                ),
        ];
    }
}

/// <summary>A loaded model that is asked now.</summary>
/// <param name="Contestant">Who it is.</param>
/// <param name="Runner">Gets its answers.</param>
/// <param name="WeightBytes">What its weights take in memory.</param>
/// <param name="MeasureSpeed">Answers some prompts by the clock.</param>
internal sealed record ReadyModel(
    Contestant Contestant,
    IModelRunner Runner,
    long WeightBytes,
    Func<CancellationToken, SpeedFigures> MeasureSpeed
) : IDisposable
{
    /// <summary>What is kept open while it is asked; null for nothing.</summary>
    public IDisposable? Open { get; init; }

    public void Dispose() => Open?.Dispose();
}

/// <summary>The models of one evaluation, loaded as they are asked for.</summary>
internal interface IContestants
{
    IReadOnlyList<Contestant> All { get; }

    /// <summary>One after the other; each is asked before the next is taken.</summary>
    IEnumerable<ReadyModel> Load(CancellationToken cancellationToken);
}

/// <summary>A decoder or encoder-decoder, and what was tuned from it.</summary>
internal sealed class AnswerContestants(
    JobContext<EvaluateSpec> context,
    EvaluationSpec evaluation,
    IReadOnlyList<DatasetRow> rows,
    Device device
) : IContestants
{
    public IReadOnlyList<Contestant> All { get; } = Contestant.Of(evaluation, withBase: true);

    public IEnumerable<ReadyModel> Load(CancellationToken cancellationToken)
    {
        var spec = context.Spec;
        foreach (var group in All.GroupBy(contestant => contestant.Precision))
        {
            var models = new ModelSet(spec.BaseModel, evaluation.Adapters, group.Key, device, cancellationToken);
            var encoder = ConversationEncoder.Of(spec.BaseModel, spec.Template, models.ContextTokens, models.Config.IsEncoderDecoder);
            foreach (var contestant in group)
            {
                var model = models.Use(contestant.InSet)!;
                var journal = OpenJournal(contestant, models.ContextTokens);
                yield return new(
                    contestant,
                    new RequestRunner(model, encoder, journal),
                    model.Weights.Bytes,
                    cancellationToken => new SpeedProbe(encoder, rows, spec.Device).Run(contestant.Name, model, cancellationToken)
                )
                {
                    Open = journal,
                };
            }
        }
    }

    private AnswerJournal OpenJournal(Contestant contestant, int contextTokens)
    {
        var adapter = evaluation
            .Adapters.FirstOrDefault(adapter => string.Equals(adapter.Name, contestant.InSet, StringComparison.Ordinal))
            ?.Path;
        string[] folders = adapter is null ? [context.Spec.BaseModel] : [context.Spec.BaseModel, adapter];
        return AnswerJournal.Open(
            evaluation.AnswerCache,
            Path.Combine(context.Folder.Root, "answers"),
            ModelIdentity.Of(folders, contestant.Precision, context.Spec, contextTokens)
        );
    }
}

/// <summary>An encoder, by the nearest mean of its vectors, and the classifiers that were tuned from it.</summary>
internal sealed class ClassifierContestants : IContestants
{
    private readonly EvaluateSpec _spec;
    private readonly ClassifierSpec _classifier;
    private readonly EvaluationSpec _evaluation;
    private readonly OwnData _data;
    private readonly Device _device;

    public ClassifierContestants(EvaluateSpec spec, ClassifierSpec classifier, EvaluationSpec evaluation, OwnData data, Device device)
    {
        (_spec, _classifier, _evaluation, _data, _device) = (spec, classifier, evaluation, data, device);
        // Several labels at once, or numbers, have no nearest mean.
        All = Contestant.Of(
            evaluation,
            withBase: classifier.Kind == ClassificationKind.OneLabel && data.Train.Count > 0 && data.Labels is not null
        );
    }

    public IReadOnlyList<Contestant> All { get; }

    public IEnumerable<ReadyModel> Load(CancellationToken cancellationToken)
    {
        foreach (var group in All.GroupBy(contestant => contestant.Precision))
        {
            var models = new ClassifierSet(_spec.BaseModel, _evaluation.Adapters, group.Key, _device, cancellationToken);
            foreach (var contestant in group)
            {
                var ready =
                    contestant.Kind == ModelKind.Base
                        ? models.NearestMean(_classifier, _data, _spec.ContextTokens, cancellationToken)
                        : models.Use(contestant.InSet)!;
                yield return new(
                    contestant,
                    ready.Runner,
                    ready.Model.Weights.Bytes,
                    cancellationToken => ClassifierSpeed.Measure(contestant.Name, _spec.Device, ready, _data.Test, cancellationToken)
                );
            }
        }
    }
}
