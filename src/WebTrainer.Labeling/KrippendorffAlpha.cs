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
    private const int Draws = 300;

    /// <summary>Up to so many items the bootstrap draws each one by one.</summary>
    private const int MostExact = 5_000;

    /// <summary>From this mean on a Poisson number is drawn as the nearest normal one.</summary>
    private const int SmallMean = 30;

    /// <param name="ratings">Items with fewer than two ratings don't count.</param>
    /// <param name="level">What may be done with the values; it decides how far two of them are apart.</param>
    /// <returns>1 for full agreement, 0 for chance; null where it is undefined: no pairs, or one value only.</returns>
    public static double? Compute(Ratings ratings, MeasurementLevel level)
    {
        ArgumentNullException.ThrowIfNull(ratings);
        return Of(Patterns(ratings).Select(pattern => (pattern.Counts, (double)pattern.Items)), level, ratings.Values);
    }

    /// <summary>95 % percentile bootstrap over items: other items of the same kind would have given a value in between.</summary>
    /// <param name="ratings">Items with fewer than two ratings don't count.</param>
    /// <param name="level">What may be done with the values.</param>
    /// <param name="seed">The same seed and ratings give the same interval.</param>
    /// <returns>Null where α is undefined.</returns>
    public static (double Low, double High)? Interval(Ratings ratings, MeasurementLevel level, int seed)
    {
        ArgumentNullException.ThrowIfNull(ratings);
        var patterns = Patterns(ratings);
        var random = new Random(seed);
        var values = new List<double>(Draws);
        var draw =
            patterns.Sum(p => p.Items) > MostExact ? (Func<double[]>)(() => PoissonDraw(patterns, random)) : ExactDraw(patterns, random);
        for (var i = 0; i < Draws && patterns.Count > 0; i++)
        {
            if (Of(patterns.Zip(draw(), (pattern, items) => (pattern.Counts, items)), level, ratings.Values) is { } alpha)
            {
                values.Add(alpha);
            }
        }

        values.Sort();
        return values.Count == 0
            ? null
            : (values[(int)(0.025 * (values.Count - 1))], values[(int)Math.Ceiling(0.975 * (values.Count - 1))]);
    }

    private static Func<double[]> ExactDraw(List<(int[] Counts, int Items)> patterns, Random random)
    {
        var owners = patterns.SelectMany((pattern, index) => Enumerable.Repeat(index, pattern.Items)).ToArray();
        return () =>
        {
            var drawn = new double[patterns.Count];
            for (var i = 0; i < owners.Length; i++)
            {
                drawn[owners[random.Next(owners.Length)]]++;
            }

            return drawn;
        };
    }

    /// <summary>
    /// With many items each is drawn a Poisson(1) number of times, independently (Chamandy, Muralidharan, Najmi and Naidu 2012, Estimating
    /// uncertainty for massive data streams), so that n alike are drawn Poisson(n) times: a draw costs the number of patterns, not of
    /// items.
    /// </summary>
    private static double[] PoissonDraw(List<(int[] Counts, int Items)> patterns, Random random) =>
        [
            .. patterns.Select(pattern =>
                pattern.Items < SmallMean
                    ? SmallPoisson(pattern.Items, random)
                    : Math.Max(0, Math.Round(pattern.Items + (Math.Sqrt(pattern.Items) * Normal(random))))
            ),
        ];

    /// <summary>Knuth's way: count the uniform factors until their product is below e^−mean.</summary>
    private static double SmallPoisson(int mean, Random random)
    {
        var (limit, product, count) = (Math.Exp(-mean), random.NextDouble(), 0);
        for (; product > limit; count++)
        {
            product *= random.NextDouble();
        }

        return count;
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double? Of(IEnumerable<(int[] Counts, double Items)> patterns, MeasurementLevel level, IReadOnlyList<double> values) =>
        Of(Coincidences(patterns, values.Count), level, values);

    internal static double? Of(double[,] coincidences, MeasurementLevel level, IReadOnlyList<double> values)
    {
        var size = values.Count;
        var totals = new double[size];
        for (var c = 0; c < size; c++)
        {
            for (var k = 0; k < size; k++)
            {
                totals[c] += coincidences[c, k];
            }
        }

        var distance = Distance(level, totals, values);
        double observed = 0,
            expected = 0;
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

    /// <summary>Items rated alike are counted once: of a hundred thousand there are seldom more than some hundred kinds.</summary>
    private static List<(int[] Counts, int Items)> Patterns(Ratings ratings) =>
        [
            .. Enumerable
                .Range(0, ratings.Items)
                .Where(item => ratings.VotesOf(item).Length > 1)
                .Select(ratings.CountsOf)
                .GroupBy(counts => counts, CountsComparer.Instance)
                .Select(alike => (alike.Key, alike.Count())),
        ];

    /// <param name="patterns">How many raters gave each category, and how many items that holds for; each with two raters or more.</param>
    /// <param name="size">Number of categories.</param>
    internal static double[,] Coincidences(IEnumerable<(int[] Counts, double Items)> patterns, int size)
    {
        var table = new double[size, size];
        foreach (var (counts, items) in patterns)
        {
            var raters = counts.Sum();
            for (var c = 0; c < size; c++)
            {
                if (counts[c] == 0)
                {
                    continue;
                }

                for (var k = 0; k < size; k++)
                {
                    table[c, k] += items * counts[c] * (counts[k] - (c == k ? 1.0 : 0.0)) / (raters - 1);
                }
            }
        }

        return table;
    }

    /// <returns>The squared distance δ² of two categories, the first the lower one.</returns>
    private static Func<int, int, double> Distance(MeasurementLevel level, double[] totals, IReadOnlyList<double> values) =>
        level switch
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

    private sealed class CountsComparer : IEqualityComparer<int[]>
    {
        public static CountsComparer Instance { get; } = new();

        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] obj)
        {
            var hash = default(HashCode);
            foreach (var count in obj)
            {
                hash.Add(count);
            }

            return hash.ToHashCode();
        }
    }
}
