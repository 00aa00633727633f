namespace WebTrainer.Protocol;

/// <summary>A model was loaded and has answered.</summary>
/// <param name="LoadSeconds">From nothing to ready.</param>
/// <param name="Answer">What it made of a greeting, greedily; empty where it is an encoder.</param>
/// <param name="MemoryBytes">Highest resident memory.</param>
public sealed record ModelCheck(
    long Parameters,
    int ContextTokens,
    int Vocabulary,
    double LoadSeconds,
    string Answer,
    double TokensPerSecond,
    long MemoryBytes
)
{
    /// <summary>Where it is an encoder: the cosine of the two sentences it was given.</summary>
    public double? Likeness { get; init; }

    /// <summary>What an encoder is asked to compare.</summary>
    public static (string First, string Second) Sentences { get; } = ("Where is my new card?", "The card that I ordered has not arrived.");
}
