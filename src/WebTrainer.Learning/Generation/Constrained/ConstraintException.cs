namespace WebTrainer.Learning.Generation.Constrained;

/// <summary>No answer can be held to the constraint; the message says what of it is at fault, for whoever sent it.</summary>
public sealed class ConstraintException(string message) : Exception(message);
