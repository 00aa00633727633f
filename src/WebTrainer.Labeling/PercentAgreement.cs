namespace WebTrainer.Labeling;

/// <summary>Share of equal ratings among all pairs of ratings of the same item, 0 to 1; chance is not taken out.</summary>
public static class PercentAgreement
{
    /// <returns>Null where no item has two ratings.</returns>
    public static double? Compute(Ratings ratings)
    {
        ArgumentNullException.ThrowIfNull(ratings);
        double equal = 0,
            pairs = 0;
        for (var item = 0; item < ratings.Items; item++)
        {
            var counts = ratings.CountsOf(item);
            var total = (double)counts.Sum();
            equal += counts.Sum(n => n * (n - 1.0));
            pairs += total * (total - 1);
        }

        return pairs == 0 ? null : equal / pairs;
    }
}
