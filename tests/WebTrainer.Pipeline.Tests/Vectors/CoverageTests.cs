using WebTrainer.Pipeline.Neighbours;
using WebTrainer.Pipeline.Vectors;

namespace WebTrainer.Pipeline.Tests.Vectors;

public sealed class CoverageTests
{
    [Fact]
    public void TestRows_ThatNothingTrainsFor_AreNamed_TheFarthestFirst_WithTheNearestRow()
    {
        string[] prompts =
        [
            .. Enumerable.Range(0, 40).Select(i => $"my card number {i} has not arrived yet"),
            "my card number 7 has not arrived yet",
            "the weather in lisbon is fine",
            "my card has a strange colour in the weather",
        ];
        var vectors = new NearestRows(prompts, TestContext.Current.CancellationToken).Vectors;
        int[] train = [.. Enumerable.Range(0, 40)];
        var report = Coverage.Find(vectors, train, [40, 41, 42], TestContext.Current.CancellationToken);
        Assert.Equal((3, 3), (report.Tests, report.LookedAt));
        Assert.Equal([41, 42], report.Far.Select(f => f.Test));
        Assert.All(report.Far, f => Assert.InRange(f.Nearest.Position, 0, 39));
        Assert.True(report.Far[0].Nearest.Likeness < report.Usual);
    }

    [Fact]
    public void WithoutRowsToLearnFrom_NothingIsSaid() =>
        Assert.Empty(
            Coverage
                .Find(
                    new NearestRows(["one text", "another"], TestContext.Current.CancellationToken).Vectors,
                    [],
                    [0, 1],
                    TestContext.Current.CancellationToken
                )
                .Far
        );
}
