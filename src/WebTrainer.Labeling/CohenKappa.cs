namespace WebTrainer.Labeling;

/// <summary>How much a disagreement weighs.</summary>
public enum KappaWeights
{
    /// <summary>All disagreements alike.</summary>
    None,

    /// <summary>By the number of categories between the two.</summary>
    Linear,

    /// <summary>By its square.</summary>
    Quadratic,
}

/// <summary>
/// Agreement of two raters beyond chance: <c>κ = 1 − Σ w·o / Σ w·e</c>, where o is the observed and e the table expected of the
/// raters' own habits. Cohen 1960, Educational and Psychological Measurement 20(1); weighted: Cohen 1968, Psychological Bulletin 70(4).
/// </summary>
public static class CohenKappa
{
    /// <param name="ratings">Of these two raters, and perhaps of others.</param>
    /// <param name="first">Row of the first rater.</param>
    /// <param name="second">Row of the second rater; items that one of them didn't rate don't count.</param>
    /// <param name="weights">Weighted kinds need categories in an order.</param>
    /// <returns>1 for full agreement, 0 for chance, negative for worse; null where it is undefined: no common items, or one category
    /// only.</returns>
    public static double? Compute(Ratings ratings, int first, int second, KappaWeights weights = KappaWeights.None)
    {
        ArgumentNullException.ThrowIfNull(ratings);
        var size = ratings.Categories;
        var observed = new double[size, size];
        var rows = new double[size];
        var columns = new double[size];
        var common = 0;
        for (var item = 0; item < ratings.Items; item++)
        {
            if (ratings[first, item] is not { } a || ratings[second, item] is not { } b)
            {
                continue;
            }

            observed[a, b]++;
            rows[a]++;
            columns[b]++;
            common++;
        }

        double disagreement = 0,
            chance = 0;
        for (var a = 0; a < size; a++)
        {
            for (var b = 0; b < size; b++)
            {
                var weight = Weight(a, b, weights);
                disagreement += weight * observed[a, b];
                chance += weight * rows[a] * columns[b] / Math.Max(1, common);
            }
        }

        return chance == 0 ? null : 1 - (disagreement / chance);
    }

    private static double Weight(int a, int b, KappaWeights weights) =>
        weights switch
        {
            KappaWeights.None => a == b ? 0 : 1,
            KappaWeights.Linear => Math.Abs(a - b),
            KappaWeights.Quadratic => (a - b) * (double)(a - b),
            _ => throw new ArgumentOutOfRangeException(nameof(weights), weights, message: null),
        };
}
