namespace WebTrainer.Models;

/// <summary>
/// A package could not be fetched; the message says for the person who asked why, where it was looked for, and what to do.
/// </summary>
public sealed class PackageUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
