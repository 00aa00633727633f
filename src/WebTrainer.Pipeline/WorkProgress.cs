namespace WebTrainer.Pipeline;

/// <summary>How far a long task has come.</summary>
/// <param name="Stage">What is being done, as a verb: <c>Reading</c>, <c>Writing</c>.</param>
/// <param name="Done">Bytes or rows done; the same unit as <paramref name="Total"/>.</param>
/// <param name="Total">0 where it isn't known.</param>
public readonly record struct WorkProgress(string Stage, long Done, long Total);
