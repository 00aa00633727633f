namespace WebTrainer.Pipeline.Making;

/// <summary>How rows are made of others, by rules alone.</summary>
public enum MakeMethod
{
    /// <summary>A row with typing errors in some words of its question.</summary>
    TypingErrors,

    /// <summary>A row with words for one group of people in place of those for another, in question and answer: what a model should answer
    /// alike (counterfactual augmentation; Lu et al., arXiv:1807.11714).</summary>
    SwappedWords,

    /// <summary>Sentences whose slots are filled with each of their words.</summary>
    Templates,
}

/// <summary>Two words that stand for each other, whole and whatever their case.</summary>
public sealed record WordPair(string One, string Other);

/// <summary>A sentence with slots in braces, as <c>Where is my {thing}?</c>.</summary>
/// <param name="Label">One that training rows have; null in data without labels.</param>
/// <param name="Response">The answer, which may have slots too; null where the label says it.</param>
public sealed record SlotTemplate(string Prompt, string? Label = null, string? Response = null);

/// <summary>What is made, and how much of it.</summary>
public sealed record MakeRecipe
{
    /// <summary>Characters of a word, a template or what fills a slot, at most.</summary>
    public const int MaxTextLength = 4_000;

    /// <summary>Pairs, templates, slots and words of a slot, at most.</summary>
    public const int MaxEntries = 1_000;

    /// <summary>The method.</summary>
    public required MakeMethod Method { get; init; }

    /// <summary>Made rows at most, as a share of the real rows that are learned from; above 0, at most 1.</summary>
    public double Share { get; init; } = 0.25;

    /// <summary>Only labels with fewer training rows get some, up to so many; null for all labels alike.</summary>
    public int? LeastPerLabel { get; init; }

    /// <summary>The same rows, recipe and seed give the same rows.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>Of <see cref="MakeMethod.TypingErrors"/>: share of the words of four letters and more that get one, above 0 to 1.</summary>
    public double WordShare { get; init; } = 0.2;

    /// <summary>Of <see cref="MakeMethod.SwappedWords"/>.</summary>
    public IReadOnlyList<WordPair> Pairs { get; init; } = [];

    /// <summary>Of <see cref="MakeMethod.Templates"/>.</summary>
    public IReadOnlyList<SlotTemplate> Templates { get; init; } = [];

    /// <summary>What fills each slot, by its name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Slots { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <returns>Why nothing can be made by it, in a sentence that names the field; null where it can.</returns>
    public string? WhyNot() =>
        this switch
        {
            { Share: not (> 0 and <= 1) } => "Share of made rows (share): above 0 and at most 1 of the rows that are learned from.",
            { LeastPerLabel: < 1 } => "Rows of a label (leastPerLabel): at least 1.",
            { Method: MakeMethod.TypingErrors, WordShare: not (> 0 and <= 1) } =>
                "Share of words with an error (wordShare): above 0 and at most 1.",
            { Method: MakeMethod.SwappedWords, Pairs.Count: 0 } => "Pairs of words (pairs): give at least one, as he and she.",
            { Pairs.Count: > MaxEntries } or { Templates.Count: > MaxEntries } or { Slots.Count: > MaxEntries } =>
                $"At most {MaxEntries} pairs, templates or slots.",
            { Method: MakeMethod.SwappedWords } => WhyNotPairs(),
            { Method: MakeMethod.Templates } => WhyNotTemplates(),
            { Method: MakeMethod.TypingErrors } => null,
            _ => $"The method (method) {Method} is not known.",
        };

    private string? WhyNotPairs()
    {
        var words = Pairs.SelectMany(pair => (string[])[pair.One, pair.Other]).ToList();
        return words.Exists(word => string.IsNullOrWhiteSpace(word) || word.Length > MaxTextLength)
                ? "A pair of words (pairs) has an empty side, or one that is too long."
            : words.GroupBy(word => word, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } twice
                ? $"The word '{twice.Key}' stands in several pairs (pairs), so that nobody knows what it becomes."
            : null;
    }

    private string? WhyNotTemplates()
    {
        if (Templates.Count == 0)
        {
            return "Templates (templates): give at least one sentence, with slots as {thing}.";
        }

        foreach (var template in Templates)
        {
            if (
                string.IsNullOrWhiteSpace(template.Prompt)
                || Math.Max(template.Prompt.Length, template.Response?.Length ?? 0) > MaxTextLength
            )
            {
                return "A template (templates) is empty or too long.";
            }

            if (template.Label is null && template.Response is null)
            {
                return $"The template '{template.Prompt}' (templates) has neither a label nor an answer.";
            }

            if (SlotFilling.SlotsOf(template).FirstOrDefault(slot => !Slots.ContainsKey(slot)) is { } missing)
            {
                return $"Nothing fills the slot {{{missing}}} of '{template.Prompt}' (slots).";
            }
        }

        return Slots.FirstOrDefault(slot => slot.Value.Count is 0 or > MaxEntries || slot.Value.Any(IsNoWord)) is { Key: { } bad }
            ? $"The slot {{{bad}}} (slots) has no words, too many, or one that is empty or too long."
            : null;
    }

    private static bool IsNoWord(string word) => string.IsNullOrWhiteSpace(word) || word.Length > MaxTextLength;
}
