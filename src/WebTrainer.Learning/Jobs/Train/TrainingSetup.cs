using System.Globalization;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Planning;
using WebTrainer.Learning.Privacy;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Jobs;

/// <summary>Everything a training needs, made from its spec; planning uses the same, so that it sees what training would do.</summary>
/// <param name="Tuning">How rows become sequences.</param>
/// <param name="Learner">The loaded model and what of it learns.</param>
/// <param name="Rows">Sequences to learn from.</param>
/// <param name="Source">Which rows each step learns from, and how many steps there are.</param>
/// <param name="Trainer">Does the steps.</param>
/// <param name="Memory">What the run takes, as reckoned before anything was loaded.</param>
public sealed record TrainingSetup(
    Tuning Tuning,
    Learner Learner,
    IReadOnlyList<TokenRow> Rows,
    IBatchSource Source,
    Trainer Trainer,
    MemoryEstimate Memory
)
{
    /// <summary>What of the rows' tools the model is not shown as tools; null where there is none.</summary>
    public UnshownTools? UnshownTools { get; private init; }

    /// <summary>What a private training has beside another; null where nothing bounds what it tells of its rows.</summary>
    public PrivateSetup? Privacy { get; private init; }

    /// <param name="spec">Of the training.</param>
    /// <param name="cancellationToken">Looked at between rows and weights.</param>
    /// <param name="random">Draws a private training's rows and noise; null for the spec's seed.</param>
    /// <exception cref="Protocol.ModelFileException">The base model can't be used.</exception>
    /// <exception cref="DataException">The data can't be used.</exception>
    public static TrainingSetup Create(TrainSpec spec, CancellationToken cancellationToken, PrivateRandom? random = null)
    {
        var device = JobDevice.Prepare(spec);
        var train = DatasetReader.ReadRows(
            spec.Data?.Train ?? throw new DataException("The spec names no training rows."),
            cancellationToken,
            Objectives.TakesUnwanted(spec)
        );
        var tuning = Tuning.Of(spec, train);
        var rows = RowEncoding.All(train, tuning.Encode, cancellationToken);
        var memory = MemoryCheck.Check(
            tuning.Config,
            spec,
            rows,
            tuning.ContextTokens,
            ComputeType.For(device) == ScalarType.Float32 ? 4 : 2,
            AvailableMemory.Of(spec.Device)
        );
        var dropout = new PromptDropout(
            spec.Training.PromptDropout,
            tuning.Tokenizer.IsSpecial,
            spec.Seed,
            new DropoutUnits(tuning.Tokenizer)
        );
        var privacy = PrivateSetup.Of(spec.Privacy, spec.Data, rows, spec.Training, dropout, random ?? PrivateRandom.OfSeed(spec.Seed));
        var learner = tuning.Load(rows, device, cancellationToken);
        IBatchSource source = privacy?.Source ?? (IBatchSource)new LengthGroupedSource(rows, spec.Training, dropout, spec.Seed);
        var settings = new TrainerSettings(
            spec.Seed,
            spec.Training.MaxGradientNorm,
            tuning.PaddingId,
            spec.Training.Packing ? tuning.ContextTokens : 0,
            spec.Training.GradientCheckpointing
        );
        var trainer = new Trainer(
            learner.Model,
            learner.Parameters,
            OptimizerOf(spec, learner, source.TotalSteps),
            settings,
            learner.Objective,
            privacy is null
                ? null
                : PrivateGradients.Attach(learner.Model, learner.Parameters, privacy.StepOf(spec.Privacy!), privacy.Random, privacy.UnitOf)
        );
        return new(tuning, learner, rows, source, trainer, memory)
        {
            Privacy = privacy,
            UnshownTools = tuning is AnswerTuning answers ? answers.Encoder.Unshown(train) : null,
        };
    }

    private static IOptimizer OptimizerOf(TrainSpec spec, Learner learner, int totalSteps)
    {
        var optimizer = new AdamW(learner.Parameters, new AdamWSettings(spec.Training.WeightDecay));
        if (learner.Adapter is not { Config.Adaptive: true } adapter)
        {
            return optimizer;
        }

        var updates = adapter.Updates.ToDictionary(pair => pair.Key, pair => (AdaLoraUpdate)pair.Value);
        adapter.Budget = new AdaLoraBudget(updates.Count * adapter.Config.Rank, updates.Count * adapter.Config.TargetRank, totalSteps);
        return new AdaLoraOptimizer(optimizer, updates, adapter.Budget);
    }

    /// <summary>All that decides the course of a run; folders may move, so the base model counts by its sizes.</summary>
    public Course Course(TrainSpec spec)
    {
        var course = new Course()
            .With("seed", spec.Seed.ToString(CultureInfo.InvariantCulture))
            .With("device", spec.Device)
            .With("threads", spec.Threads.ToString(CultureInfo.InvariantCulture))
            .With("training data", spec.Data?.Train?.Sha256 ?? "")
            .With("base model's sizes", SizesOf(Learner.Model.Config))
            .With("template", spec.Template)
            .With("method", spec.Method)
            .With("objective", spec.Objective)
            .With("training", spec.Training)
            .With("privacy", spec.Privacy ?? new());
        course = spec.Data?.Groups is { } groups ? course.With("groups", groups.Sha256) : course;
        course = spec.StartsFrom is { } start ? course.With("goes on from", start.Sha256) : course;
        return spec.Classifier is { } classifier ? course.With("classifier", classifier) : course;
    }

    private static string SizesOf(ModelConfig config) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{config.Type}, {config.Layers} layers of {config.HiddenSize}, {config.VocabularySize} tokens"
        );
}
