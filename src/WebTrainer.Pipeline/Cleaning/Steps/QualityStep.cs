namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Sets aside texts that nobody would learn from, by the rules that made the training sets of Gopher and T5.</summary>
/// <remarks>
/// Thresholds are those of Rae et al., arXiv:2112.11446, A.1.1 (Gopher) and Raffel et al., arXiv:1910.10683, 2.2 (C4). They were made
/// for web pages: the rules that ask for whole pages are a choice of their own, because questions and labels are shorter.
/// </remarks>
public sealed record QualityStep : CleanStep
{
    /// <summary>The part of a row that is judged; a row without it stays.</summary>
    public RowField Field { get; init; } = RowField.AllText;

    /// <summary>Lines, paragraphs and word sequences that come again and again.</summary>
    public bool Repetition { get; init; } = true;

    /// <summary>Too many symbols, words of odd lengths, few words with letters.</summary>
    public bool Symbols { get; init; } = true;

    /// <summary>Placeholder text and texts that are mostly program code: lorem ipsum, braces.</summary>
    public bool Boilerplate { get; init; }

    /// <summary>Texts that are no page: under 50 or over 100,000 words, without the commonest English words.</summary>
    public bool WholePages { get; init; }

    /// <inheritdoc/>
    public override string? Fault() => Repetition || Symbols || Boilerplate || WholePages ? null : "Choose at least one kind of rule.";

    internal override StepWork Begin(CleanContext context) =>
        new SieveWork(row =>
        {
            if (RowTexts.Of(row, Field) is not { } text)
            {
                return null;
            }

            var words = TextQuality.Words(text);
            return (WholePages ? TextQuality.PageFault(words) : null)
                ?? (Symbols ? TextQuality.SymbolFault(text, words) : null)
                ?? (Boilerplate ? TextQuality.BoilerplateFault(text) : null)
                ?? (Repetition ? TextQuality.RepetitionFault(text, words) : null);
        });
}
