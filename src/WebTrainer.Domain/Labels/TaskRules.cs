namespace WebTrainer.Domain.Labels;

/// <summary>In which order items are handed out.</summary>
public enum ItemOrder
{
    /// <summary>Shuffled, for each person another way.</summary>
    Random,

    /// <summary>As the rows are.</summary>
    AsGiven,

    /// <summary>What a model that learns from the answers is least sure of comes first.</summary>
    Uncertainty,

    /// <summary>What people disagree on comes first.</summary>
    Disagreement,

    /// <summary>Texts that differ most from each other come first.</summary>
    Diversity,
}

/// <summary>Where an item goes on which people disagree.</summary>
public enum OnDisagreement
{
    /// <summary>To somebody who decides.</summary>
    Adjudicator,

    /// <summary>To one more annotator, up to <see cref="TaskRules.MaxOverlap"/>; then to somebody who decides.</summary>
    FurtherAnnotator,
}

/// <summary>How a task hands out its items and what becomes of the answers.</summary>
public sealed record TaskRules
{
    /// <summary>Answers to one item that no rule and no reviewer can go beyond.</summary>
    public const int MostOverlap = 9;

    /// <summary>Stand for rules that can't be read: no task can have them.</summary>
    public static TaskRules Damaged { get; } = new() { Overlap = 0 };

    /// <summary>How many people answer each item, independently of each other.</summary>
    public int Overlap { get; init; } = 3;

    /// <summary>Most items one person gets; null for no cap.</summary>
    public int? MaxPerPerson { get; init; }

    /// <summary>How long an item that was handed out is kept for its person.</summary>
    public int LeaseMinutes { get; init; } = 30;

    /// <summary>Which item a person gets next, among those with places.</summary>
    public ItemOrder Order { get; init; } = ItemOrder.Random;

    /// <summary>False where a suggestion would sway people.</summary>
    public bool ShowSuggestions { get; init; }

    /// <summary>Share of equal answers to each required question from which an item counts as agreed, above 0.5.</summary>
    public double AgreedShare { get; init; } = 2.0 / 3;

    /// <summary>Agreed items need nobody's approval. Items with one answer always do.</summary>
    public bool AgreedIsDone { get; init; } = true;

    /// <summary>What follows where <see cref="AgreedShare"/> is not reached.</summary>
    public OnDisagreement OnDisagreement { get; init; } = OnDisagreement.Adjudicator;

    /// <summary>Most answers to an item when further annotators are asked.</summary>
    public int MaxOverlap { get; init; } = 5;

    /// <summary>Every so many items a person gets one whose answer is known; 0 for none.</summary>
    public int GoldEvery { get; init; }

    /// <summary>A pause longer than this is no work.</summary>
    public int IdleSeconds { get; init; } = 60;

    /// <exception cref="RuleViolationException">They can't be followed.</exception>
    public void Check(int people)
    {
        if (Overlap < 1 || Overlap > Math.Min(MostOverlap, people))
        {
            throw new RuleViolationException(
                $"Each item can be answered by 1 to {Math.Min(MostOverlap, people)} people, since {people} are assigned."
            );
        }

        if (MaxPerPerson is < 1)
        {
            throw new RuleViolationException("A cap for each person is 1 item or more; leave it empty for none.");
        }

        if (LeaseMinutes is < 1 or > 24 * 60)
        {
            throw new RuleViolationException("An item is kept for its person for 1 minute to 24 hours.");
        }

        if (AgreedShare is not (> 0.5 and <= 1))
        {
            throw new RuleViolationException("An item counts as agreed from a share above one half, up to all.");
        }

        if (MaxOverlap < Overlap || MaxOverlap > MostOverlap)
        {
            throw new RuleViolationException($"The most answers to an item lie between {Overlap} and {MostOverlap}.");
        }

        if (GoldEvery is 1 or < 0)
        {
            throw new RuleViolationException("A known item comes every second item at most.");
        }

        if (IdleSeconds is < 10 or > 3600)
        {
            throw new RuleViolationException("A pause counts as idle after 10 seconds to an hour.");
        }
    }
}
