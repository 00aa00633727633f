namespace WebTrainer.Drift;

/// <summary>Samples that can't be compared, or settings by which they can't.</summary>
/// <param name="message">Says in a sentence which, what is wrong and what to do.</param>
public sealed class NotComparableException(string message) : Exception(message);
