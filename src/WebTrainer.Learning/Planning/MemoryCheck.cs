using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Planning;

/// <summary>The run can't fit in memory; the message says what would.</summary>
public sealed class NoRoomException(string message, string advice) : Exception(message)
{
    /// <summary>What to change so that the run would fit, as a sentence of its own beside the message.</summary>
    public string Advice => advice;
}

/// <summary>Refuses a run that can't fit before anything is loaded, and finds settings that would.</summary>
public static class MemoryCheck
{
    /// <summary>Kept free for the rest of the machine.</summary>
    private const long Reserve = 256L << 20;

    /// <summary>The forward pass that takes most: the longest rows together.</summary>
    public static PassShape LargestPass(IReadOnlyList<TokenRow> rows, TrainingSettings training, int contextTokens)
    {
        var longest = rows.OrderByDescending(row => Length(row, training)).Take(training.MicroBatch).ToList();
        var learned = longest.Sum(row => (long)row.LearnedTokens);
        var tokens = Length(longest[0], training);
        return training.Packing
            ? new((longest.Sum(row => Length(row, training)) + contextTokens - 1) / contextTokens, contextTokens, learned)
            : new(longest.Count, tokens, learned)
            {
                PromptTokens = longest.Max(row => row.AnswerStart),
                AnswerTokens = longest.Max(row => row.Tokens.Length - row.AnswerStart),
            };
    }

    /// <exception cref="NoRoomException">The estimate is above what is there.</exception>
    public static MemoryEstimate Check(
        ModelConfig config,
        TrainSpec spec,
        IReadOnlyList<TokenRow> rows,
        int contextTokens,
        int bytes,
        long? available
    )
    {
        var process = AvailableMemory.OfProcess().Now;
        var teacher = spec.Objective is { Kind: ObjectiveKind.Distillation, Teacher: { } folder } ? ModelConfig.Read(folder) : null;
        MemoryEstimate Estimate(TrainSpec settings) =>
            MemoryEstimate.Of(config, settings, LargestPass(rows, settings.Training, contextTokens), bytes, process, teacher);
        var needed = Estimate(spec);
        if (available is not { } room || needed.Total - process <= room - Reserve)
        {
            return needed;
        }

        var fitting = Alternatives(spec).FirstOrDefault(other => Estimate(other.Spec).Total - process <= room - Reserve);
        throw new NoRoomException(
            $"This run needs about {Gigabytes(needed.Total)}; {Gigabytes(room)} are free.",
            fitting.Spec is null
                ? "No setting of this base fits: choose a smaller base, a shorter context, or a machine with more memory."
                : $"It fits with {fitting.Words}: about {Gigabytes(Estimate(fitting.Spec).Total)}."
        );
    }

    /// <summary>Settings that take less, those first that change the result least.</summary>
    private static IEnumerable<(TrainSpec Spec, string Words)> Alternatives(TrainSpec spec)
    {
        foreach (var checkpointing in (bool[])[spec.Training.GradientCheckpointing, true])
        {
            foreach (
                var method in spec.Method.Method is TuningMethod.LoRA or TuningMethod.Full
                    ? (TuningMethod[])[spec.Method.Method, TuningMethod.QLoRA]
                    : [spec.Method.Method]
            )
            {
                for (var rows = spec.Training.MicroBatch; rows >= 1; rows = rows == 1 ? 0 : (rows + 1) / 2)
                {
                    var times = spec.Training.Accumulation * ((spec.Training.MicroBatch + rows - 1) / rows);
                    var smaller = spec with
                    {
                        Method = spec.Method with { Method = method },
                        Training = spec.Training with { MicroBatch = rows, Accumulation = times, GradientCheckpointing = checkpointing },
                    };
                    yield return (smaller, Words(spec, smaller));
                }
            }
        }
    }

    private static string Words(TrainSpec spec, TrainSpec smaller)
    {
        var words = new List<string>();
        if (smaller.Method.Method != spec.Method.Method)
        {
            words.Add($"the method {smaller.Method.Method}");
        }

        if (smaller.Training.MicroBatch != spec.Training.MicroBatch)
        {
            words.Add(
                $"a micro-batch of {smaller.Training.MicroBatch} and an accumulation of {smaller.Training.Accumulation}, which learns the same"
            );
        }

        if (smaller.Training.GradientCheckpointing != spec.Training.GradientCheckpointing)
        {
            words.Add("gradient checkpointing");
        }

        return string.Join(", and ", words);
    }

    /// <summary>Tokens of a row as the trainer sees it: prompt dropout leaves out its share.</summary>
    private static int Length(TokenRow row, TrainingSettings training) =>
        (int)
            Math.Ceiling(
                (row.AnswerStart * (1 - training.PromptDropout))
                    + Math.Max(row.Tokens.Length - row.AnswerStart, row.Rejected?.LearnedTokens ?? 0)
            );

    private static string Gigabytes(long bytes) => $"{bytes / 1e9:0.0} GB";
}
