namespace WebTrainer.Pipeline.Vectors.Maps;

/// <summary>
/// The nearest points of each point. Points are dealt to cells, and only the cells around a point are looked into, so that a few of the
/// nearest may be missed; up to <see cref="MostExact"/> points none is.
/// </summary>
internal sealed class NearGraph
{
    /// <summary>Points that are compared with all others.</summary>
    public const int MostExact = 2_000;

    /// <summary>Cells that are looked into.</summary>
    private const int Probes = 10;
    private const long Seed = 5;

    /// <param name="neighbours">Of each point, without itself; fewer where there are no more points.</param>
    public NearGraph(Points points, int neighbours, CancellationToken cancellationToken)
    {
        Neighbours = Math.Min(neighbours, points.Count - 1);
        Near = new int[points.Count * Neighbours];
        Distances = new float[points.Count * Neighbours];
        var cells = new Cells(points, points.Count <= MostExact ? 1 : (int)Math.Sqrt(points.Count), Seed, cancellationToken);
        Parallel.For(0, points.Count, new ParallelOptions { CancellationToken = cancellationToken }, point => Find(points, cells, point));
    }

    /// <summary>How many of each point.</summary>
    public int Neighbours { get; }

    /// <summary><c>[points, neighbours]</c>, the nearest first; −1 where too few were found.</summary>
    public int[] Near { get; }

    /// <summary>To each of them.</summary>
    public float[] Distances { get; }

    private void Find(Points points, Cells cells, int point)
    {
        var near = Near.AsSpan(point * Neighbours, Neighbours);
        var distances = Distances.AsSpan(point * Neighbours, Neighbours);
        near.Fill(-1);
        distances.Fill(float.PositiveInfinity);
        var own = points.Of(point);
        foreach (var cell in cells.NearestTo(own, Probes))
        {
            foreach (var other in cells.Members[cell])
            {
                if (other == point)
                {
                    continue;
                }

                var distance = Points.SquaredDistance(own, points.Of(other));
                if (distance < distances[^1])
                {
                    Insert(near, distances, other, distance);
                }
            }
        }

        foreach (ref var distance in distances)
        {
            distance = MathF.Sqrt(distance);
        }
    }

    private static void Insert(Span<int> near, Span<float> distances, int other, float distance)
    {
        var place = near.Length - 1;
        for (; place > 0 && distances[place - 1] > distance; place--)
        {
            (near[place], distances[place]) = (near[place - 1], distances[place - 1]);
        }

        (near[place], distances[place]) = (other, distance);
    }
}
