namespace WebTrainer.Protocol;

/// <summary>A model was loaded and has answered.</summary>
/// <param name="LoadSeconds">From nothing to ready.</param>
/// <param name="Answer">What it made of a greeting, greedily.</param>
/// <param name="MemoryBytes">Highest resident memory.</param>
public sealed record ModelCheck(long Parameters, int ContextTokens, int Vocabulary, double LoadSeconds, string Answer, double TokensPerSecond, long MemoryBytes);
