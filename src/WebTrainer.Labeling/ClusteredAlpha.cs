namespace WebTrainer.Labeling;

/// <summary>Krippendorff's α with its 95 % interval over items.</summary>
/// <param name="Alpha">1 for full agreement, 0 for chance; null where it is undefined.</param>
/// <param name="Interval">95 % percentile bootstrap over items; null where α is undefined in every draw.</param>
public sealed record AlphaEstimate(double? Alpha, (double Low, double High)? Interval);

/// <summary>
/// Krippendorff's α where one item gives many values that depend on each other (the characters of a text, the ranks of a list): values are
/// pooled, and the bootstrap draws whole items, since the values of one item say the same again and again.
/// </summary>
internal static class ClusteredAlpha
{
    private const int Draws = 300;

    /// <summary>So many blocks of items tell the spread as well as single ones would, and each draw costs no more than this.</summary>
    private const int MostBlocks = 1_000;

    /// <param name="tables">Of each item its table of coincidences.</param>
    /// <param name="level">What may be done with the values.</param>
    /// <param name="values">What the categories stand for, in their order.</param>
    /// <param name="seed">The same seed and tables give the same interval.</param>
    public static AlphaEstimate Estimate(IReadOnlyList<double[,]> tables, MeasurementLevel level, IReadOnlyList<double> values, int seed)
    {
        var size = values.Count;
        var random = new Random(seed);
        var blocks = Enumerable.Range(0, Math.Min(MostBlocks, tables.Count)).Select(_ => new double[size, size]).ToArray();
        foreach (var (place, table) in tables.Index())
        {
            Add(blocks[place % blocks.Length], table);
        }

        var drawn = new List<double>(Draws);
        for (var draw = 0; draw < Draws && blocks.Length > 0; draw++)
        {
            if (Of(Enumerable.Range(0, blocks.Length).Select(_ => blocks[random.Next(blocks.Length)]), level, values) is { } alpha)
            {
                drawn.Add(alpha);
            }
        }

        drawn.Sort();
        return new(
            Of(blocks, level, values),
            drawn.Count == 0 ? null : (drawn[(int)(0.025 * (drawn.Count - 1))], drawn[(int)Math.Ceiling(0.975 * (drawn.Count - 1))])
        );
    }

    private static double? Of(IEnumerable<double[,]> tables, MeasurementLevel level, IReadOnlyList<double> values)
    {
        var sum = new double[values.Count, values.Count];
        foreach (var table in tables)
        {
            Add(sum, table);
        }

        return KrippendorffAlpha.Of(sum, level, values);
    }

    private static void Add(double[,] sum, double[,] table)
    {
        for (var c = 0; c < sum.GetLength(0); c++)
        {
            for (var k = 0; k < sum.GetLength(1); k++)
            {
                sum[c, k] += table[c, k];
            }
        }
    }
}
