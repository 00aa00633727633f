using WebTrainer.Pipeline.Making;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Vectors.Maps;

/// <summary>Makes the map of a version from its vectors: their main directions, the neighbours of each text, a layout, clusters.</summary>
/// <param name="limits">What rows are read by.</param>
public sealed class MapMaker(ImportLimits limits)
{
    /// <summary>Rows of a version that gets a map at most.</summary>
    public const int MostRows = 200_000;

    /// <summary>Column of a file by which rows are coloured by where they came from.</summary>
    private const string SourceColumn = "source";

    private const int Dimensions = 32;
    private const int Neighbours = 15;

    /// <summary>Groups are the square root of the texts divided by this, up to as many as there are colours.</summary>
    private const int TextsByGroups = 5;
    private const long Seed = 11;

    /// <summary>On either side left out where the map's frame is set: single points far off would make all others small.</summary>
    private const double Outside = 0.002;

    /// <param name="version">Path of the Parquet file.</param>
    /// <param name="vectors">Its vectors.</param>
    public async Task<VersionMap> MakeAsync(
        string version,
        KeptVectors vectors,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(vectors);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(vectors.Rows, MostRows, nameof(vectors));
        var (places, clusterOf, clusters) = await Task.Run(() => Lay(vectors, progress, cancellationToken), cancellationToken);
        var (x, y) = (Spread(vectors, places, 0), Spread(vectors, places, 1));
        var looks = new MapLooks(clusters);
        var row = 0;
        await foreach (var read in new VersionReader(limits).ReadAsync(version, cancellationToken: cancellationToken))
        {
            var text = vectors.TextOf[row];
            looks.Add(read, text == KeptVectors.NoText ? null : clusterOf[text], x[row], y[row], SourceOf(read));
            row++;
        }

        return looks.Map(x, y);
    }

    private static string SourceOf(CanonicalRow row) =>
        MadeRows.IsMade(row) ? MadeRows.Made : row.Extra.GetValueOrDefault(SourceColumn, "the file");

    private static (float[] Places, int[] ClusterOf, int Clusters) Lay(
        KeptVectors vectors,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        if (vectors.Texts < 3)
        {
            return (new float[vectors.Texts * 2], new int[vectors.Texts], 1);
        }

        progress?.Report(new WorkProgress("Finding in what texts differ most", 0, 0));
        var points = Points.Of(vectors, Dimensions, cancellationToken);
        progress?.Report(new WorkProgress("Finding neighbours", 0, 0));
        var graph = new NearGraph(points, Neighbours, cancellationToken);
        var clusters = Math.Clamp((int)Math.Sqrt(points.Count / (double)TextsByGroups), 2, VersionMap.MostValues);
        var cells = new Cells(points, clusters, Seed, cancellationToken);
        return (MapLayout.Place(points, graph, Seed, progress, cancellationToken), cells.Of, clusters);
    }

    /// <summary>One coordinate of each row, in the units of the map.</summary>
    private static float[] Spread(KeptVectors vectors, float[] places, int axis)
    {
        var sorted = places.Where((_, i) => i % 2 == axis).Order().ToArray();
        var cut = (int)(sorted.Length * Outside);
        var (low, high) = sorted.Length == 0 ? (0f, 1f) : (sorted[cut], sorted[sorted.Length - 1 - cut]);
        var scale = VersionMap.Span / Math.Max(high - low, float.Epsilon);
        return
        [
            .. Enumerable
                .Range(0, vectors.Rows)
                .Select(row => vectors.TextOf[row])
                .Select(text =>
                    text == KeptVectors.NoText ? float.NaN : Math.Clamp((places[(text * 2) + axis] - low) * scale, 0, VersionMap.Span)
                ),
        ];
    }
}
