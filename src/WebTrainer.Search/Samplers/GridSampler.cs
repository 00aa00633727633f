namespace WebTrainer.Search.Samplers;

/// <summary>
/// All combinations of evenly spaced values, ends included. Each axis gets as many as fit the number of trials; the axes that come first
/// get the one that is left over. The seed says in which order they are tried, so that one broken off has seen all of the space.
/// </summary>
public sealed class GridSampler(int trials) : ISampler
{
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double>? Next(SearchSpace space, IReadOnlyList<Trial> history, long seed)
    {
        var points = PointsOf(space);
        Shuffle(points, new Draw(seed, 0));
        return history.Count < points.Count ? points[history.Count] : null;
    }

    /// <summary>The grid in the order of its axes, without combinations that conditions make equal.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, double>> Points(SearchSpace space) => PointsOf(space);

    private List<IReadOnlyDictionary<string, double>> PointsOf(SearchSpace space)
    {
        var points = new List<IReadOnlyDictionary<string, double>> { new Dictionary<string, double>() };
        foreach (var (parameter, count) in space.Parameters.Zip(CountsOf(space)))
        {
            points =
            [
                .. points.SelectMany(point =>
                    SearchSpace.IsActive(parameter, space, point)
                        ? ValuesOf(parameter, count)
                            .Select(value =>
                                (IReadOnlyDictionary<string, double>)new Dictionary<string, double>(point) { [parameter.Name] = value }
                            )
                        : [point]
                ),
            ];
        }

        return points;
    }

    // As many on each axis as the trials allow, one more at a time where there are fewest.
    private int[] CountsOf(SearchSpace space)
    {
        var limits = space.Parameters.Select(p => p.Count ?? int.MaxValue).ToArray();
        var counts = space.Parameters.Select(p => p is ChoiceParameter choice ? choice.Choices.Count : 1).ToArray();
        while (true)
        {
            var next = Enumerable
                .Range(0, counts.Length)
                .Where(axis => counts[axis] < limits[axis] && Product(counts, axis) <= trials)
                .OrderBy(axis => counts[axis])
                .Select(axis => (int?)axis)
                .FirstOrDefault();
            if (next is null)
            {
                return counts;
            }

            counts[next.Value]++;
        }
    }

    private static long Product(int[] counts, int raised) =>
        counts.Select((count, axis) => (long)count + (axis == raised ? 1 : 0)).Aggregate(1L, (a, b) => a * b);

    private static IEnumerable<double> ValuesOf(Parameter parameter, int count) =>
        parameter is ChoiceParameter choice
            ? Enumerable.Range(0, choice.Choices.Count).Select(index => (double)index)
            : Enumerable.Range(0, count).Select(i => parameter.FromUnit(count == 1 ? 0.5 : (double)i / (count - 1))).Distinct();

    private static void Shuffle<T>(List<T> items, Draw draw)
    {
        for (var last = items.Count - 1; last > 0; last--)
        {
            var other = draw.Below(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }
}
