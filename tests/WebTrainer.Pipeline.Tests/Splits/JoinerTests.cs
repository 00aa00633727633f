using WebTrainer.Pipeline.Splits;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Splits;

public sealed class JoinerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static CanonicalRow Row(int i, string prompt, DataSplit? split = null) =>
        CanonicalRow.Create(Generated.Id(i), i + 1, null, prompt, "a", "a", split);

    private static IEnumerable<CanonicalRow> Known() =>
        Enumerable.Range(0, 100).Select(i => Row(i, $"Question {i}", i % 5 == 0 ? DataSplit.Test : DataSplit.Train));

    [Fact]
    public async Task Join_RowsOfBefore_StayInTheirSplits_AndNewOnesAreDealt_TheSameEachTime()
    {
        var known = await _folder.WriteAsync(Known(), "known");
        var added = await _folder.WriteAsync(Enumerable.Range(0, 1000).Select(i => Row(1000 + i, $"Other {i}")), "added");
        var report = await new Joiner().JoinAsync(known.Path, added.Path, _folder.At("a"), 0.1, 0.3, 7);
        var again = await new Joiner().JoinAsync(known.Path, added.Path, _folder.At("b"), 0.1, 0.3, 7);
        var rows = await report.Version.RowsAsync();
        Assert.Equal(Known().Select(r => (r.Id, r.Split)), rows.Take(100).Select(r => (r.Id, r.Split)));
        Assert.Equal(1000, report.Added);
        Assert.InRange(report.AddedTest, 240, 360);
        Assert.Equal(20 + report.AddedTest, report.Rows[DataSplit.Test]);
        Assert.Equal(report.Version.Sha256, again.Version.Sha256);
    }

    [Fact]
    public async Task Join_PromptThatIsThere_IsLeftOut_SoThatNoneStandsOnBothSides_AndSplitsOfTheAddedAreKept()
    {
        var known = await _folder.WriteAsync(Known(), "known");
        var added = await _folder.WriteAsync(
            [Row(1000, "QUESTION  5!"), Row(1001, "Question 6"), Row(1002, "New", DataSplit.Test), Row(1003, "New", DataSplit.Train)],
            "added"
        );
        var report = await new Joiner().JoinAsync(known.Path, added.Path, _folder.At("a"), 0, 0, 7);
        Assert.Equal((1, 3), (report.Added, report.Repeated));
        Assert.Equal(DataSplit.Test, (await report.Version.RowsAsync()).Single(r => r.Prompt == "New").Split);
    }

    [Fact]
    public async Task Join_IdsThatBothHave_StayUnique()
    {
        var known = await _folder.WriteAsync(Known(), "known");
        var added = await _folder.WriteAsync([Row(3, "Other 3"), Row(4, "Other 4")], "added");
        var report = await new Joiner().JoinAsync(known.Path, added.Path, _folder.At("a"), 0, 0, 7);
        var ids = (await report.Version.RowsAsync()).Select(r => r.Id).ToList();
        Assert.Equal(102, ids.Distinct().Count());
    }

    [Fact]
    public async Task Join_ToUnsplitRows_OrWithNothingNew_IsRefusedInWords()
    {
        var known = await _folder.WriteAsync(Known(), "known");
        var unsplit = await _folder.WriteAsync([Row(0, "Question")], "unsplit");
        Assert.Contains("not split", (await RefusedAsync(unsplit.Path, known.Path, "a")).Message, StringComparison.Ordinal);
        Assert.Contains("Nothing is new", (await RefusedAsync(known.Path, known.Path, "b")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SharedPrompts_CountsTestRowsThatWereLearned_AndNotThoseThatJudgeThereToo()
    {
        var judging = await _folder.WriteAsync(
            [
                Row(0, "One", DataSplit.Test),
                Row(1, "Two", DataSplit.Test),
                Row(2, "Three", DataSplit.Test),
                Row(3, "Four", DataSplit.Train),
            ],
            "judging"
        );
        var learned = await _folder.WriteAsync(
            [Row(0, "one!", DataSplit.Train), Row(1, "Two", DataSplit.Test), Row(2, "Three", DataSplit.Validation), Row(3, "Four")],
            "learned"
        );
        Assert.Equal(
            (2, 3),
            await new SharedPrompts(new ImportLimits()).CountAsync(judging.Path, learned.Path, TestContext.Current.CancellationToken)
        );
    }

    private Task<DataProblemException> RefusedAsync(string version, string added, string name) =>
        Assert.ThrowsAsync<DataProblemException>(() => new Joiner().JoinAsync(version, added, _folder.At(name), 0, 0.5, 1));
}
