namespace WebTrainer.Labeling;

/// <summary>What may be done with the values of a rating.</summary>
public enum MeasurementLevel
{
    /// <summary>They are equal or not.</summary>
    Nominal,

    /// <summary>They have an order.</summary>
    Ordinal,

    /// <summary>Their differences mean something.</summary>
    Interval,
}

/// <summary>
/// Agreement of any number of raters with any gaps: <c>α = 1 − Dₒ / Dₑ</c>, over the table of coincidences
/// <c>o(c,k) = Σᵤ pairs(c,k in u) / (mᵤ − 1)</c>. Krippendorff 2011, Computing Krippendorff's Alpha-Reliability
/// (repository.upenn.edu/asc_papers/43).
/// </summary>
public static class KrippendorffAlpha
{
    /// <param name="ratings">Items with fewer than two ratings don't count.</param>
    /// <returns>1 for full agreement, 0 for chance; null where it is undefined: no pairs, or one value only.</returns>
    public static double? Compute(Ratings ratings, MeasurementLevel level)
    {
        ArgumentNullException.ThrowIfNull(ratings);
        var coincidences = Coincidences(ratings);
        var size = ratings.Categories;
        var totals = new double[size];
        for (var c = 0; c < size; c++)
        {
            for (var k = 0; k < size; k++) totals[c] += coincidences[c, k];
        }

        var distance = Distance(level, totals, ratings.Values);
        double observed = 0, expected = 0;
        for (var c = 0; c < size; c++)
        {
            for (var k = c + 1; k < size; k++)
            {
                var d = distance(c, k);
                observed += coincidences[c, k] * d;
                expected += totals[c] * totals[k] * d;
            }
        }

        return expected == 0 ? null : 1 - ((totals.Sum() - 1) * observed / expected);
    }

    private static double[,] Coincidences(Ratings ratings)
    {
        var table = new double[ratings.Categories, ratings.Categories];
        for (var item = 0; item < ratings.Items; item++)
        {
            var counts = ratings.CountsOf(item);
            var raters = counts.Sum();
            if (raters < 2) continue;
            for (var c = 0; c < counts.Length; c++)
            {
                for (var k = 0; k < counts.Length; k++)
                    table[c, k] += counts[c] * (counts[k] - (c == k ? 1.0 : 0.0)) / (raters - 1);
            }
        }

        return table;
    }

    /// <returns>The squared distance δ² of two categories, the first the lower one.</returns>
    private static Func<int, int, double> Distance(MeasurementLevel level, double[] totals, IReadOnlyList<double> values) => level switch
    {
        MeasurementLevel.Nominal => (_, _) => 1,
        MeasurementLevel.Ordinal => (c, k) =>
        {
            // Ranks between the two: all values from c to k, the ends counted half.
            var between = totals.Skip(c).Take(k - c + 1).Sum() - ((totals[c] + totals[k]) / 2);
            return between * between;
        },
        MeasurementLevel.Interval => (c, k) => (values[c] - values[k]) * (values[c] - values[k]),
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, message: null),
    };
}
