using System.Diagnostics.CodeAnalysis;

namespace WebTrainer.Protocol;

/// <summary>A training that is only looked at; <see cref="RunPlan"/> is what is found.</summary>
[JobKind("plan", "Says what a training would do and take: tokens, first batch, measured speed and memory of a step.")]
public sealed record PlanSpec : TrainSpec
{
    public PlanSpec() { }

    [SetsRequiredMembers]
    public PlanSpec(TrainSpec training)
        : base(training) { }
}
