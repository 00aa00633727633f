namespace WebTrainer.Labeling;

/// <summary>Who rated what how: one row a rater, one column an item.</summary>
/// <remarks>Categories are numbers from 0 in the order of their values, so that scales keep their order and distances.</remarks>
public sealed class Ratings
{
    private const int Unrated = -1;
    private readonly int[][] _categories;

    private Ratings(int[][] categories, double[] values)
    {
        _categories = categories;
        Values = values;
    }

    public int Raters => _categories.Length;
    public int Items => _categories.Length == 0 ? 0 : _categories[0].Length;

    /// <summary>Different values that were given.</summary>
    public int Categories => Values.Count;

    /// <summary>The number that each category stands for; its index where categories are labels.</summary>
    internal IReadOnlyList<double> Values { get; }

    /// <summary>Labels, whose order means nothing.</summary>
    /// <param name="labels">Rows are raters; null where a rater did not rate an item.</param>
    /// <exception cref="ArgumentException">The rows differ in length.</exception>
    public static Ratings OfLabels(IReadOnlyList<IReadOnlyList<string?>> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var order = labels.SelectMany(r => r).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var index = order.Select((label, i) => (label, i)).ToDictionary(p => p.label, p => p.i, StringComparer.Ordinal);
        return new Ratings(Table(labels, l => l is null ? Unrated : index[l]), [.. Enumerable.Range(0, order.Count).Select(i => (double)i)]);
    }

    /// <summary>Points on a scale.</summary>
    /// <param name="points">Rows are raters; null where a rater did not rate an item.</param>
    /// <exception cref="ArgumentException">The rows differ in length, or a point is no finite number.</exception>
    public static Ratings OfPoints(IReadOnlyList<IReadOnlyList<double?>> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        var values = points.SelectMany(r => r).OfType<double>().Distinct().Order().ToArray();
        if (!values.All(double.IsFinite)) throw new ArgumentException("A rating is not a finite number.", nameof(points));
        return new Ratings(Table(points, p => p is { } value ? Array.BinarySearch(values, value) : Unrated), values);
    }

    /// <summary>The category that a rater gave an item; null where none.</summary>
    internal int? this[int rater, int item] => _categories[rater][item] is var category and not Unrated ? category : null;

    /// <summary>How many raters gave an item each category.</summary>
    internal int[] CountsOf(int item)
    {
        var counts = new int[Categories];
        for (var rater = 0; rater < Raters; rater++)
        {
            if (this[rater, item] is { } category) counts[category]++;
        }

        return counts;
    }

    private static int[][] Table<T>(IReadOnlyList<IReadOnlyList<T>> rows, Func<T, int> category)
    {
        if (rows.Select(r => r.Count).Distinct().Skip(1).Any())
            throw new ArgumentException("All raters need the same number of items.", nameof(rows));
        return [.. rows.Select(r => r.Select(category).ToArray())];
    }
}
