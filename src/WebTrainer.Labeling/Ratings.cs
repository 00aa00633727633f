using System.Runtime.InteropServices;

namespace WebTrainer.Labeling;

/// <summary>One rater's category for one item.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Vote(int Rater, int Category);

/// <summary>Who rated what how. Kept by item, since of many raters few see the same one.</summary>
/// <remarks>Categories are numbers from 0 in the order of their values, so that scales keep their order and distances.</remarks>
public sealed class Ratings
{
    private readonly Vote[][] _items;

    private Ratings(Vote[][] items, int raters, double[] values, string[] names)
    {
        _items = items;
        Raters = raters;
        Values = values;
        Names = names;
    }

    /// <summary>How many there are, those who rated nothing among them.</summary>
    public int Raters { get; }

    /// <summary>How many there are, those that nobody rated among them.</summary>
    public int Items => _items.Length;

    /// <summary>Different values that were given.</summary>
    public int Categories => Values.Count;

    /// <summary>What each category is called.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The number that each category stands for; its index where categories are labels.</summary>
    internal IReadOnlyList<double> Values { get; }

    /// <summary>Labels, whose order means nothing.</summary>
    /// <param name="labels">Rows are raters; null where a rater did not rate an item.</param>
    /// <exception cref="ArgumentException">The rows differ in length.</exception>
    public static Ratings OfLabels(IReadOnlyList<IReadOnlyList<string?>> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return OfLabels(Flat(labels), Width(labels), labels.Count);
    }

    /// <summary>Labels as a list of votes.</summary>
    /// <param name="votes">Each rater at most once an item; both counted from 0.</param>
    /// <param name="items">How many there are, whether or not somebody voted on them.</param>
    /// <param name="raters">How many there are, whether or not they voted.</param>
    public static Ratings OfLabels(IEnumerable<(int Item, int Rater, string Label)> votes, int items, int raters)
    {
        var given = votes.ToList();
        string[] names = [.. given.Select(v => v.Label).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var index = names.Index().ToDictionary(n => n.Item, n => n.Index, StringComparer.Ordinal);
        return new(
            ByItem(given.Select(v => (v.Item, new Vote(v.Rater, index[v.Label]))), items),
            raters,
            [.. names.Select((_, i) => (double)i)],
            names
        );
    }

    /// <summary>Points on a scale.</summary>
    /// <param name="points">Rows are raters; null where a rater did not rate an item.</param>
    /// <exception cref="ArgumentException">The rows differ in length, or a point is no finite number.</exception>
    public static Ratings OfPoints(IReadOnlyList<IReadOnlyList<double?>> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        var votes = points
            .Index()
            .SelectMany(row => row.Item.Index().Where(p => p.Item is not null).Select(p => (p.Index, row.Index, p.Item!.Value)));
        return OfPoints(votes, Width(points), points.Count);
    }

    /// <summary>Points on a scale as a list of votes.</summary>
    /// <exception cref="ArgumentException">A point is no finite number.</exception>
    public static Ratings OfPoints(IEnumerable<(int Item, int Rater, double Points)> votes, int items, int raters)
    {
        var given = votes.ToList();
        var values = given.Select(v => v.Points).Distinct().Order().ToArray();
        if (!values.All(double.IsFinite))
        {
            throw new ArgumentException("A rating is not a finite number.", nameof(votes));
        }

        string[] names = [.. values.Select(v => v.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        return new(
            ByItem(given.Select(v => (v.Item, new Vote(v.Rater, Array.BinarySearch(values, v.Points)))), items),
            raters,
            values,
            names
        );
    }

    /// <summary>The category that a rater gave an item; null where none.</summary>
    internal int? this[int rater, int item]
    {
        get
        {
            foreach (var vote in _items[item])
            {
                if (vote.Rater == rater)
                {
                    return vote.Category;
                }
            }

            return null;
        }
    }

    /// <summary>How many raters rated an item.</summary>
    public int AnswersTo(int item) => _items[item].Length;

    internal ReadOnlySpan<Vote> VotesOf(int item) => _items[item];

    /// <summary>How many raters gave an item each category.</summary>
    internal int[] CountsOf(int item)
    {
        var counts = new int[Categories];
        foreach (var vote in _items[item])
        {
            counts[vote.Category]++;
        }

        return counts;
    }

    private static IEnumerable<(int Item, int Rater, string Label)> Flat(IReadOnlyList<IReadOnlyList<string?>> labels) =>
        labels.Index().SelectMany(row => row.Item.Index().Where(l => l.Item is not null).Select(l => (l.Index, row.Index, l.Item!)));

    private static int Width<T>(IReadOnlyList<IReadOnlyList<T>> rows) =>
        rows.Select(r => r.Count).Distinct().Count() > 1
            ? throw new ArgumentException("All raters need the same number of items.", nameof(rows))
        : rows.Count == 0 ? 0
        : rows[0].Count;

    private static Vote[][] ByItem(IEnumerable<(int Item, Vote Vote)> votes, int items)
    {
        var lists = new List<Vote>?[items];
        foreach (var (item, vote) in votes)
        {
            (lists[item] ??= new List<Vote>(3)).Add(vote);
        }

        return [.. lists.Select(list => list is null ? [] : list.ToArray())];
    }
}
