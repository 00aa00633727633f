namespace WebTrainer.Jobs;

/// <summary>A worker could not do what was asked. The message is its cause, a sentence for the person who asked.</summary>
public sealed class JobFailedException(string cause, string? advice = null) : Exception(cause)
{
    /// <summary>What to try.</summary>
    public string? Advice { get; } = advice;
}
