namespace WebTrainer.Learning.Batching;

/// <summary>What a model reads of a row.</summary>
/// <param name="Prompt">At least one token.</param>
/// <param name="Written">What is written behind it; the token whose likelihood is asked last isn't among them.</param>
public sealed record PromptAndAnswer(IReadOnlyList<int> Prompt, IReadOnlyList<int> Written);
