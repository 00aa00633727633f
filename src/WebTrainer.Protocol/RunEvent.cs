using System.Text.Json.Serialization;

namespace WebTrainer.Protocol;

/// <summary>Where a worker stands; the last four are ends.</summary>
public enum WorkerState
{
    /// <summary>Reads its spec, data and model.</summary>
    Starting,

    /// <summary>Does what it was started for.</summary>
    Running,

    /// <summary>Waits for <see cref="ControlAction.Resume"/> or a stop.</summary>
    Paused,

    /// <summary>All steps done, output written.</summary>
    Completed,

    /// <summary>Ended on request; with output when it was asked to save.</summary>
    Stopped,

    /// <summary>Ended by a fault, of which a <see cref="FailureEvent"/> says more.</summary>
    Failed,

    /// <summary>Ended with a checkpoint because it was asked to give its device away; another worker goes on from there.</summary>
    Yielded,
}

/// <summary>One line of <c>events.jsonl</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(StateEvent), "state")]
[JsonDerivedType(typeof(StepEvent), "step")]
[JsonDerivedType(typeof(ValidationEvent), "validation")]
[JsonDerivedType(typeof(PrivacyEvent), "privacy")]
[JsonDerivedType(typeof(SampleEvent), "sample")]
[JsonDerivedType(typeof(LogEvent), "log")]
[JsonDerivedType(typeof(CheckpointEvent), "checkpoint")]
[JsonDerivedType(typeof(ProgressEvent), "progress")]
[JsonDerivedType(typeof(FailureEvent), "failure")]
public abstract record RunEvent
{
    /// <summary>1, 2, 3, … over the life of the run folder, resumes included.</summary>
    public long Seq { get; init; }

    /// <summary>When it was written, by the worker's clock.</summary>
    public DateTimeOffset Time { get; init; }
}

/// <summary>The worker has come to another state.</summary>
/// <param name="State">The new one.</param>
/// <param name="Reason">Why, in a sentence, where that is not plain.</param>
public sealed record StateEvent(WorkerState State, string? Reason = null) : RunEvent
{
    /// <summary>Process that wrote it, so that a portal that comes back finds the worker again.</summary>
    public int? ProcessId { get; init; }
}

/// <param name="Step">From 1.</param>
/// <param name="TotalSteps">Of the whole run.</param>
/// <param name="Epoch">Passes over the data so far, with the part of the one that runs.</param>
/// <param name="Loss">Mean over the step's unmasked tokens, in nats.</param>
/// <param name="LearningRate">Of this step.</param>
/// <param name="GradientNorm">L2 norm before clipping.</param>
/// <param name="Tokens">Tokens seen since the run began, prompts and padding-free.</param>
/// <param name="TokensPerSecond">Of this step, padding not counted.</param>
/// <param name="MemoryBytes">Resident memory of the process.</param>
/// <param name="SecondsLeft">By the speed so far.</param>
public sealed record StepEvent(
    int Step,
    int TotalSteps,
    double Epoch,
    double Loss,
    double LearningRate,
    double GradientNorm,
    long Tokens,
    double TokensPerSecond,
    long MemoryBytes,
    double SecondsLeft
) : RunEvent;

/// <summary>The model was judged on the validation rows.</summary>
/// <param name="Step">The last step before it; 0 before the first.</param>
/// <param name="Loss">Mean in nats, as the objective has it.</param>
/// <param name="Accuracy">Share of right answers, 0 to 1; null where that has no meaning.</param>
public sealed record ValidationEvent(int Step, double Loss, double? Accuracy = null) : RunEvent;

/// <summary>What a private training has told of its rows at most, up to a step.</summary>
/// <param name="Step">The last step before it.</param>
/// <param name="Epsilon">ε spent so far.</param>
/// <param name="Budget">ε that may be spent.</param>
/// <param name="Delta">δ that both hold for.</param>
/// <param name="SampleRate">Chance of a row or group to be in a step.</param>
/// <param name="NoiseMultiplier">σ, the noise's standard deviation over the clip norm.</param>
/// <param name="Group">The column whose values are protected together; null where each row is by itself.</param>
public sealed record PrivacyEvent(
    int Step,
    double Epsilon,
    double Budget,
    double Delta,
    double SampleRate,
    double NoiseMultiplier,
    string? Group = null
) : RunEvent;

/// <summary>What the model under training answers to a validation row.</summary>
public sealed record SampleEvent(int Step, string RowId, string Prompt, string Expected, string Text) : RunEvent;

/// <summary>Something that is to be read in the run's log.</summary>
/// <param name="Level"><c>info</c> or <c>warning</c>.</param>
/// <param name="Message">A sentence.</param>
public sealed record LogEvent(string Level, string Message) : RunEvent;

/// <param name="Step">The last step that it holds.</param>
/// <param name="Path">Relative to the run folder.</param>
public sealed record CheckpointEvent(int Step, string Path) : RunEvent;

/// <summary>How far a job without steps (evaluation) has come.</summary>
public sealed record ProgressEvent(string Stage, long Done, long Total, double? SecondsLeft) : RunEvent;

/// <param name="Cause">What happened, in a sentence for the run's owner.</param>
/// <param name="Advice">What to try.</param>
/// <param name="Detail">What the exception says beyond that, for who looks after the server; null where there is nothing.</param>
public sealed record FailureEvent(string Cause, string? Advice = null, string? Detail = null) : RunEvent;
