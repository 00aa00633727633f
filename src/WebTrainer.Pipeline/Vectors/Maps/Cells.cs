using WebTrainer.Statistics;

namespace WebTrainer.Pipeline.Vectors.Maps;

/// <summary>Points dealt to the nearest of some centres (k-means by Lloyd).</summary>
internal sealed class Cells
{
    private const int Rounds = 10;

    /// <summary>Points of each cell by which its centre is found.</summary>
    private const int SampleOfCell = 128;
    private readonly Points _centres;

    /// <param name="count">Of cells; some may stay empty.</param>
    public Cells(Points points, int count, long seed, CancellationToken cancellationToken)
    {
        var random = SplitMix.Of(seed, count);
        var sample = random.Permutation(points.Count)[..Math.Min(points.Count, count * SampleOfCell)];
        _centres = new Points(new float[count * points.Dimensions], points.Dimensions);
        for (var cell = 0; cell < count; cell++)
        {
            points.Of(sample[cell % sample.Length]).CopyTo(_centres.Of(cell));
        }

        var options = new ParallelOptions { CancellationToken = cancellationToken };
        var dealt = new int[sample.Length];
        for (var round = 0; round < Rounds; round++)
        {
            Parallel.For(0, sample.Length, options, i => dealt[i] = NearestTo(points.Of(sample[i])));
            Move(points, sample, dealt);
        }

        Of = new int[points.Count];
        Parallel.For(0, points.Count, options, i => Of[i] = NearestTo(points.Of(i)));
        Members = [.. Enumerable.Range(0, count).Select(_ => new List<int>())];
        foreach (var (point, cell) in Of.Index())
        {
            Members[cell].Add(point);
        }
    }

    /// <summary>Of each point its cell.</summary>
    public int[] Of { get; }

    /// <summary>Of each cell its points, in their order.</summary>
    public IReadOnlyList<List<int>> Members { get; }

    /// <summary>The cells nearest to a point, the nearest first.</summary>
    public int[] NearestTo(ReadOnlySpan<float> point, int count)
    {
        var distances = new float[_centres.Count];
        for (var cell = 0; cell < distances.Length; cell++)
        {
            distances[cell] = Points.SquaredDistance(point, _centres.Of(cell));
        }

        int[] order = [.. Enumerable.Range(0, distances.Length)];
        Array.Sort(distances, order);
        return order[..Math.Min(count, order.Length)];
    }

    private int NearestTo(ReadOnlySpan<float> point)
    {
        var (best, least) = (0, float.PositiveInfinity);
        for (var cell = 0; cell < _centres.Count; cell++)
        {
            var distance = Points.SquaredDistance(point, _centres.Of(cell));
            if (distance < least)
            {
                (best, least) = (cell, distance);
            }
        }

        return best;
    }

    private void Move(Points points, int[] sample, int[] dealt)
    {
        var sums = new Points(new float[_centres.Count * points.Dimensions], points.Dimensions);
        var counts = new int[_centres.Count];
        foreach (var (i, cell) in dealt.Index())
        {
            counts[cell]++;
            var sum = sums.Of(cell);
            var point = points.Of(sample[i]);
            for (var d = 0; d < sum.Length; d++)
            {
                sum[d] += point[d];
            }
        }

        for (var cell = 0; cell < counts.Length; cell++)
        {
            var centre = _centres.Of(cell);
            var sum = sums.Of(cell);
            for (var d = 0; counts[cell] > 0 && d < centre.Length; d++)
            {
                centre[d] = sum[d] / counts[cell];
            }
        }
    }
}
