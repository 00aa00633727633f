using System.Globalization;
using WebTrainer.Domain.Judging;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Scoring.Judging;
using WebTrainer.Statistics;

namespace WebTrainer.Portal.Features.Judging;

/// <summary>What a judge is worth, and what it says, in plain words.</summary>
public static class JudgeWords
{
    public const string NotCalibrated =
        "This judge has not been calibrated against your experts: nobody knows how far its verdicts are theirs.";

    /// <summary>Below so many pairs or answers any figure is rough.</summary>
    private const int Few = 30;
    private const double Level = 0.05;

    public static string Kind(JudgeWorkKind kind) =>
        kind switch
        {
            JudgeWorkKind.CalibratePairs => "held against choices",
            JudgeWorkKind.CalibrateScores => "held against ratings",
            JudgeWorkKind.ComparePairs => "models compared",
            _ => "answers scored",
        };

    /// <summary>What stands beside every verdict.</summary>
    public static string Trust(JudgeWorkView work) => work.Calibration is { } calibration ? Sentence(calibration) : NotCalibrated;

    /// <summary>A calibration in one sentence.</summary>
    public static string Sentence(CalibrationView calibration) =>
        calibration.Result switch
        {
            { Pairs: { } pairs } => Agreement(pairs),
            { Scores: { } scores } => Agreement(scores),
            _ => "",
        };

    /// <summary>All that a calibration found, a sentence each.</summary>
    public static IEnumerable<string> Sentences(JudgeResult result) =>
        result switch
        {
            { Pairs: { } pairs } =>
            [
                Agreement(pairs),
                One(pairs),
                Position(pairs),
                Length(pairs),
                .. Rest(result, pairs.WithoutVerdict, pairs.WithoutMajority),
            ],
            { Scores: { } scores } =>
            [
                Agreement(scores),
                Mild(scores),
                One(scores),
                Length(scores),
                .. Rest(result, scores.WithoutVerdict, 0),
            ],
            _ => [],
        };

    public static string Of(PairOutcome outcome)
    {
        if (outcome.WinRate is not { } rate)
        {
            return $"No reply was a verdict, so that nothing can be said of {outcome.First} and {outcome.Second}.";
        }

        var judged = outcome.Wins + outcome.Losses + outcome.Ties;
        var figures =
            $"{outcome.Second} wins on {outcome.Wins} and loses on {outcome.Losses} of {Format.Count(judged)} requests (win rate {Format.Percent(rate)}, {Format.Percent(outcome.Low)} to {Format.Percent(outcome.High)}; {P(outcome.PValue)})";
        return outcome.IsSure
            ? $"{(outcome.Wins > outcome.Losses ? outcome.Second : outcome.First)} answers better than {(outcome.Wins > outcome.Losses ? outcome.First : outcome.Second)}, says the judge: {figures}."
            : $"The judge can't tell {outcome.Second} and {outcome.First} apart: {figures}.";
    }

    public static string Of(ScoreDifference difference) =>
        difference.Difference is not { } mean ? $"No request was scored for both {difference.First} and {difference.Second}."
        : difference.IsSure
            ? $"{difference.Second} gets {Number(Math.Abs(mean.Value))} points {(mean.Value > 0 ? "more" : "fewer")} than {difference.First} ({Between(mean)}; {P(difference.PValue)}; {difference.Rows} requests)."
        : $"{difference.Second} and {difference.First} cannot be told apart by their points ({Signed(mean.Value)}, {Between(mean)}; {P(difference.PValue)}; {difference.Rows} requests).";

    private static string Agreement(PairCalibration c) =>
        c.Agreement.Of == 0
            ? "There is no pair with a verdict of the judge and a majority of your experts, so that nothing can be said of how they agree."
            : $"The judge agrees with your experts on {c.Agreement.Hits} of {c.Agreement.Of} pairs ({Percent(c.Agreement)})"
                + (
                    c.BetweenExperts is { } experts
                        ? $"; two experts agree with each other on {Whole(experts)}."
                        : "; no pair was judged by two experts, so that nobody knows how well they agree themselves."
                )
                + (c.Agreement.Of < Few ? " So few pairs tell little." : "");

    private static string One(PairCalibration c) =>
        (
            c.WithOneExpert is { } one
                ? $"With one expert at a time it agrees on {Whole(one)}{(c.BetweenExperts is { } two ? $", as against {Whole(two)} between two experts" : "")}. "
                : ""
        )
        + (
            c.Kappa is { } kappa
                ? $"Beyond chance the agreement with the majority is {Number(kappa)} (Cohen's κ; 1 is full, 0 is chance)."
                : ""
        );

    private static string Position(PairCalibration c) =>
        c.Position.Changed.Of == 0
            ? ""
            : $"It changes its verdict with the order of the answers on {c.Position.Changed.Hits} of {c.Position.Changed.Of} pairs ({Percent(c.Position.Changed)}); such pairs count as ties. "
                + (
                    c.Position.PValue < Level
                        ? $"It favours the {(c.Position.AlwaysFirst > c.Position.AlwaysSecond ? "first" : "second")} place: that one won in both orders {Math.Max(c.Position.AlwaysFirst, c.Position.AlwaysSecond)} times, the other {Math.Min(c.Position.AlwaysFirst, c.Position.AlwaysSecond)} times ({P(c.Position.PValue)})."
                        : $"It favours neither place as far as these pairs tell (the first won in both orders {c.Position.AlwaysFirst} times, the second {c.Position.AlwaysSecond} times; {P(c.Position.PValue)})."
                );

    private static string Length(PairCalibration c) =>
        c.Length is not { } length
            ? "No two answers of different length were decided by both, so that nothing can be said of long answers."
            : length switch
            {
                { PValue: < Level } when length.Low > 0 || length.High < 0 =>
                    $"It prefers the longer answer {(length.Difference > 0 ? "more" : "less")} often than your experts do: {Of(length)}.",
                _ => $"It can't be shown to prefer long answers more or less than your experts do: {Of(length)}.",
            };

    private static string Of(LengthBias length) =>
        $"{length.Judge.Hits} against {length.Experts.Hits} of {length.Judge.Of} pairs ({Points(length.Difference)} points, between {Points(length.Low)} and {Points(length.High)}; {P(length.PValue)})";

    private static string Agreement(ScoreCalibration c) =>
        c.Same.Of == 0
            ? "No answer has points of the judge, so that nothing can be said of how it stands to your experts."
            : $"The judge gives the same points as your experts to {c.Same.Hits} of {c.Same.Of} answers ({Percent(c.Same)}), and at most one point apart to {c.WithinOne.Hits} ({Percent(c.WithinOne)})"
                + (
                    c.Spearman is { } rank
                        ? $"; it puts answers in order as they do with a rank correlation of {Number(rank.Value)} ({Number(rank.Low)} to {Number(rank.High)})."
                        : "."
                )
                + (c.Same.Of < Few ? " So few answers tell little." : "");

    private static string Mild(ScoreCalibration c) =>
        c.Difference is not { } mean
            ? ""
            : (
                mean.Low > 0 || mean.High < 0
                    ? $"It is {(mean.Value > 0 ? "milder" : "stricter")} than they are, by {Number(Math.Abs(mean.Value))} points ({Between(mean)})."
                    : $"It is neither milder nor stricter as far as these answers tell ({Signed(mean.Value)} points, {Between(mean)})."
            ) + (c.WeightedKappa is { } kappa ? $" Beyond chance the agreement is {Number(kappa)} (κ with quadratic weights)." : "");

    private static string One(ScoreCalibration c) =>
        c.WithOneExpert is not { } one
            ? ""
            : $"It is {Number(one)} points apart from one expert on average"
                + (
                    c.BetweenExperts is { } two
                        ? $"; two experts are {Number(two)} apart from each other{(c.ExpertsAlpha is { } alpha ? $" (Krippendorff's α {Number(alpha)})" : "")}."
                        : "; no answer was rated by two experts."
                );

    private static string Length(ScoreCalibration c) =>
        c.Length is not { } length ? ""
        : length.Low > 0 || length.High < 0
            ? $"Long answers get {(length.Value > 0 ? "more" : "fewer")} points from it than from your experts: rank correlation of length with the difference {Number(length.Value)} ({Number(length.Low)} to {Number(length.High)})."
        : $"Length can't be shown to matter to it more than to your experts: rank correlation of length with the difference {Number(length.Value)} ({Number(length.Low)} to {Number(length.High)}).";

    private static IEnumerable<string> Rest(JudgeResult result, int withoutVerdict, int withoutMajority)
    {
        if (withoutVerdict > 0)
        {
            yield return $"{withoutVerdict} of {result.Items} had a reply that was no verdict; they are left out.";
        }

        if (withoutMajority > 0)
        {
            yield return $"On {withoutMajority} of {result.Items} your experts were split; they are left out of the agreement with the majority.";
        }

        if (result.Same > 0)
        {
            yield return $"{result.Same} pairs of equal answers are ties without asking.";
        }

        if (result.Cut > 0)
        {
            yield return $"{result.Cut} have a text of more than {JudgePrompt.MaxTextLength:N0} characters; the judge saw its beginning.";
        }
    }

    private static string P(double p) => p < 0.001 ? "p < 0.001" : string.Create(CultureInfo.InvariantCulture, $"p = {p:0.000}");

    private static string Percent(Share share) => $"{Format.Percent(share.Low, 0)} to {Format.Percent(share.High, 0)}";

    private static string Whole(double share) => Format.Percent(share, 0);

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Signed(double value) => value.ToString("+0.00;−0.00;0.00", CultureInfo.InvariantCulture);

    private static string Points(double share) => (100 * share).ToString("+0;−0;0", CultureInfo.InvariantCulture);

    private static string Between(Estimate estimate) => $"between {Signed(estimate.Low)} and {Signed(estimate.High)}";
}
