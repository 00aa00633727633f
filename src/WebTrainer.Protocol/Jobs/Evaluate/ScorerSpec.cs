namespace WebTrainer.Protocol;

/// <summary>Ways to score an answer to a test row against the right one.</summary>
public enum ScorerKind
{
    /// <summary>The answer holds the right one, ignoring case.</summary>
    Contains,

    /// <summary>The answer matches a pattern.</summary>
    Pattern,

    /// <summary>The last number of the answer is the right one's, within a tolerance.</summary>
    Number,

    /// <summary>The answer is JSON that holds to a schema (JSON Schema 2020-12).</summary>
    JsonSchema,

    /// <summary>n-grams of words in common: the mean of each answer's, and BLEU of all answers together.</summary>
    Bleu,

    /// <summary>Words in common, ROUGE-1.</summary>
    Rouge1,

    /// <summary>Pairs of words in common, ROUGE-2.</summary>
    Rouge2,

    /// <summary>How near the texts lie by the built-in embedder: cosine, 0 where it is negative.</summary>
    Embedding,

    /// <summary>
    /// ROUGE-1, ROUGE-2 and ROUGE-L of words without their endings (Porter's stems), as English summaries are most often scored.
    /// </summary>
    RougeStemmed,

    /// <summary>Edits over words of all answers together, TER; lower is better.</summary>
    Ter,
}

/// <param name="Kind">Which way.</param>
/// <param name="Pattern">Regular expression of <see cref="ScorerKind.Pattern"/>.</param>
/// <param name="Tolerance">Of <see cref="ScorerKind.Number"/>: the largest relative difference, 0 for none.</param>
/// <param name="Schema">JSON text of <see cref="ScorerKind.JsonSchema"/>.</param>
public sealed record ScorerSpec(ScorerKind Kind, string? Pattern = null, double Tolerance = 0, string? Schema = null);
