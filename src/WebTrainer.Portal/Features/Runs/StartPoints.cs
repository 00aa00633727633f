using WebTrainer.Domain;
using WebTrainer.Domain.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>What a run can go on from: adapters of finished runs, and such that were brought in.</summary>
public static class StartPoints
{
    /// <summary>Settings that are the adapter's own, by their ids: a run that goes on from it can't choose them.</summary>
    public static IReadOnlyList<string> OwnSettings { get; } = ["method", "rank", "alpha", "rankStabilised", "start", "targets"];

    /// <summary>The method of a run that goes on from the adapter that these settings gave.</summary>
    /// <param name="given">Of the run that left the adapter.</param>
    /// <param name="wished">What else a person has set of the method.</param>
    public static MethodSpec MethodOf(MethodSpec given, MethodSpec wished)
    {
        var saved = given.AsSaved();
        return wished with
        {
            Method = saved.Method,
            Rank = saved.Rank,
            Alpha = saved.Alpha,
            RankStabilised = saved.RankStabilised,
            Start = saved.Start,
            Targets = saved.Targets,
        };
    }

    /// <summary>Why no run can go on from this one's result; null where one can.</summary>
    /// <param name="folder">Of its result; null while it has none.</param>
    public static string? WhyNot(Run run, TrainSpec? spec, string? folder) =>
        spec is null ? $"Run {run.Number}: {StoredSpec.Changed}"
        : folder is null ? $"Run {run.Number} has no adapter yet; wait until it has ended."
        : !File.Exists(Path.Combine(folder, PeftFiles.Config))
            ? $"Run {run.Number} left a whole model and no adapter: a run goes on from an adapter."
        : spec.Classifier is not null
            ? $"Run {run.Number} tuned an encoder: its head belongs to the labels that it learned, so that a new run begins anew."
        : spec.Method.Method == TuningMethod.AdaLoRA
            ? $"Run {run.Number} used AdaLoRA, whose ranks were taken away over its whole course: it can't be gone on with. Begin anew."
        : null;

    /// <exception cref="RuleViolationException">A run with these settings can't go on from that one.</exception>
    public static void Check(Run run, TrainSpec spec, RunRequest request)
    {
        if (run.BaseModel != request.BaseModel)
        {
            throw new RuleViolationException(
                $"Run {run.Number} is an adapter of {run.BaseModel}; a run that goes on from it has that base, not {request.BaseModel}."
            );
        }

        var needed = MethodOf(spec.Method, request.Method);
        if (!IsSame(needed, request.Method))
        {
            throw new RuleViolationException(
                $"The adapter of run {run.Number} has its own method: give {needed.Method}, rank {needed.Rank}, alpha {needed.Alpha}, rank-stabilised {(needed.RankStabilised ? "yes" : "no")}, start at zero, targets {string.Join(", ", needed.Targets)}."
            );
        }
    }

    /// <summary>LoRA and QLoRA learn the same adapter; they keep the base otherwise.</summary>
    private static bool IsSame(MethodSpec one, MethodSpec other) =>
        Unpacked(one.Method) == Unpacked(other.Method)
        && (one.Rank, one.Alpha, one.RankStabilised, one.Start) == (other.Rank, other.Alpha, other.RankStabilised, other.Start)
        && one.Targets.Order(StringComparer.Ordinal).SequenceEqual(other.Targets.Order(StringComparer.Ordinal));

    private static TuningMethod Unpacked(TuningMethod method) => method == TuningMethod.QLoRA ? TuningMethod.LoRA : method;
}
