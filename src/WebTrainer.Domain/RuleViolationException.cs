namespace WebTrainer.Domain;

/// <summary>A rule of the domain forbids what was asked. The message is a sentence for the person who asked.</summary>
public sealed class RuleViolationException(string message) : Exception(message);
