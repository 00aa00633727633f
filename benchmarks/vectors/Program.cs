using System.Diagnostics;
using System.Globalization;
using Cloud.Unum.USearch;
using TorchSharp;
using WebTrainer.Benchmarks.Vectors;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Neighbours;
using WebTrainer.Pipeline.Vectors;
using WebTrainer.Pipeline.Vectors.Maps;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["exact", var rows]:
        Exact(int.Parse(rows));
        break;
    case ["hnsw", var rows]:
        Hnsw(int.Parse(rows));
        break;
    case ["map", var rows]:
        Map(int.Parse(rows));
        break;
    default:
        Console.WriteLine("VectorBenchmarks exact ROWS | hnsw ROWS | map ROWS");
        break;
}

// One query over all rows: kept vectors by SIMD beside one product of Torch in float32 and its ten best, turn by turn, one thread each.
static void Exact(int rows)
{
    const int Rounds = 50;
    torch.set_num_threads(1);
    var made = new Made(rows, Rounds);
    var near = new NearestRows(made.Kept());
    using var matrix = torch.tensor(made.Rows).reshape(rows, Made.Dimensions);
    var (own, other, shared) = (new double[Rounds], new double[Rounds], 0);
    var vector = new sbyte[Made.Dimensions];
    for (var round = 0; round < Rounds; round++)
    {
        var watch = Stopwatch.StartNew();
        Made.Quantise(made.Queries[round], vector);
        var found = near.To(vector, 10);
        own[round] = watch.Elapsed.TotalMilliseconds;
        watch.Restart();
        using var query = torch.tensor(made.Queries[round]);
        using var product = matrix.mv(query);
        var (best, places) = product.topk(10);
        using var _ = best;
        using var __ = places;
        var right = places.data<long>().ToArray();
        other[round] = watch.Elapsed.TotalMilliseconds;
        shared += found.Count(n => right.Contains(n.Position));
    }

    Console.WriteLine(
        $"exact {rows:N0} x {Made.Dimensions}, median of {Rounds}: kept {Median(own):0.00} ms, Torch {Median(other):0.00} ms; {shared / (Rounds * 10.0):P1} of the ten best the same"
    );
}

// An index of USearch, filled by one thread, beside the exact search of what is kept.
static void Hnsw(int rows)
{
    const int Batch = 1_000;
    const int Queries = 200;
    var made = new Made(rows, Queries);
    var cpu = Process.GetCurrentProcess().TotalProcessorTime;
    var watch = Stopwatch.StartNew();
    using var index = new USearchIndex(MetricKind.Cos, ScalarKind.BFloat16, Made.Dimensions);
    for (var from = 0; from < rows; from += Batch)
    {
        var count = Math.Min(Batch, rows - from);
        index.Add(
            [.. Enumerable.Range(from, count).Select(r => (ulong)r)],
            [.. Enumerable.Range(from, count).Select(r => made.Rows.AsSpan(r * Made.Dimensions, Made.Dimensions).ToArray())]
        );
    }

    var built = watch.Elapsed;
    var near = new NearestRows(made.Kept());
    var (exact, fast, shared) = (new double[Queries], new double[Queries], 0);
    var vector = new sbyte[Made.Dimensions];
    for (var query = 0; query < Queries; query++)
    {
        Made.Quantise(made.Queries[query], vector);
        watch.Restart();
        var right = near.To(vector, 10);
        exact[query] = watch.Elapsed.TotalMilliseconds;
        watch.Restart();
        index.Search(made.Queries[query], 10, out var keys, out _);
        fast[query] = watch.Elapsed.TotalMilliseconds;
        shared += right.Count(n => keys.Contains((ulong)n.Position));
    }

    Console.WriteLine(
        $"hnsw {rows:N0} x {Made.Dimensions} BFloat16: built in {built.TotalSeconds:0.0} s ({(Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds:0} cpu s with the searches); search {Median(fast):0.00} ms, exact {Median(exact):0.00} ms; recall@10 {shared / (Queries * 10.0):0.000}"
    );
}

// The layout of made vectors, without reading rows.
static void Map(int rows)
{
    var kept = new Made(rows, 0).Kept();
    var watch = Stopwatch.StartNew();
    var points = Points.Of(kept, 32, CancellationToken.None);
    var reduced = watch.Elapsed;
    var graph = new NearGraph(points, 15, CancellationToken.None);
    var found = watch.Elapsed;
    MapLayout.Place(points, graph, 1, null, CancellationToken.None);
    Console.WriteLine(
        $"map {rows:N0}: directions {reduced.TotalSeconds:0.0} s, neighbours {(found - reduced).TotalSeconds:0.0} s, layout {(watch.Elapsed - found).TotalSeconds:0.0} s, together {watch.Elapsed.TotalSeconds:0.0} s"
    );
}

static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
