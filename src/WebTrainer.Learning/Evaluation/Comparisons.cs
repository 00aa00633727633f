using WebTrainer.Protocol;
using WebTrainer.Statistics;

namespace WebTrainer.Learning.Evaluation;

/// <summary>Holds models against each other on the same rows, and corrects for having looked several times.</summary>
internal static class Comparisons
{
    private const int BootstrapSeed = 2;

    /// <summary>On the test rows: each tuned model against the base, the best simple method and the tuned ones before it.</summary>
    /// <param name="judgements">Of all models on the same rows in the same order.</param>
    /// <param name="closedSet">Compare by right answers; else by token F1, since free text is seldom right to the letter.</param>
    public static IReadOnlyList<Comparison> Of(IReadOnlyList<ModelResult> judgements, bool closedSet)
    {
        double[] Values(ModelResult judgement) =>
            [.. judgement.Answers.Select(answer => closedSet ? (answer.Right ? 1.0 : 0.0) : answer.TokenF1)];
        var models = judgements.Where(judgement => judgement.Figures.Kind != ModelKind.Baseline).ToList();
        var simple = judgements.Where(judgement => judgement.Figures.Kind == ModelKind.Baseline);
        if (simple.MaxBy(judgement => closedSet ? judgement.Figures.Score : judgement.Figures.Texts!.TokenF1) is { } best)
        {
            models.Add(best);
        }

        var all = Pairs(
            [.. models.Select(model => (model.Figures.Name, model.Figures.Kind, Values(model)))],
            closedSet ? Comparison.ByRight : Comparison.ByTokenF1
        );
        return closedSet ? all : [.. all.Select(comparison => WithRight(comparison, judgements))];
    }

    /// <summary>On a benchmark: each tuned model against the base and the tuned ones before it.</summary>
    /// <param name="metric">Name that a comparison of means carries.</param>
    /// <param name="models">Values of the metric, question by question.</param>
    public static IReadOnlyList<Comparison> OfMetric(string metric, IReadOnlyList<(string Name, ModelKind Kind, double[] Values)> models) =>
        Pairs(models, models.All(model => model.Values.All(value => value is 0 or 1)) ? Comparison.ByRight : metric);

    private static IReadOnlyList<Comparison> Pairs(IReadOnlyList<(string Name, ModelKind Kind, double[] Values)> models, string measure)
    {
        var tuned = models.Where(model => model.Kind == ModelKind.Tuned).ToList();
        var opponents = models.Where(model => model.Kind != ModelKind.Tuned).ToList();
        List<Comparison> all =
        [
            .. tuned.SelectMany(
                (second, index) =>
                    opponents
                        .Concat(tuned.Take(index))
                        .Select(first =>
                            string.Equals(measure, Comparison.ByRight, StringComparison.Ordinal)
                                ? ByRight(first.Name, first.Values, second.Name, second.Values)
                                : ByMean(measure, first.Name, first.Values, second.Name, second.Values)
                        )
            ),
        ];
        var corrected = Holm.Correct([.. all.Select(comparison => comparison.PValue ?? 1)]);
        return [.. all.Zip(corrected, (comparison, p) => comparison with { PValue = p })];
    }

    private static Comparison ByRight(string firstName, double[] first, string secondName, double[] second)
    {
        var counts = PairedCounts.Of(first.Zip(second, (a, b) => (a == 1, b == 1)));
        var interval = counts.DifferenceInterval();
        return new(
            firstName,
            secondName,
            Comparison.ByRight,
            counts.OnlyFirst,
            counts.OnlySecond,
            counts.Difference,
            interval.Low,
            interval.High,
            McNemar.PValue(counts),
            McNemar.RowsNeeded(counts)
        );
    }

    private static Comparison ByMean(string measure, string firstName, double[] first, string secondName, double[] second)
    {
        double[] differences = [.. first.Zip(second, (a, b) => b - a)];
        var shares = first.Concat(second).All(value => value is >= 0 and <= 1);
        var interval = Bootstrap.MeanInterval(differences, BootstrapSeed, range: shares ? FewRows.OfShares : FewRows.Anywhere);
        return new(
            firstName,
            secondName,
            measure,
            differences.Count(difference => difference < 0),
            differences.Count(difference => difference > 0),
            differences.Average(),
            interval.Low,
            interval.High,
            Wilcoxon.Test(differences).PValue,
            RowsNeeded: null
        );
    }

    /// <summary>Free text: rows that one alone answered to the letter.</summary>
    private static Comparison WithRight(Comparison comparison, IReadOnlyList<ModelResult> judgements)
    {
        ExampleAnswer[] Answers(string name) =>
            judgements.Single(judgement => string.Equals(judgement.Figures.Name, name, StringComparison.Ordinal)).Answers;
        var counts = PairedCounts.Of(Answers(comparison.First).Zip(Answers(comparison.Second), (a, b) => (a.Right, b.Right)));
        return comparison with { OnlyFirst = counts.OnlyFirst, OnlySecond = counts.OnlySecond };
    }
}
