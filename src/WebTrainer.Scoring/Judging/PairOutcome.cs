using WebTrainer.Statistics;

namespace WebTrainer.Scoring.Judging;

/// <summary>Two models on the same requests, by a judge's verdicts.</summary>
/// <param name="First">As the report calls it.</param>
/// <param name="Second">As the report calls it.</param>
/// <param name="Wins">Requests on which the second's answer is better.</param>
/// <param name="Losses">Requests on which the first's answer is better.</param>
/// <param name="Ties">Requests without a difference, and those whose verdict changed with the order.</param>
/// <param name="Changed">Of the ties, those whose verdict changed with the order.</param>
/// <param name="NoVerdict">Requests on which a reply was no verdict; they count nowhere else.</param>
/// <param name="WinRate">Of the second, ties as half; null where there is no verdict at all.</param>
/// <param name="Low">Lower end of its 95 % interval (Wilson's, which is never too narrow with ties).</param>
/// <param name="High">Upper end of its 95 % interval.</param>
/// <param name="PValue">Exact sign test of wins against losses, corrected for the number of comparisons where there are several
/// (Holm).</param>
public sealed record PairOutcome(
    string First,
    string Second,
    int Wins,
    int Losses,
    int Ties,
    int Changed,
    int NoVerdict,
    double? WinRate,
    double Low,
    double High,
    double PValue
)
{
    private const double Level = 0.05;

    /// <summary>One of the two is surely better.</summary>
    public bool IsSure => PValue < Level;

    /// <summary>Counts wins, losses and ties, with an exact sign test that is not corrected yet.</summary>
    /// <param name="first">How the report calls the first model.</param>
    /// <param name="second">How the report calls the second model.</param>
    /// <param name="pairs">Of the two, the first model's answer first in each.</param>
    public static PairOutcome Of(string first, string second, IReadOnlyCollection<JudgedPair> pairs)
    {
        var (wins, losses, ties) = (
            pairs.Count(p => p.Verdict == PairChoice.Second),
            pairs.Count(p => p.Verdict == PairChoice.First),
            pairs.Count(p => p.Verdict == PairChoice.Tie)
        );
        var judged = wins + losses + ties;
        var rate = judged == 0 ? (double?)null : (wins + (ties / 2.0)) / judged;
        var interval = Wilson.OfShare(rate ?? 0, judged);
        return new(
            first,
            second,
            wins,
            losses,
            ties,
            pairs.Count(p => p.ChangedWithOrder),
            pairs.Count - judged,
            rate,
            interval.Low,
            interval.High,
            McNemar.PValue(new PairedCounts(0, losses, wins, 0))
        );
    }

    /// <summary>Corrects the p-values of several comparisons for their number.</summary>
    public static IReadOnlyList<PairOutcome> Corrected(IReadOnlyList<PairOutcome> outcomes) =>
        [.. outcomes.Zip(Holm.Correct([.. outcomes.Select(outcome => outcome.PValue)]), (outcome, p) => outcome with { PValue = p })];
}
