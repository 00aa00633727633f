namespace WebTrainer.Scoring.Judging;

/// <summary>Which of two is better.</summary>
public enum PairChoice
{
    /// <summary>The first is better: of two answers, or of two places.</summary>
    First,

    /// <summary>The second is better, of answers or places as with <see cref="First"/>.</summary>
    Second,

    /// <summary>Neither is better than the other.</summary>
    Tie,
}

/// <summary>Two answers to one request, as a judge saw them in both orders.</summary>
/// <param name="Straight">The place that was chosen when the first answer stood first; null where the reply was no verdict.</param>
/// <param name="Reversed">The place that was chosen when the second answer stood first; null where the reply was no verdict.</param>
/// <param name="Experts">What each expert chose among the two answers, whatever the order they saw.</param>
/// <param name="FirstLength">Characters of the first answer.</param>
/// <param name="SecondLength">Characters of the second answer.</param>
public sealed record JudgedPair(
    PairChoice? Straight,
    PairChoice? Reversed,
    IReadOnlyList<PairChoice> Experts,
    int FirstLength,
    int SecondLength
)
{
    /// <summary>
    /// The answer that is better by the judge: chosen in both orders. A tie where the orders disagree; null where one has no verdict.
    /// </summary>
    public PairChoice? Verdict =>
        (Straight, Reversed) switch
        {
            (null, _) or (_, null) => null,
            (PairChoice.First, PairChoice.Second) => PairChoice.First,
            (PairChoice.Second, PairChoice.First) => PairChoice.Second,
            _ => PairChoice.Tie,
        };

    /// <summary>Another answer, or a tie in one order alone.</summary>
    public bool ChangedWithOrder => Straight is { } straight && Reversed is { } reversed && straight != Swap(reversed);

    /// <summary>What more than half of the experts chose; null where nobody did, or they are split.</summary>
    public PairChoice? Majority
    {
        get
        {
            var most = Experts.CountBy(choice => choice).OrderByDescending(choice => choice.Value).FirstOrDefault();
            return most.Value * 2 > Experts.Count ? most.Key : null;
        }
    }

    private static PairChoice Swap(PairChoice place) =>
        place switch
        {
            PairChoice.First => PairChoice.Second,
            PairChoice.Second => PairChoice.First,
            _ => place,
        };
}
