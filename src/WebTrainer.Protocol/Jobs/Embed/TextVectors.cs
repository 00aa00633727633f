namespace WebTrainer.Protocol;

/// <summary>What an embedding job made.</summary>
/// <param name="Texts">Number of vectors.</param>
/// <param name="Dimensions">Numbers of each.</param>
/// <param name="Truncated">Texts of which only the beginning was read.</param>
/// <param name="MaximumTokens">Tokens that the encoder reads of a text, its own two marks among them.</param>
public sealed record TextVectors(long Texts, int Dimensions, long Truncated, int MaximumTokens);
