using WebTrainer.Domain.Judging;
using WebTrainer.Scoring.Judging;

namespace WebTrainer.Portal.Features.Judging;

/// <summary>What came of a judge's work; the one of the four that fits its kind is there.</summary>
/// <param name="Items">Pairs, or answers, that were judged.</param>
/// <param name="Cut">Of these, those with a text too long to be shown whole.</param>
/// <param name="Same">Of these, pairs of equal answers, which are ties without asking.</param>
public sealed record JudgeResult(int Items, int Cut, int Same)
{
    public PairCalibration? Pairs { get; init; }
    public ScoreCalibration? Scores { get; init; }

    /// <summary>A line for each two models.</summary>
    public IReadOnlyList<PairOutcome> Outcomes { get; init; } = [];
    public ScoreOutcome? Scored { get; init; }

    /// <param name="replies">The judge's replies to an item: of a pair in both orders, of one answer one.</param>
    public static JudgeResult Of(JudgeWorkKind kind, IReadOnlyList<JudgeItem> items, Func<JudgeItem, IReadOnlyList<string>> replies)
    {
        var result = new JudgeResult(items.Count, items.Count(IsCut), items.Count(item => item.IsPlainTie));
        return kind switch
        {
            JudgeWorkKind.CalibratePairs => result with
            {
                Pairs = PairCalibration.Of([.. items.Select(item => PairOf(item, replies(item)))]),
            },
            JudgeWorkKind.CalibrateScores => result with
            {
                Scores = ScoreCalibration.Of([
                    .. items.Select(item => new JudgedScore(
                        VerdictReader.ReadScore(replies(item)[0]),
                        [.. item.Experts.Select(JudgeItems.PointsOf)],
                        item.First.Length
                    )),
                ]),
            },
            JudgeWorkKind.ComparePairs => result with
            {
                Outcomes = PairOutcome.Corrected([
                    .. items
                        .GroupBy(item => item.Group)
                        .Select(group =>
                            PairOutcome.Of(group.Key.First, group.Key.Second!, [.. group.Select(item => PairOf(item, replies(item)))])
                        ),
                ]),
            },
            _ => result with
            {
                Scored = ScoreOutcome.Of([
                    .. items
                        .GroupBy(item => item.Group.First)
                        .Select(group =>
                            (
                                group.Key,
                                (IReadOnlyList<int?>)
                                    [.. group.OrderBy(item => item.Row).Select(item => VerdictReader.ReadScore(replies(item)[0]))]
                            )
                        ),
                ]),
            },
        };
    }

    private static JudgedPair PairOf(JudgeItem item, IReadOnlyList<string> replies)
    {
        var (straight, reversed) = item.IsPlainTie
            ? (PairChoice.Tie, PairChoice.Tie)
            : (VerdictReader.ReadPair(replies[0]), VerdictReader.ReadPair(replies[1]));
        return new(straight, reversed, [.. item.Experts.Select(JudgeItems.ChoiceOf)], item.First.Length, item.Second!.Length);
    }

    private static bool IsCut(JudgeItem item) =>
        JudgePrompt.IsCut(item.Request) || JudgePrompt.IsCut(item.First) || (item.Second is { } second && JudgePrompt.IsCut(second));
}
