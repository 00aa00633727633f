using System.Runtime.InteropServices;
using WebTrainer.Statistics;

namespace WebTrainer.Pipeline.Vectors.Maps;

/// <summary>
/// Places for points on a plane, so that what is near stays near: UMAP (McInnes, Healy and Melville, arXiv:1802.03426) with a = b = 1, by
/// which likeness on the plane is 1 / (1 + d²) and needs no powers. The same points and seed give the same places.
/// </summary>
internal static class MapLayout
{
    /// <summary>Rounds for few and for many points, as in the paper's program.</summary>
    private const int ManyRounds = 500;
    private const int FewRounds = 200;
    private const int FewPoints = 10_000;

    /// <summary>Points pushed away for each one drawn near.</summary>
    private const int Pushed = 5;
    private const float MostMoved = 4;
    private const float Softening = 0.001f;
    private const float StartSpan = 10;
    private const int BandwidthSteps = 64;

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Edge(int From, int To, float Every);

    /// <param name="start">Where points are at first: their first two numbers.</param>
    /// <returns><c>[points, 2]</c>.</returns>
    public static float[] Place(
        Points start,
        NearGraph graph,
        long seed,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var random = SplitMix.Of(seed, 1);
        var places = Start(start, ref random);
        var rounds = start.Count <= FewPoints ? ManyRounds : FewRounds;
        var edges = Edges(graph, start.Count, rounds);
        var due = edges.Select(e => e.Every).ToArray();
        for (var round = 1; round <= rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var pace = 1 - ((round - 1f) / rounds);
            for (var i = 0; i < edges.Length; i++)
            {
                if (due[i] <= round)
                {
                    due[i] += edges[i].Every;
                    Draw(places, edges[i].From, edges[i].To, pace);
                    Push(places, edges[i].From, start.Count, pace, ref random);
                }
            }

            progress?.Report(new WorkProgress("Laying out the map", round, rounds));
        }

        return places;
    }

    private static float[] Start(Points start, ref SplitMix random)
    {
        var places = new float[start.Count * 2];
        var most = float.Epsilon;
        for (var point = 0; point < start.Count; point++)
        {
            start.Of(point)[..2].CopyTo(places.AsSpan(point * 2));
            most = Math.Max(most, Math.Max(Math.Abs(places[point * 2]), Math.Abs(places[(point * 2) + 1])));
        }

        for (var i = 0; i < places.Length; i++)
        {
            // a little noise parts points that stand on each other
            places[i] = (places[i] * StartSpan / most) + (((float)random.Share() - 0.5f) * Softening);
        }

        return places;
    }

    /// <summary>Each pair once, as often due as its weight says; those due in no round are left out.</summary>
    private static Edge[] Edges(NearGraph graph, int points, int rounds)
    {
        var weights = new float[graph.Near.Length];
        Parallel.For(0, points, point => Weigh(graph, point, weights));
        var edges = new List<Edge>(weights.Length);
        for (var point = 0; point < points; point++)
        {
            for (var i = point * graph.Neighbours; i < (point + 1) * graph.Neighbours; i++)
            {
                var other = graph.Near[i];
                if (other < 0)
                {
                    continue;
                }

                var back = WeightOf(graph, weights, other, point);
                if (back > 0 && other < point)
                {
                    continue; // stands in the list of the other
                }

                // the fuzzy union of both directions
                var weight = weights[i] + back - (weights[i] * back);
                if (weight * rounds >= 1)
                {
                    edges.Add(new Edge(point, other, 1 / weight));
                    edges.Add(new Edge(other, point, 1 / weight));
                }
            }
        }

        return [.. edges];
    }

    private static float WeightOf(NearGraph graph, float[] weights, int from, int to)
    {
        var place = graph.Near.AsSpan(from * graph.Neighbours, graph.Neighbours).IndexOf(to);
        return place < 0 ? 0 : weights[(from * graph.Neighbours) + place];
    }

    /// <summary>w = exp(−(d − ρ) / σ), ρ the distance to the nearest and σ such that the weights sum to log2 k.</summary>
    private static void Weigh(NearGraph graph, int point, float[] weights)
    {
        var distances = graph.Distances.AsSpan(point * graph.Neighbours, graph.Neighbours);
        var own = weights.AsSpan(point * graph.Neighbours, graph.Neighbours);
        var (nearest, target) = (distances[0], MathF.Log2(Math.Max(2, distances.Length)));
        var (low, high, sigma) = (0f, float.PositiveInfinity, 1f);
        for (var step = 0; step < BandwidthSteps; step++)
        {
            var sum = 0f;
            foreach (var distance in distances)
            {
                sum += MathF.Exp(-(distance - nearest) / sigma);
            }

            (low, high) = sum > target ? (low, sigma) : (sigma, high);
            sigma = float.IsInfinity(high) ? sigma * 2 : (low + high) / 2;
        }

        for (var i = 0; i < own.Length; i++)
        {
            own[i] = distances[i] <= nearest ? 1 : MathF.Exp(-(distances[i] - nearest) / sigma);
        }
    }

    private static void Draw(float[] places, int from, int to, float pace)
    {
        var (dx, dy) = (places[from * 2] - places[to * 2], places[(from * 2) + 1] - places[(to * 2) + 1]);
        var pull = -2 / (1 + (dx * dx) + (dy * dy));
        Move(places, from, pull * dx, pull * dy, pace);
    }

    private static void Push(float[] places, int from, int points, float pace, ref SplitMix random)
    {
        for (var i = 0; i < Pushed; i++)
        {
            var other = random.Below(points);
            if (other == from)
            {
                continue;
            }

            var (dx, dy) = (places[from * 2] - places[other * 2], places[(from * 2) + 1] - places[(other * 2) + 1]);
            var square = (dx * dx) + (dy * dy);
            var push = 2 / ((Softening + square) * (1 + square));
            Move(places, from, push * dx, push * dy, pace);
        }
    }

    private static void Move(float[] places, int point, float dx, float dy, float pace)
    {
        places[point * 2] += Math.Clamp(dx, -MostMoved, MostMoved) * pace;
        places[(point * 2) + 1] += Math.Clamp(dy, -MostMoved, MostMoved) * pace;
    }
}
