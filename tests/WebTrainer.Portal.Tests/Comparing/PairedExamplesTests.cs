using System.Text.Json;
using WebTrainer.Portal.Features.Comparing;
using WebTrainer.Portal.Features.Evaluations.Examples;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Comparing;

public sealed class PairedExamplesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("webtrainer-pairs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Columns_WrittenAndReadAgain_AreEqual_AndFindTheirTexts()
    {
        var (path, columns) = Columns(("1", "a", true, 0.5), ("2", "b", false, 0.7), ("3", "a", true, null));
        using var stream = new MemoryStream();
        columns.Write(stream);
        stream.Position = 0;
        var read = ExampleColumns.Read(stream)!;
        Assert.Equal(columns.RowIds, read.RowIds);
        Assert.Equal(columns.Offsets, read.Offsets);
        Assert.Equal(columns.CategoryOf, read.CategoryOf);
        Assert.Equal([true, false, true], read.Of("m")!.Right);
        Assert.Equal([0.5f, 0.7f, float.NaN], read.Of("m")!.Loss);
        var bytes = File.ReadAllBytes(path);
        for (var row = 0; row < read.Count; row++)
        {
            Assert.Equal(
                read.RowIds[row],
                JsonSerializer
                    .Deserialize<ExampleResult>(bytes.AsSpan((int)read.Offsets[row]..(int)read.Offsets[row + 1]), ProtocolJson.Line)!
                    .RowId
            );
        }
    }

    [Fact]
    public void Columns_LinesLongerThanTheBuffer_AreReadWhole()
    {
        var path = Path.Combine(_folder, "long.jsonl");
        var results = Enumerable
            .Range(0, 3)
            .Select(i => new ExampleResult($"{i}", new string('x', 900_000 * (i + 1)), "a", [new ExampleAnswer("m", "a", true, 1, 1)]));
        File.WriteAllLines(path, results.Select(r => JsonSerializer.Serialize(r, ProtocolJson.Line)));
        Assert.Equal(["0", "1", "2"], ExampleColumns.Build(path, TestContext.Current.CancellationToken).RowIds);
    }

    [Fact]
    public void Pairs_OfOtherRowsInAnotherOrder_AreJoinedByTheirIds()
    {
        var (_, first) = Columns(("1", "a", true, 1), ("2", "a", false, 1), ("3", "b", true, 1));
        var (_, second) = Columns(("3", "b", false, 2), ("9", "a", true, 2), ("1", "a", true, 2), ("1", "a", false, 2));
        var pairs = new PairedExamples(first, first.Models[0], second, second.Models[0]);
        Assert.Equal(["1", "3"], Enumerable.Range(0, pairs.Count).Select(pairs.RowId));
        Assert.Equal((true, false), pairs.Right(1));
    }

    [Fact]
    public void Select_WorstRegressionsComeFirst_AmongAlikeOnesByTheirLoss()
    {
        var (_, first) = Columns(("1", "a", true, 1), ("2", "a", true, 1), ("3", "b", false, 1), ("4", "b", true, 1));
        var (_, second) = Columns(("1", "a", false, 2), ("2", "a", false, 5), ("3", "b", true, 1), ("4", "b", true, 1));
        var pairs = new PairedExamples(first, first.Models[0], second, second.Models[0]);
        string[] Ids(PairQuery query) => [.. pairs.Select(query).Select(pairs.RowId)];
        Assert.Equal(["2", "1", "4", "3"], Ids(new PairQuery()));
        Assert.Equal(["3", "4", "1", "2"], Ids(new PairQuery(Order: PairOrder.BestFirst)));
        Assert.Equal(["2", "1"], Ids(new PairQuery(Show: PairShow.Losses)));
        Assert.Equal(["3"], Ids(new PairQuery(Show: PairShow.Wins)));
        Assert.Equal(["4", "3"], Ids(new PairQuery(Category: "b")));
        Assert.Equal(["1", "2"], Ids(new PairQuery(Order: PairOrder.Rows, Category: "a")));
        Assert.Empty(Ids(new PairQuery(Category: "unknown")));
        Assert.Equal(["2", "1"], Ids(new PairQuery(ExampleMeasure.Loss, PairShow.Losses)));
    }

    [Fact]
    public void Statistics_OfManyRows_KnowWhichIsBetter_WithEitherInterval()
    {
        foreach (var rows in new[] { 400, 6000 }) // below and above the rows of the bootstrap
        {
            var (_, first) = Columns([.. Enumerable.Range(0, rows).Select(i => ($"{i}", "a", i % 4 == 0, (double?)2))]);
            var (_, second) = Columns([
                .. Enumerable.Range(0, rows).Select(i => ($"{i}", "a", i % 2 == 0, (double?)(i % 5 == 0 ? 2.5 : 1.5))),
            ]);
            var tests = PairStatistics.Of(new PairedExamples(first, first.Models[0], second, second.Models[0]));
            Assert.Equal([ExampleMeasure.Right, ExampleMeasure.TokenF1, ExampleMeasure.Loss], tests.Select(t => t.Measure));
            Assert.Equal((rows / 4, 0, 0.25), (tests[0].Wins, tests[0].Losses, tests[0].Difference));
            Assert.Equal((rows * 4 / 5, rows / 5), (tests[2].Wins, tests[2].Losses));
            Assert.Equal(0.3, tests[2].Difference, 1e-6);
            Assert.All(tests, t => Assert.True(t.PValue < 1e-6 && t.Low < t.Difference && t.Difference < t.High && t.Low > 0));
        }
    }

    /// <summary>A difference that alone is sure need not be it among eight columns.</summary>
    [Fact]
    public void Statistics_AreCorrectedForTheColumnsBesideThem()
    {
        var (_, first) = Columns([.. Enumerable.Range(0, 40).Select(i => ($"{i}", "a", i % 2 == 0, (double?)2))]);
        var (_, second) = Columns([.. Enumerable.Range(0, 40).Select(i => ($"{i}", "a", i % 2 == 0 || i < 13, (double?)2))]);
        var pair = new PairedExamples(first, first.Models[0], second, second.Models[0]);
        var (_, same) = Columns([.. Enumerable.Range(0, 40).Select(i => ($"{i}", "a", i % 2 == 0, (double?)2))]);
        var other = new PairedExamples(first, first.Models[0], same, same.Models[0]);
        var alone = PairStatistics.Of(pair)[0];
        Assert.Equal(0.03125, alone.PValue, 1e-12); // 2 / 2⁶
        Assert.Equal(alone.PValue, alone.Corrected);
        Assert.Equal(0.0625, PairStatistics.Corrected([alone], [other])[0].Corrected, 1e-12);
        Assert.Equal(0.09375, PairStatistics.Corrected([alone], [other, other])[0].Corrected, 1e-12);
        Assert.Equal(0.0625, PairStatistics.Corrected([alone], [pair])[0].Corrected, 1e-12);
        Assert.Equal("can't be told apart", MeasureWords.Verdict(PairStatistics.Corrected([alone], [other])[0]));
    }

    [Fact]
    public void Row_DiffersAmongColumnsThatHaveIt()
    {
        Assert.False(new ComparisonRow(RowGroup.Settings, "Rank", ["–", "8", "8"]).Differs);
        Assert.True(new ComparisonRow(RowGroup.Settings, "Rank", ["–", "8", "16"]).Differs);
    }

    [Fact]
    public void Parallel_AxesAreTheNumbersThatDiffer()
    {
        var columns = new[] { "a", "b" }
            .Select(name => new ComparisonColumn(
                new ColumnKey(ColumnKind.Base, Guid.Empty, name),
                name,
                "",
                "",
                null,
                null,
                null,
                null,
                []
            ))
            .ToList();
        var (axes, lines) = ComparisonCharts.Parallel(
            new ComparisonView(
                columns,
                [
                    new(RowGroup.Figures, "Right", ["10.0 %", "30.0 %"]),
                    new(RowGroup.Figures, "Time of training", ["44 s", "1 min 05 s"]),
                    new(RowGroup.Settings, "Rank", ["8", "16"]),
                    new(RowGroup.Settings, "Alpha", ["32", "32"]),
                    new(RowGroup.Settings, "Epochs", ["–", "3"]),
                ]
            )
        );
        Assert.Equal(["Rank", "Right"], axes.Select(a => a.Name));
        Assert.Equal([0, 1], lines.Select(l => l.At[1]!.Value));
    }

    [Theory]
    [InlineData("run:0198c0de-0000-7000-8000-000000000001")]
    [InlineData("result:0198c0de-0000-7000-8000-000000000001:run-3 (8 bits)")]
    [InlineData("base:webtrainer-base-8m")]
    public void Key_ReadAndWritten_IsTheSame(string text) => Assert.Equal(text, ColumnKey.Read(text)!.Write());

    [Theory]
    [InlineData("run:1")]
    [InlineData("result:0198c0de-0000-7000-8000-000000000001")]
    [InlineData("base:")]
    [InlineData("")]
    public void Key_WhatIsNone_IsNotRead(string text) => Assert.Null(ColumnKey.Read(text));

    private (string Path, ExampleColumns Columns) Columns(params (string Id, string Expected, bool Right, double? Loss)[] rows)
    {
        var path = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        File.WriteAllLines(
            path,
            rows.Select(r =>
                JsonSerializer.Serialize(
                    new ExampleResult(
                        r.Id,
                        "prompt " + r.Id,
                        r.Expected,
                        [new ExampleAnswer("m", "answer", r.Right, r.Loss, r.Right ? 1 : 0)]
                    ),
                    ProtocolJson.Line
                )
            )
        );
        return (path, ExampleColumns.Build(path, TestContext.Current.CancellationToken));
    }
}
