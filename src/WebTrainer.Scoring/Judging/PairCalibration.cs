using WebTrainer.Labeling;
using WebTrainer.Statistics;

namespace WebTrainer.Scoring.Judging;

/// <summary>Whether the place of an answer decides.</summary>
/// <param name="ShownFirst">Of all single verdicts that are no tie, those for the answer shown first.</param>
/// <param name="Changed">Pairs whose verdict changed with the order.</param>
/// <param name="AlwaysFirst">Pairs in which the first place won in both orders.</param>
/// <param name="AlwaysSecond">Pairs in which the second place won in both orders.</param>
/// <param name="PValue">Exact binomial test, two-sided: without a bias the last two are equally likely.</param>
public sealed record PositionBias(Share ShownFirst, Share Changed, int AlwaysFirst, int AlwaysSecond, double PValue);

/// <summary>Whether the longer answer wins more often than with experts, on the pairs of unequal length that both decided.</summary>
/// <param name="Judge">Pairs in which the judge chose the longer one.</param>
/// <param name="Experts">Pairs in which the experts' majority chose the longer one.</param>
/// <param name="Difference">Judge's share less the experts', with Newcombe's interval for pairs.</param>
/// <param name="Low">Lower end of the difference's 95 % interval.</param>
/// <param name="High">Upper end of it.</param>
/// <param name="PValue">McNemar's exact test.</param>
public sealed record LengthBias(Share Judge, Share Experts, double Difference, double Low, double High, double PValue);

/// <summary>How a judge's choices between two answers stand to those of experts on the same pairs.</summary>
public sealed record PairCalibration
{
    /// <summary>Pairs of answers that the judge was asked about, each in both orders.</summary>
    public required int Pairs { get; init; }

    /// <summary>Pairs in which a reply was no verdict.</summary>
    public required int WithoutVerdict { get; init; }

    /// <summary>Pairs on which no answer has more than half of the experts.</summary>
    public required int WithoutMajority { get; init; }

    /// <summary>Pairs with verdict and majority in which both are the same.</summary>
    public required Share Agreement { get; init; }

    /// <summary>The same beyond chance (Cohen); null where it is undefined.</summary>
    public required double? Kappa { get; init; }

    /// <summary>
    /// The judge and one expert drawn from those of the pair: how often they agree. What <see cref="BetweenExperts"/> is to be held
    /// against.
    /// </summary>
    public required double? WithOneExpert { get; init; }

    /// <summary>Two experts drawn from those of the pair: how often they agree; null where no pair has two.</summary>
    public required double? BetweenExperts { get; init; }

    /// <summary>Pairs with two experts or more.</summary>
    public required int PairsOfSeveral { get; init; }

    /// <summary>Whether the place of an answer decides, over all pairs.</summary>
    public required PositionBias Position { get; init; }

    /// <summary>Null where no pair of unequal length was decided by both.</summary>
    public required LengthBias? Length { get; init; }

    /// <param name="pairs">Asked in both orders; each with the experts' choices.</param>
    public static PairCalibration Of(IReadOnlyList<JudgedPair> pairs)
    {
        var both = pairs.Where(pair => pair is { Verdict: not null, Majority: not null }).ToList();
        var single = pairs.Where(pair => pair.Verdict is not null && pair.Experts.Count > 0).ToList();
        return new PairCalibration
        {
            Pairs = pairs.Count,
            WithoutVerdict = pairs.Count(pair => pair.Verdict is null),
            WithoutMajority = pairs.Count(pair => pair.Majority is null),
            Agreement = Share.Count(both, pair => pair.Verdict == pair.Majority),
            Kappa = CohenKappa.Compute(
                Ratings.OfLabels([
                    [.. both.Select(p => p.Verdict.ToString())],
                    [.. both.Select(p => p.Majority.ToString())],
                ]),
                0,
                1
            ),
            WithOneExpert =
                single.Count == 0 ? null : single.Average(pair => pair.Experts.Average(choice => choice == pair.Verdict ? 1.0 : 0)),
            BetweenExperts = Between(pairs),
            PairsOfSeveral = pairs.Count(pair => pair.Experts.Count > 1),
            Position = PositionOf(pairs),
            Length = LengthOf(both),
        };
    }

    /// <summary>The mean over pairs, each counting once however many experts saw it, as in <see cref="WithOneExpert"/>.</summary>
    private static double? Between(IReadOnlyList<JudgedPair> pairs)
    {
        var several = pairs.Where(pair => pair.Experts.Count > 1).ToList();
        return several.Count == 0
            ? null
            : several.Average(pair =>
            {
                var total = (double)pair.Experts.Count;
                return pair.Experts.CountBy(choice => choice).Sum(choice => choice.Value * (choice.Value - 1.0)) / (total * (total - 1));
            });
    }

    private static PositionBias PositionOf(IReadOnlyList<JudgedPair> pairs)
    {
        var decided = pairs
            .SelectMany(pair => (PairChoice?[])[pair.Straight, pair.Reversed])
            .Where(place => place is PairChoice.First or PairChoice.Second)
            .ToList();
        var judged = pairs.Where(pair => pair.Verdict is not null).ToList();
        var first = judged.Count(pair => pair is { Straight: PairChoice.First, Reversed: PairChoice.First });
        var second = judged.Count(pair => pair is { Straight: PairChoice.Second, Reversed: PairChoice.Second });
        return new(
            Share.Count(decided, place => place == PairChoice.First),
            Share.Count(judged, pair => pair.ChangedWithOrder),
            first,
            second,
            McNemar.PValue(new PairedCounts(0, first, second, 0))
        );
    }

    private static LengthBias? LengthOf(List<JudgedPair> both)
    {
        var decided = both.Where(pair =>
                pair.FirstLength != pair.SecondLength && pair.Verdict != PairChoice.Tie && pair.Majority != PairChoice.Tie
            )
            .ToList();
        if (decided.Count == 0)
        {
            return null;
        }

        var counts = PairedCounts.Of(decided.Select(pair => (pair.Majority == Longer(pair), pair.Verdict == Longer(pair))));
        var interval = counts.DifferenceInterval();
        return new(
            Share.Count(decided, pair => pair.Verdict == Longer(pair)),
            Share.Count(decided, pair => pair.Majority == Longer(pair)),
            counts.Difference,
            interval.Low,
            interval.High,
            McNemar.PValue(counts)
        );
    }

    private static PairChoice Longer(JudgedPair pair) => pair.FirstLength > pair.SecondLength ? PairChoice.First : PairChoice.Second;
}
