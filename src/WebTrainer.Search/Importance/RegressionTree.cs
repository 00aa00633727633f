using WebTrainer.Search.Samplers;

namespace WebTrainer.Search.Importance;

/// <summary>A tree on points of the unit cube; its leaves are boxes with the mean of the values in them.</summary>
internal sealed class RegressionTree
{
    private const int SmallestLeaf = 2;
    private const int DeepestLevel = 12;

    private readonly List<Leaf> _leaves = [];

    /// <param name="points">In the unit cube.</param>
    /// <param name="values">One a point.</param>
    /// <param name="rows">Which points it learns from; one may be there several times.</param>
    /// <param name="draw">Chooses the axes that each split looks at.</param>
    public RegressionTree(double[][] points, double[] values, List<int> rows, Draw draw)
    {
        var axes = points[0].Length;
        Grow(points, values, rows, [.. Enumerable.Repeat(0.0, axes)], [.. Enumerable.Repeat(1.0, axes)], 0, draw);
    }

    /// <summary>Variance over the whole cube: all values on the way count alike, whatever the trials chose.</summary>
    public double Variance()
    {
        var mean = _leaves.Sum(leaf => leaf.Volume * leaf.Mean);
        return _leaves.Sum(leaf => leaf.Volume * (leaf.Mean - mean) * (leaf.Mean - mean));
    }

    /// <summary>Variance of the mean over all other axes, along one.</summary>
    public double VarianceAlong(int axis)
    {
        var mean = _leaves.Sum(leaf => leaf.Volume * leaf.Mean);
        var edges = _leaves.SelectMany(leaf => new[] { leaf.Low[axis], leaf.High[axis] }).Distinct().Order().ToList();
        return edges
            .Zip(edges.Skip(1))
            .Sum(piece =>
            {
                var middle = (piece.First + piece.Second) / 2;
                var here = _leaves
                    .Where(leaf => leaf.Low[axis] <= middle && middle < leaf.High[axis])
                    .Sum(leaf => leaf.Volume / (leaf.High[axis] - leaf.Low[axis]) * leaf.Mean);
                return (piece.Second - piece.First) * (here - mean) * (here - mean);
            });
    }

    private void Grow(double[][] points, double[] values, List<int> rows, double[] low, double[] high, int level, Draw draw)
    {
        if (level == DeepestLevel || BestSplit(points, values, rows, draw) is not var (axis, at))
        {
            _leaves.Add(new Leaf(low, high, rows.Average(row => values[row])));
            return;
        }

        var (left, right) = ((double[])high.Clone(), (double[])low.Clone());
        (left[axis], right[axis]) = (at, at);
        Grow(points, values, [.. rows.Where(row => points[row][axis] < at)], low, left, level + 1, draw);
        Grow(points, values, [.. rows.Where(row => points[row][axis] >= at)], right, high, level + 1, draw);
    }

    // Of two thirds of the axes, the split that leaves the least variance; null where none leaves less.
    private static (int Axis, double At)? BestSplit(double[][] points, double[] values, List<int> rows, Draw draw)
    {
        (int, double)? best = null;
        var least = Spread([.. rows.Select(row => values[row])]) * (1 - 1e-9);
        var axes = points[0].Length;
        foreach (var axis in Enumerable.Range(0, axes).OrderBy(_ => draw.Uniform()).Take(Math.Max(1, (2 * axes + 2) / 3)).ToList())
        {
            var sorted = rows.OrderBy(row => points[row][axis]).ToList();
            for (var cut = SmallestLeaf; cut <= sorted.Count - SmallestLeaf; cut++)
            {
                var (before, after) = (points[sorted[cut - 1]][axis], points[sorted[cut]][axis]);
                if (before == after)
                {
                    continue;
                }

                var left =
                    Spread([.. sorted.Take(cut).Select(row => values[row])]) + Spread([.. sorted.Skip(cut).Select(row => values[row])]);
                if (left < least)
                {
                    (best, least) = ((axis, (before + after) / 2), left);
                }
            }
        }

        return best;
    }

    private static double Spread(double[] values)
    {
        var mean = values.Average();
        return values.Sum(value => (value - mean) * (value - mean));
    }

    private sealed record Leaf(double[] Low, double[] High, double Mean)
    {
        public double Volume { get; } = Low.Zip(High, (low, high) => high - low).Aggregate(1.0, (a, b) => a * b);
    }
}
