using WebTrainer.Pipeline.Storage;
using WebTrainer.Pipeline.Tests.Support;
using WebTrainer.Pipeline.Vectors;
using WebTrainer.Pipeline.Vectors.Maps;
using WebTrainer.Statistics;

namespace WebTrainer.Pipeline.Tests.Vectors;

/// <summary>Maps of versions: what means the same lies together, and a file gives the same again.</summary>
[Trait("Category", "Slow")]
public sealed class MapTests : IDisposable
{
    private const int Topics = 4;
    private static readonly string[][] s_words =
    [
        ["card", "lost", "stolen", "block"],
        ["transfer", "abroad", "money", "euro"],
        ["weather", "rain", "lisbon", "june"],
        ["password", "forgot", "login", "reset"],
    ];
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RowsOfATopic_LieTogether_InAClusterNamedByItsWords()
    {
        var map = await MakeAsync(Rows(400));
        Assert.Equal(["cluster", "label", "split"], map.Head.Columns.Select(c => c.Name));
        Assert.True(float.IsNaN(map.X[400])); // the row without words
        Assert.All(map.X.Concat(map.Y).Where(v => !float.IsNaN(v)), v => Assert.InRange(v, 0, VersionMap.Span));
        var same = 0;
        for (var row = 0; row < 400; row++)
        {
            same += Nearest(map, row) % Topics == row % Topics ? 1 : 0;
        }

        Assert.InRange(same, 380, 400);
        foreach (var cluster in map.Head.Clusters.Where(c => c is { Rows: > 20, LabelShare: > 0.9 }))
        {
            var topic = int.Parse(cluster.Label![^1..], System.Globalization.CultureInfo.InvariantCulture);
            Assert.Contains(cluster.Name.Split(", "), word => s_words[topic].Contains(word));
        }

        Assert.Contains(map.Head.Clusters, c => c is { Rows: > 20, LabelShare: > 0.9 });
    }

    [Fact]
    public async Task Map_OfTheSameRows_IsTheSame_AndItsFileGivesItAgain()
    {
        var (once, again) = (await MakeAsync(Rows(60)), await MakeAsync(Rows(60)));
        Assert.Equal(once.X, again.X);
        once.Write(_folder.At("map"), _folder.At("scratch"));
        var read = VersionMap.Read(_folder.At("map"))!;
        Assert.Equal(once.X, read.X);
        Assert.Equal(once.Y, read.Y);
        Assert.Equal(once.Values, read.Values);
        Assert.Equal(once.Head.Clusters, read.Head.Clusters);
        Assert.Equal(
            once.Head.Columns.Select(c => string.Join(' ', c.Values)),
            VersionMap.ReadHead(_folder.At("map"))!.Columns.Select(c => string.Join(' ', c.Values))
        );
        Assert.Null(VersionMap.Read(_folder.At("none")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task VersionsOfFewRows_HaveAMapToo(int rows) => Assert.Equal(rows + 1, (await MakeAsync(Rows(rows))).Head.Rows);

    [Fact]
    public void Neighbours_OfManyPoints_AreNearlyThoseOfAllComparisons()
    {
        const int Count = 3_000;
        var random = SplitMix.Of(3, 1);
        var values = new float[Count * 32];
        foreach (ref var value in values.AsSpan())
        {
            value = (float)random.Share();
        }

        for (var i = 0; i < values.Length; i++)
        {
            values[i] += i / 32 % 30 * ((i % 32) - 16) / 20f; // thirty groups
        }

        var points = new Points(values, 32);
        Assert.True(Count > NearGraph.MostExact);
        var graph = new NearGraph(points, 10, Ct);
        var found = 0;
        for (var point = 0; point < Count; point += 30)
        {
            var exact = Enumerable
                .Range(0, Count)
                .Where(o => o != point)
                .OrderBy(o => Points.SquaredDistance(points.Of(point), points.Of(o)))
                .Take(10);
            found += exact.Intersect(graph.Near.AsSpan(point * 10, 10).ToArray()).Count();
        }

        Assert.InRange(found, 950, 1_000); // of a hundred points ten each
    }

    [Fact]
    public void Area_IsAClusterOrAShape_AndNothingElse()
    {
        Assert.Equal(3, MapArea.Parse(MapArea.OfCluster(3))!.Cluster);
        var square = MapArea.Parse("0,0_10,0_10,10_0,10")!;
        Assert.True(square.Holds(5, 5));
        Assert.False(square.Holds(11, 5));
        Assert.False(square.Holds(float.NaN, float.NaN));
        foreach (
            var wrong in (string?[])
                [null, "", "cluster-x", "cluster--1", "1,2_3,4", "a,b_1,2_3,4", string.Join('_', Enumerable.Repeat("1,2", 65))]
        )
        {
            Assert.Null(MapArea.Parse(wrong));
        }
    }

    private static IEnumerable<CanonicalRow> Rows(int count)
    {
        var random = SplitMix.Of(1, 1);
        for (var i = 0; i < count; i++)
        {
            var words = s_words[i % Topics];
            var text = $"{words[random.Below(4)]} {words[random.Below(4)]} {words[random.Below(4)]} please {i}";
            yield return CanonicalRow.Create(
                Generated.Id(i),
                i + 1,
                null,
                text,
                null,
                $"topic{i % Topics}",
                i % 5 == 0 ? DataSplit.Test : DataSplit.Train
            );
        }

        yield return CanonicalRow.Create(Generated.Id(count), count + 1, null, "?", null, "topic0", DataSplit.Train);
    }

    private static int Nearest(VersionMap map, int row) =>
        Enumerable
            .Range(0, map.X.Length)
            .Where(other => other != row && !float.IsNaN(map.X[other]))
            .MinBy(other => Math.Pow(map.X[row] - map.X[other], 2) + Math.Pow(map.Y[row] - map.Y[other], 2));

    private async Task<VersionMap> MakeAsync(IEnumerable<CanonicalRow> rows)
    {
        var path = _folder.At(Guid.NewGuid().ToString("N"));
        await new VersionWriter().WriteAsync(rows.ToAsyncEnumerable(), path, cancellationToken: Ct);
        var (vectors, _) = await new VectorMaker(new ImportLimits(), () => path + ".new").MakeAsync(
            path,
            new VectorSource(VectorSource.BuiltIn, "", null),
            null,
            null,
            null,
            Ct
        );
        return await new MapMaker(new ImportLimits()).MakeAsync(path, vectors, null, Ct);
    }
}
