using WebTrainer.Protocol;
using WebTrainer.Scoring.Statistics;

namespace WebTrainer.Learning.Evaluation;

/// <summary>Holds models against each other on the same rows, and corrects for having looked several times.</summary>
internal static class Comparisons
{
    private const int BootstrapSeed = 2;

    /// <param name="closedSet">Compare by right answers; else by token F1, since free text is seldom right to the letter.</param>
    public static IReadOnlyList<Comparison> Of(IReadOnlyList<Judgement> judgements, bool closedSet)
    {
        List<Comparison> all = [.. Pairs(judgements, closedSet).Select(pair => closedSet ? ByRight(pair.First, pair.Second) : ByTokenF1(pair.First, pair.Second))];
        var corrected = Holm.Correct([.. all.Select(comparison => comparison.PValue).OfType<double>()]);
        return closedSet ? [.. all.Zip(corrected, (comparison, p) => comparison with { PValue = p })] : all;
    }

    /// <summary>Each tuned model against the base, the best simple method and the tuned ones before it.</summary>
    private static IEnumerable<(Judgement First, Judgement Second)> Pairs(IReadOnlyList<Judgement> judgements, bool closedSet)
    {
        var tuned = judgements.Where(judgement => judgement.Figures.Kind == ModelKind.Tuned).ToList();
        var opponents = judgements.Where(judgement => judgement.Figures.Kind == ModelKind.Base).ToList();
        var simple = judgements.Where(judgement => judgement.Figures.Kind == ModelKind.Baseline);
        if (simple.MaxBy(judgement => closedSet ? judgement.Figures.Score : judgement.Figures.Texts!.TokenF1) is { } best)
        {
            opponents.Add(best);
        }

        return tuned.SelectMany((second, index) => opponents.Concat(tuned.Take(index)).Select(first => (first, second)));
    }

    private static Comparison ByRight(Judgement first, Judgement second)
    {
        var counts = PairedCounts.Of(first.Answers.Zip(second.Answers, (a, b) => (a.Right, b.Right)));
        var interval = counts.DifferenceInterval();
        return new(
            first.Figures.Name, second.Figures.Name, Comparison.ByRight, counts.OnlyFirst, counts.OnlySecond, counts.Difference, interval.Low, interval.High,
            McNemar.PValue(counts), McNemar.RowsNeeded(counts));
    }

    private static Comparison ByTokenF1(Judgement first, Judgement second)
    {
        var counts = PairedCounts.Of(first.Answers.Zip(second.Answers, (a, b) => (a.Right, b.Right)));
        List<double> differences = [.. first.Answers.Zip(second.Answers, (a, b) => b.TokenF1 - a.TokenF1)];
        var interval = Bootstrap.MeanInterval(differences, BootstrapSeed);
        return new(
            first.Figures.Name, second.Figures.Name, Comparison.ByTokenF1, counts.OnlyFirst, counts.OnlySecond, differences.Average(), interval.Low, interval.High,
            PValue: null, RowsNeeded: null);
    }
}
