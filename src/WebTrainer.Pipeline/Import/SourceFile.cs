namespace WebTrainer.Pipeline.Import;

/// <summary>A stored upload.</summary>
/// <param name="Path">Where it lies; chosen by the caller, never made of the user's name for it.</param>
/// <param name="Name">What the user called it: shown in sentences, and its ending is a hint. Never a path.</param>
/// <param name="Sha256">Lower-case hex of the content, when the caller knows it; found by reading otherwise.</param>
public sealed record SourceFile(string Path, string Name, string? Sha256 = null)
{
    /// <summary>The ending without its dot, in lower case.</summary>
    internal string Extension => System.IO.Path.GetExtension(Name).TrimStart('.').ToLowerInvariant();
}
