namespace WebTrainer.Labeling;

/// <summary>
/// Agreement of many raters beyond chance: <c>κ = (P̄ − P̄ₑ) / (1 − P̄ₑ)</c> with <c>Pᵢ = Σⱼ nᵢⱼ(nᵢⱼ − 1) / n(n − 1)</c> and
/// <c>P̄ₑ = Σⱼ pⱼ²</c>. Fleiss 1971, Psychological Bulletin 76(5).
/// </summary>
public static class FleissKappa
{
    /// <returns>1 for full agreement, 0 for chance; null where it is undefined: no items, or one category only.</returns>
    /// <exception cref="ArgumentException">
    /// Items have different numbers of ratings, or fewer than two: use <see cref="KrippendorffAlpha"/> for those.
    /// </exception>
    public static double? Compute(Ratings ratings)
    {
        ArgumentNullException.ThrowIfNull(ratings);
        if (ratings.Items == 0)
        {
            return null;
        }

        var totals = new double[ratings.Categories];
        var raters = ratings.CountsOf(0).Sum();
        if (raters < 2)
        {
            throw new ArgumentException("Every item needs at least two ratings.", nameof(ratings));
        }

        double agreement = 0;
        for (var item = 0; item < ratings.Items; item++)
        {
            var counts = ratings.CountsOf(item);
            if (counts.Sum() != raters)
            {
                throw new ArgumentException("Every item needs the same number of ratings.", nameof(ratings));
            }

            agreement += counts.Sum(n => n * (n - 1.0)) / (raters * (raters - 1.0));
            for (var category = 0; category < counts.Length; category++)
            {
                totals[category] += counts[category];
            }
        }

        agreement /= ratings.Items;
        var chance = totals.Sum(t => Math.Pow(t / (raters * (double)ratings.Items), 2));
        return totals.Count(t => t > 0) < 2 ? null : (agreement - chance) / (1 - chance);
    }
}
