using System.Text.Json.Serialization;

namespace WebTrainer.Protocol;

public enum WorkerState
{
    Starting,
    Running,
    Paused,

    /// <summary>All steps done, output written.</summary>
    Completed,

    /// <summary>Ended on request; with output when it was asked to save.</summary>
    Stopped,
    Failed,
}

/// <summary>One line of <c>events.jsonl</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(StateEvent), "state")]
[JsonDerivedType(typeof(StepEvent), "step")]
[JsonDerivedType(typeof(ValidationEvent), "validation")]
[JsonDerivedType(typeof(SampleEvent), "sample")]
[JsonDerivedType(typeof(LogEvent), "log")]
[JsonDerivedType(typeof(CheckpointEvent), "checkpoint")]
[JsonDerivedType(typeof(ProgressEvent), "progress")]
[JsonDerivedType(typeof(FailureEvent), "failure")]
public abstract record RunEvent
{
    /// <summary>1, 2, 3, … over the life of the run folder, resumes included.</summary>
    public long Seq { get; init; }
    public DateTimeOffset Time { get; init; }
}

public sealed record StateEvent(WorkerState State, string? Reason = null) : RunEvent
{
    /// <summary>Process that wrote it, so that a portal that comes back finds the worker again.</summary>
    public int? ProcessId { get; init; }
}

/// <param name="Loss">Mean over the step's unmasked tokens, in nats.</param>
/// <param name="Tokens">Tokens seen since the run began, prompts and padding-free.</param>
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

public sealed record ValidationEvent(int Step, double Loss, double? Accuracy = null) : RunEvent;

/// <summary>What the model under training answers to a validation row.</summary>
public sealed record SampleEvent(int Step, string RowId, string Prompt, string Expected, string Text) : RunEvent;

public sealed record LogEvent(string Level, string Message) : RunEvent;

/// <param name="Path">Relative to the run folder.</param>
public sealed record CheckpointEvent(int Step, string Path) : RunEvent;

/// <summary>How far a job without steps (evaluation) has come.</summary>
public sealed record ProgressEvent(string Stage, long Done, long Total, double? SecondsLeft) : RunEvent;

/// <param name="Cause">What happened, in a sentence for the run's owner.</param>
/// <param name="Advice">What to try.</param>
public sealed record FailureEvent(string Cause, string? Advice = null, string? Detail = null) : RunEvent;
