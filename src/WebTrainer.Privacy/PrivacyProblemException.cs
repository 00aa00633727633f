namespace WebTrainer.Privacy;

/// <summary>What was asked for can't be done privately, or not at all; the message says why, and what would do.</summary>
public sealed class PrivacyProblemException(string message, Exception? cause = null) : Exception(message, cause);
