using System.Diagnostics;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Pretraining;

/// <summary>How a model is trained from nothing, or from an earlier one. The training ends at the first of both limits.</summary>
/// <param name="Minutes">Time the whole training may take; the learning rate has fallen when it is over.</param>
/// <param name="MaxSteps">Optimiser steps at most.</param>
public sealed record PretrainSettings(double Minutes, int MaxSteps)
{
    /// <summary>The highest, behind the warmup; it falls with a cosine to 3 % of it when time or steps are over.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Optimiser steps in which the rate rises from 0, in a straight line.</summary>
    public int WarmupSteps { get; init; } = 60;

    /// <summary>λ of both optimisers; matrices only.</summary>
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>Windows of the context's length in a forward pass.</summary>
    public int MicroBatch { get; init; } = 8;

    /// <summary>Forward passes of one optimiser step.</summary>
    public int Accumulation { get; init; } = 2;

    /// <summary>A checkpoint and a loss on held-out text after each so many steps, and at the end.</summary>
    public int CheckpointEverySteps { get; init; } = 50;

    /// <summary>Of first weights and of the order of windows.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Folder of a model to go on from; null starts from random weights.</summary>
    public string? From { get; init; }
}

/// <summary>Trains all weights of a new decoder on a stream of tokens, against the clock; goes on from the last checkpoint.</summary>
public sealed class Pretrainer(RunFolder folder, ModelConfig config, TextTokenizer tokenizer, PretrainSettings settings)
{
    private const double FinalShare = 0.03;

    /// <summary>
    /// Trains to the end of time or steps, and leaves the model in <see cref="RunFolder.Output"/> in bfloat16, a checkpoint beside it, and
    /// each step among the events.
    /// </summary>
    /// <param name="tokens">The whole corpus as ids; at least one window of the context's length and one token more.</param>
    /// <param name="heldOut">Text whose loss is measured.</param>
    /// <param name="cancellationToken">Looked at before each step; what was learned since the last checkpoint is lost.</param>
    /// <exception cref="OperationCanceledException">Somebody has cancelled.</exception>
    /// <exception cref="Training.DivergedException">A loss or gradient was no finite number.</exception>
    public void Run(ushort[] tokens, string heldOut, CancellationToken cancellationToken)
    {
        using var events = new EventWriter(folder.Events);
        var model = CreateModel();
        var trainer = CreateTrainer(model);
        var store = new CheckpointStore(folder.Checkpoints);
        var state = store.RestoreLast(trainer, Course) ?? new TrainingState(0, 0, 0, 0, Course.Values);
        var source = new WindowSource(
            tokens,
            config.ContextTokens,
            settings.MicroBatch,
            settings.Accumulation,
            settings.MaxSteps,
            settings.Seed
        );
        var judge = HeldOutRows(heldOut);
        while (Progress(state) < 1)
        {
            cancellationToken.ThrowIfCancellationRequested();
            state = Step(trainer, source, state, events);
            if (state.Step % settings.CheckpointEverySteps == 0 || Progress(state) >= 1)
            {
                store.Save(trainer, state);
                ModelStore.Save(folder.Output, config, model.Parameters, ScalarType.BFloat16);
                events.Write(new ValidationEvent(state.Step, MeanLoss.Of(model, judge, tokenizer.PaddingId ?? 0, cancellationToken)));
            }
        }
    }

    private Course Course =>
        new Course().With("seed", $"{settings.Seed}").With("first model", settings.From ?? "none").With("shape", config.ToString());

    private TrainingState Step(Trainer trainer, WindowSource source, TrainingState state, EventWriter events)
    {
        var step = state.Step + 1;
        var watch = Stopwatch.StartNew();
        var rate = RateAt(step, Progress(state));
        var result = trainer.Step(step, source.BatchesOf(step), rate);
        var seconds = watch.Elapsed.TotalSeconds;
        var next = state with
        {
            Step = step,
            Updates = trainer.Optimizer.Updates,
            Tokens = state.Tokens + result.Tokens,
            Seconds = state.Seconds + seconds,
        };
        events.Write(
            new StepEvent(
                step,
                settings.MaxSteps,
                source.EpochAfter(step),
                result.Loss,
                rate,
                result.GradientNorm,
                next.Tokens,
                result.Tokens / seconds,
                Environment.WorkingSet,
                (settings.Minutes * 60) - next.Seconds
            )
        );
        return next;
    }

    /// <summary>Done share of the time or of the steps, whichever is further.</summary>
    private double Progress(TrainingState state) =>
        Math.Max((double)state.Step / settings.MaxSteps, state.Seconds / (settings.Minutes * 60));

    private double RateAt(int step, double progress) =>
        settings.LearningRate
        * Math.Min(1, (double)step / settings.WarmupSteps)
        * (FinalShare + ((1 - FinalShare) * LearningRate.Fall(LearningRateSchedule.Cosine, progress)));

    private CausalLM CreateModel() =>
        settings.From is { } earlier
            ? ModelStore.Load(earlier, ScalarType.Float32, ScalarType.BFloat16, CPU)
            : ModelStore.Create(config, ScalarType.BFloat16, settings.Seed);

    private Trainer CreateTrainer(CausalLM model)
    {
        var parameters = TrainedParameter.All(model.Parameters);
        var optimizer = new JointOptimizer(
            new Muon([.. parameters.Where(IsInnerMatrix)], new MuonSettings(settings.WeightDecay)),
            new AdamW([.. parameters.Where(parameter => !IsInnerMatrix(parameter))], new AdamWSettings(settings.WeightDecay, Beta2: 0.95))
        );
        return new Trainer(
            model,
            parameters,
            optimizer,
            new TrainerSettings(settings.Seed, MaxGradientNorm: 1, tokenizer.PaddingId ?? 0),
            new AnswerObjective(model)
        );
    }

    private static bool IsInnerMatrix(TrainedParameter parameter) =>
        parameter.Decays && parameter.Name.Contains(".layers.", StringComparison.Ordinal);

    private List<TokenRow> HeldOutRows(string text) => MeanLoss.Windows(tokenizer.Encode(text), config.ContextTokens);
}
