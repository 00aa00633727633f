using WebTrainer.Statistics;

namespace WebTrainer.Drift;

/// <summary>How well a classifier tells rows of the window from those of the reference.</summary>
/// <param name="Auc">Mean over folds of the share of pairs told right; 0.5 is chance, 1 is always.</param>
/// <param name="PValue">Chance of as good a classifier without a change.</param>
/// <param name="Scores">Of each row of the window by the classifier that hasn't learned from it; the largest are the most unlike the
/// reference.</param>
public sealed record DomainResult(double Auc, double PValue, IReadOnlyList<double> Scores);

/// <summary>
/// The classifier two-sample test (Lopez-Paz and Oquab, ICLR 2017): a regularised logistic regression learns to tell reference and window
/// apart on some rows and is judged on the others.
/// </summary>
/// <remarks>
/// Each fold's p is right whatever the classifier is, since it never saw the fold; but folds hang together, as each is learned from by the
/// others. Twice the mean of their p-values is valid however they do (Rüschendorf 1982; Vovk and Wang, Biometrika 107, 2020).
/// </remarks>
public static class DomainClassifier
{
    /// <summary>Folds where nobody says otherwise: two have the most rows to judge by, each.</summary>
    public const int UsualFolds = 2;

    private const double UsualPenalty = 0.01;

    /// <param name="reference">Vectors of one length, best of length about 1; at least two for each fold.</param>
    /// <param name="current">As the reference.</param>
    /// <param name="seed">Which rows are in which fold.</param>
    /// <param name="folds">At least two.</param>
    /// <param name="penalty">λ of the regression, above 0.</param>
    /// <exception cref="NotComparableException">Too few vectors, of several lengths, or not finite; folds or penalty out of
    /// range.</exception>
    public static DomainResult Test(
        IReadOnlyList<float[]> reference,
        IReadOnlyList<float[]> current,
        long seed,
        int folds = UsualFolds,
        double penalty = UsualPenalty
    )
    {
        if (folds < 2 || !(penalty > 0))
        {
            throw new NotComparableException($"There are {folds} folds with a penalty of {penalty}; there must be two or more, above 0.");
        }

        VectorRows.Check(reference, current, least: 2 * folds);
        float[][] rows = [.. reference, .. current];
        bool[] isCurrent = [.. rows.Select((_, i) => i >= reference.Count)];
        int[] foldOf = [.. Folds(reference.Count, folds, seed, 0), .. Folds(current.Count, folds, seed, 1)];
        var scores = new double[rows.Length];
        var tests = new TestResult[folds];
        Parallel.For(0, folds, fold => tests[fold] = TestFold(rows, isCurrent, foldOf, fold, penalty, scores));
        return new(
            tests.Average(test => test.Statistic),
            Math.Min(1, 2 * tests.Average(test => test.PValue)),
            [.. scores.Skip(reference.Count)]
        );
    }

    private static TestResult TestFold(float[][] rows, bool[] isCurrent, int[] foldOf, int fold, double penalty, double[] scores)
    {
        int[] learned = [.. Enumerable.Range(0, rows.Length).Where(i => foldOf[i] != fold)];
        int[] judged = [.. Enumerable.Range(0, rows.Length).Where(i => foldOf[i] == fold)];
        var model = LogisticRegression.Fit([.. learned.Select(i => rows[i])], [.. learned.Select(i => isCurrent[i])], penalty);
        foreach (var i in judged)
        {
            scores[i] = model.Score(rows[i]);
        }

        return RankSum.Test(
            [.. judged.Where(i => !isCurrent[i]).Select(i => scores[i])],
            [.. judged.Where(i => isCurrent[i]).Select(i => scores[i])]
        );
    }

    /// <summary>As many rows in each as can be.</summary>
    private static int[] Folds(int rows, int folds, long seed, long stream) =>
        [.. SplitMix.Of(seed, stream).Permutation(rows).Select(place => place % folds)];
}
