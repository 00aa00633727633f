using System.Globalization;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Import;

public sealed class BrokenRowTests : IDisposable
{
    private const string Good = "{\"prompt\":\"good\",\"completion\":\"row\"}\n";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{\"prompt\":\"a\"", null, "not valid JSON")]
    [InlineData("[1,2]", null, "not a JSON object")]
    [InlineData("{\"prompt\":\"a\"}", "completion", "missing")]
    [InlineData("{\"prompt\":\"\",\"completion\":\"b\"}", "prompt", "empty")]
    [InlineData("{\"prompt\":[\"a\"],\"completion\":\"b\"}", "prompt", "list")]
    [InlineData("{\"prompt\":\"a\\u0000\",\"completion\":\"b\"}", "prompt", "NUL")]
    [InlineData("{\"prompt\":\"a\",\"completion\":\"b\\ud83d\"}", "completion", "surrogate")]
    public async Task Import_BrokenJsonLine_IsReportedByLineAndKey(string line, string? key, string word)
    {
        var report = await _folder.ImportAsync(_folder.Write("a.jsonl", $"{Good}\n{line}\n{Good}"));

        var problem = Assert.Single(report.Problems);
        Assert.Equal((3L, key), (problem.Line, problem.Key));
        Assert.Contains(word, problem.Message, StringComparison.Ordinal);
        Assert.Equal([1L, 4L], (await report.Version.RowsAsync()).Select(r => r.Line));
    }

    [Fact]
    public async Task Import_InvalidUtf8_IsReportedByLine()
    {
        byte[] bytes = [.. System.Text.Encoding.UTF8.GetBytes(Good), .. "{\"prompt\":\""u8, 0xFF, .. "\",\"completion\":\"b\"}\n"u8];
        var report = await _folder.ImportAsync(_folder.Write("a.jsonl", bytes));

        Assert.Equal(new RowProblem(2, null, "The row is not valid UTF-8 text."), Assert.Single(report.Problems));
    }

    [Fact]
    public async Task Import_DeepNesting_IsReportedNotCrashed()
    {
        var deep = $"{{\"prompt\":{new string('[', 10_000)}{new string(']', 10_000)},\"completion\":\"b\"}}\n";
        var report = await _folder.ImportAsync(_folder.Write("a.jsonl", Good + deep));

        Assert.Equal(2, Assert.Single(report.Problems).Line);
    }

    [Theory]
    [InlineData("text,label\ngood,x\n\"never closed,y\nnext,x\nlast,y\n", 3, "never closed")]
    [InlineData("text,label\ngood,x\n\"closed\" and on,y\nnext,x\nlast,y\n", 3, "after its closing quote")]
    [InlineData("text,label\ngood,x\nin the \"middle\",y\nnext,x\nlast,y\n", 3, "in the middle")]
    [InlineData("text,label\ngood,x\nnext,x\ntoo,many,y\nlast,y\n", 4, "3 fields instead of 2")]
    [InlineData("text,label\ngood,x\nnext,x\nlast,y\ntoo few\n", 5, "1 fields instead of 2")]
    public async Task Import_BrokenCsvRecord_CostsItsOwnLineOnly(string text, long line, string word)
    {
        var report = await _folder.ImportAsync(_folder.Write("a.csv", text));

        var problem = Assert.Single(report.Problems);
        Assert.Equal(line, problem.Line);
        Assert.Contains(word, problem.Message, StringComparison.Ordinal);
        Assert.Equal(["good", "next", "last"], (await report.Version.RowsAsync()).Select(r => r.Prompt));
    }

    [Fact]
    public async Task Import_QuotedLineBreaks_KeepLineNumbers()
    {
        var report = await _folder.ImportAsync(_folder.Write("a.csv", "text,label\r\n\"two\r\nlines\",x\r\nplain,y\r\n"));

        Assert.Equal([("two\r\nlines", 2L), ("plain", 4L)], (await report.Version.RowsAsync()).Select(r => (r.Prompt, r.Line)));
    }

    [Fact]
    public async Task Import_NoGoodRow_IsRefusedWithTheFirstReason()
    {
        var file = _folder.Write("a.csv", "text,label\n,x\n,y\n");
        var problem = await Assert.ThrowsAsync<DataProblemException>(() => _folder.ImportAsync(file));

        Assert.Equal("None of the 2 rows of 'a.csv' can be used. Line 2: 'text' is empty.", problem.Message);
        Assert.Equal([file.Path], Directory.GetFileSystemEntries(_folder.Root));
    }

    [Fact]
    public async Task Import_ManyProblems_AreCountedAndTheFirstListed()
    {
        var lines = Enumerable.Range(0, 3_000).Select(i => i == 0 ? Good.Trim() : "{\"prompt\":\"a\"}");
        var report = await _folder.ImportAsync(_folder.Write("a.jsonl", string.Join('\n', lines)));

        Assert.Equal((2_999L, 1_000), (report.ProblemCount, report.Problems.Count));
    }

    /// <summary>As <c>json.dump</c> writes a list.</summary>
    [Fact]
    public async Task Import_JsonListInOneLine_HasEachElementOnce_AndNamesTheBrokenOneByItsPlace()
    {
        var elements = Enumerable
            .Range(1, 50)
            .Select(i => i == 7 ? "{\"prompt\":7,\"completion\":[]}" : $"{{\"prompt\":\"p{i}\",\"completion\":\"c{i}\"}}");
        var report = await _folder.ImportAsync(_folder.Write("a.json", $"[{string.Join(", ", elements)}]"));
        Assert.Equal((49L, -7L), (report.RowsKept, Assert.Single(report.Problems).Line));
        var rows = await report.Version.RowsAsync();
        Assert.Equal(49, rows.Select(row => row.Id).Distinct().Count());
        Assert.Equal([1, -2, -3], rows.Take(3).Select(row => row.Line));
        Assert.All(rows, row => Assert.True(row.IsFrom(report.SourceSha256)));
        Assert.All(rows, row => Assert.Equal(row.Prompt[1..], row.Response![1..]));
    }

    [Fact]
    public async Task Import_JsonListOfSeveralElementsALine_CountsLinesWhereTheyBeginOne()
    {
        var report = await _folder.ImportAsync(
            _folder.Write(
                "a.json",
                "[{\"prompt\":\"a\",\"completion\":\"1\"},\n{\"prompt\":\"b\",\"completion\":\"2\"}, {\"prompt\":\"c\",\"completion\":\"3\"},\n\n{\"prompt\":\"d\",\"completion\":\"4\"}]"
            )
        );
        Assert.Equal([1, 2, -3, 4], (await report.Version.RowsAsync()).Select(row => row.Line));
    }

    [Fact]
    public async Task Import_JsonListCutOff_KeepsWholeRowsAndReportsTheRest()
    {
        var report = await _folder.ImportAsync(_folder.Write("a.json", $"[\n{Good.Trim()},\n{Good.Trim()},\n{{\"prompt\":\"cut"));

        Assert.Equal(2, report.RowsKept);
        Assert.Equal([4L, 4L], report.Problems.Select(p => p.Line));
    }

    [Fact]
    public async Task Import_Cancelled_LeavesNothing()
    {
        using var cancelling = new CancellationTokenSource();
        var rows = Enumerable
            .Range(0, 20_000)
            .Select(i => string.Create(CultureInfo.InvariantCulture, $"{{\"prompt\":\"{i}\",\"completion\":\"b\"}}"));
        var file = _folder.Write("a.jsonl", string.Join('\n', rows));
        var inspection = await new FileInspector().InspectAsync(file);
        var mapping = (await new ShapeDetector().DetectAsync(file, inspection)).Mapping!;
        var progress = new Callback(() => cancelling.Cancel());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new DatasetImporter().ImportAsync(file, inspection, mapping, _folder.At("v.parquet"), progress, cancelling.Token)
        );

        Assert.Equal([file.Path], Directory.GetFileSystemEntries(_folder.Root));
    }

    private sealed class Callback(Action action) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => action();
    }
}
