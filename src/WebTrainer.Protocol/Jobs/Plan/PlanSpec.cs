using System.Diagnostics.CodeAnalysis;

namespace WebTrainer.Protocol;

/// <summary>A training that is only looked at; <see cref="RunPlan"/> is what is found.</summary>
[JobKind("plan", "Says what a training would do and take: tokens, first batch, measured speed and memory of a step.")]
public sealed record PlanSpec : TrainSpec
{
    /// <summary>For readers of spec files, who set every member.</summary>
    public PlanSpec() { }

    /// <summary>Looks at this training.</summary>
    /// <param name="training">All of its settings are taken over.</param>
    [SetsRequiredMembers]
    public PlanSpec(TrainSpec training)
        : base(training) { }
}
