using System.Diagnostics;
using System.Text;
using System.Text.Json;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Planning;
using WebTrainer.Learning.Privacy;
using WebTrainer.Learning.Training;
using WebTrainer.Privacy.Accounting;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Jobs;

/// <summary>Finds what a training would do and take, by doing a few of its steps and throwing them away.</summary>
public sealed class PlanJob(JobContext<PlanSpec> context) : IJob
{
    private const int MeasuredSteps = 6;

    /// <summary>
    /// Prepares the training as <see cref="TrainingSetup"/> would, times a few steps at a learning rate of 0, and writes what the run would
    /// do and take to <see cref="RunFolder.Plan"/>.
    /// </summary>
    /// <returns>Completed.</returns>
    /// <exception cref="ModelFileException">The base model can't be used.</exception>
    /// <exception cref="Batching.DataException">The data can't be used.</exception>
    /// <exception cref="Planning.NoRoomException">The run can't fit in memory.</exception>
    public WorkerState Run(CancellationToken cancellationToken)
    {
        context.Events.Write(new StateEvent(WorkerState.Running));
        var setup = TrainingSetup.Create(context.Spec, cancellationToken);
        var plan = Describe(setup, context.Spec, Measure(setup, context.Spec, cancellationToken));
        Directory.CreateDirectory(context.Folder.Output);
        AtomicFile.WriteAllText(context.Folder.Plan, JsonSerializer.Serialize(plan, ProtocolJson.Document));
        return WorkerState.Completed;
    }

    private static RunPlan Describe(TrainingSetup setup, TrainSpec spec, (double TokensPerSecond, double SecondsPerStep) speed)
    {
        int[] lengths = [.. setup.Rows.Select(row => row.Tokens.Length).Order()];
        var trained = setup.Trainer.Parameters.Sum(parameter => parameter.Tensor.NumberOfElements);
        return new RunPlan
        {
            TrainRows = setup.Rows.Count,
            TokensPerEpoch = lengths.Sum(length => (long)length),
            LearnedTokensPerEpoch = setup.Rows.Sum(row => (long)row.LearnedTokens),
            TruncatedRows = setup.Rows.Count(row => row.Truncated),
            AppendsEnd = setup.Tuning is AnswerTuning { Encoder.AppendsEnd: true },
            UnshownTools = setup.UnshownTools,
            LongestRowTokens = lengths[^1],
            MedianRowTokens = lengths[lengths.Length / 2],
            TotalSteps = setup.Source.TotalSteps,
            TrainableParameters = trained,
            TotalParameters = setup.Learner.Model.ParameterCount + (setup.Learner.Adapter?.ParameterCount ?? 0),
            TokensPerSecond = speed.TokensPerSecond,
            PeakMemoryBytes = setup.Memory.Total,
            MeasuredMemoryBytes = AvailableMemory.OfProcess().Peak,
            AvailableMemoryBytes = AvailableMemory.Of(spec.Device),
            Device = spec.Device,
            EstimatedSeconds = speed.SecondsPerStep * setup.Source.TotalSteps,
            FirstBatch = [.. (FirstOf(setup.Source) ?? []).Select(row => Show(row, setup.Tuning))],
            Privacy = setup.Privacy is { } privacy ? Describe(privacy) : null,
        };
    }

    /// <summary>Of the first step that takes a row: private ones may take none.</summary>
    private static IReadOnlyList<TokenRow>? FirstOf(IBatchSource source) =>
        Enumerable
            .Range(1, source.TotalSteps)
            .Select(step => source.BatchesOf(step) is [var first, ..] ? first : null)
            .FirstOrDefault(rows => rows is not null);

    private static PrivacyPlan Describe(PrivateSetup privacy)
    {
        var (account, step) = (privacy.Account, privacy.Account.Step);
        var steps = account.StepsWithin(PrivacyLedger.Empty, step.Steps);
        return new(
            privacy.Source.Units,
            step.SampleRate,
            step.NoiseMultiplier,
            steps,
            account.Epsilon(account.After(PrivacyLedger.Empty, steps)),
            account.Delta
        );
    }

    /// <summary>
    /// Real steps at a learning rate of zero. The first, with the longest rows, finds the memory's peak and is not timed.
    /// </summary>
    private static (double TokensPerSecond, double SecondsPerStep) Measure(
        TrainingSetup setup,
        TrainSpec spec,
        CancellationToken cancellationToken
    )
    {
        List<TokenRow> longest = [.. setup.Rows.OrderByDescending(row => row.Tokens.Length).Take(spec.Training.MicroBatch)];
        setup.Trainer.Step(1, [longest], learningRate: 0);
        var speeds = new List<double>();
        var steps = Math.Min(MeasuredSteps, setup.Source.TotalSteps);
        for (var step = 1; step <= steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var watch = Stopwatch.StartNew();
            var result = setup.Trainer.Step(step, setup.Source.BatchesOf(step), learningRate: 0);
            speeds.Add(result.Tokens / watch.Elapsed.TotalSeconds);
        }

        // The first steps compile code and touch memory for the first time; of the later ones the middle is what most will take.
        var later = speeds.Skip(Math.Min(2, speeds.Count - 1)).Order().ToList();
        var speed = later[later.Count / 2];

        // Lengths differ from step to step: a step takes what the whole epoch's tokens take at this speed, in equal parts.
        var perStep = (double)setup.Rows.Sum(row => (long)row.Tokens.Length) / setup.Source.StepsPerEpoch;
        return (speed, perStep * (1 - (spec.Training.PromptDropout * PromptShare(setup))) / speed);
    }

    /// <summary>Part of all tokens that are prompts.</summary>
    private static double PromptShare(TrainingSetup setup) =>
        (double)setup.Rows.Sum(row => (long)row.AnswerStart) / setup.Rows.Sum(row => (long)row.Tokens.Length);

    private static PlannedRow Show(TokenRow row, Tuning tuning) =>
        new(row.Id, [.. row.Tokens.Select((id, index) => new PlannedToken(id, Show(tuning.Tokenizer.BytesOf(id)), row.Learns(index)))])
        {
            Target = tuning.TargetWords(row),
        };

    private static string Show(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return $"⟨{Convert.ToHexStringLower(bytes)}⟩";
        }
    }
}
