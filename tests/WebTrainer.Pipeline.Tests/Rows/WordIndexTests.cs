using WebTrainer.Pipeline.Rows;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Rows;

public sealed class WordIndexTests : IDisposable
{
    private static readonly (string Prompt, string? Response)[] s_rows =
    [
        ("Where is my card?", "It is on its way."),
        ("My card has not arrived, and the card is new.", null),
        ("It has arrived, not my card.", "Good."),
        ("Deliveries take three days", "deliver"),
        ("كتاب من كجاست؟ آن را گُم کردم", null),
        ("می\u200Cروم به بانک", null),
        ("Café naïve", "\"quoted\" AND OR NOT ( ) * ^ :"),
        ("我的卡在哪里", null),
    ];

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("card", new long[] { 0, 1, 2 })]
    [InlineData("CARD arrived", new long[] { 1, 2 })]
    [InlineData("\"not arrived\"", new long[] { 1 })]
    [InlineData("«not arrived", new long[] { 1 })]
    [InlineData("deliv*", new long[] { 3 })]
    [InlineData("deliver", new long[] { 3 })]
    [InlineData("\"on its w\"*", new long[] { 0 })]
    [InlineData("ar", new long[] { })]
    [InlineData("کتاب", new long[] { 4 })]
    [InlineData("گم", new long[] { 4 })]
    [InlineData("می\u200Cروم", new long[] { 5 })]
    [InlineData("روم", new long[] { 5 })]
    [InlineData("cafe NAIVE", new long[] { 6 })]
    [InlineData("not:", new long[] { 1, 2, 6 })]
    [InlineData("\"\" OR (", new long[] { 6 })]
    public async Task Words_Phrases_AndBeginnings_AreFoundInAnyWriting(string typed, long[] rows)
    {
        var index = await IndexAsync();
        var hits = await WordIndex.FindAsync(index, WordQuery.Parse(typed)!, 0, 100, Ct);
        Assert.Equal(rows, hits.Positions.Order());
        Assert.Equal(rows.Length, hits.Total);
    }

    [Fact]
    public async Task TheBestComeFirst_AndPagesFollow()
    {
        var index = await IndexAsync();
        var query = WordQuery.Parse("card")!;
        var all = await WordIndex.FindAsync(index, query, 0, 100, Ct);
        Assert.Equal(1, all.Positions[0] is 0 or 1 ? 1 : 0); // short, or twice in it
        var second = await WordIndex.FindAsync(index, query, 1, 1, Ct);
        Assert.Equal((all.Positions[1], 3L), (Assert.Single(second.Positions), second.Total));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \" * ( : ^ ")]
    public void WhatHoldsNoWord_IsNoQuery(string typed) => Assert.Null(WordQuery.Parse(typed));

    [Fact]
    public void AnythingThatIsTyped_IsAQueryOrNone() =>
        CsCheck.Check.Sample(
            CsCheck.Gen.String[CsCheck.Gen.Char["ab *\"“”«»-:^(){}'\0کي我"], 0, 30],
            typed => WordQuery.Parse(typed) is var query && (query is null || query.ToFts5().Length > 0)
        );

    [Theory]
    [InlineData("我的卡", false)]
    [InlineData("การ์ด", false)]
    [InlineData("카드 card", true)]
    public void WritingsWithoutSpaces_AreScanned(string typed, bool byIndex) => Assert.Equal(byIndex, WordQuery.Parse(typed)!.IsOfWords);

    [Fact]
    public async Task Scan_FindsRowsThatHoldAllWords_AndGivenPositionsKeepTheirOrder()
    {
        var version = await VersionAsync();
        var reader = new RowReader();
        var page = await reader.ReadPageAsync(version.Path, new RowQuery { Words = WordQuery.Parse("我的卡") }, Ct);
        Assert.Equal("7", Assert.Single(page.Rows).Id);
        page = await reader.ReadPageAsync(version.Path, new RowQuery { Words = WordQuery.Parse("CARD arrived") }, Ct);
        Assert.Equal(["1", "2"], page.Rows.Select(r => r.Id));
        page = await reader.ReadPageAsync(
            version.Path,
            new RowQuery
            {
                Positions = [5, 0, 3, 2],
                Sort = RowSort.Given,
                Limit = 3,
            },
            Ct
        );
        Assert.Equal(["5", "0", "3"], page.Rows.Select(r => r.Id));
        Assert.Equal(4, page.Total);
        page = await reader.ReadPageAsync(version.Path, new RowQuery { Positions = [] }, Ct);
        Assert.Empty(page.Rows);
    }

    [Fact]
    public async Task Stopped_LeavesNothing()
    {
        var version = await VersionAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            WordIndex.BuildAsync(
                version.Path,
                _folder.At("w"),
                _folder.At("w.tmp"),
                8,
                new ImportLimits(),
                cancellationToken: new CancellationToken(canceled: true)
            )
        );
        Assert.DoesNotContain(Directory.GetFiles(_folder.Root), f => Path.GetFileName(f).StartsWith('w'));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<string> IndexAsync()
    {
        var version = await VersionAsync();
        await WordIndex.BuildAsync(
            version.Path,
            _folder.At("words"),
            _folder.At("words.tmp"),
            version.Rows,
            new ImportLimits(),
            cancellationToken: Ct
        );
        return _folder.At("words");
    }

    private Task<VersionFile> VersionAsync() =>
        _folder.WriteAsync(s_rows.Select((r, i) => CanonicalRow.Create($"{i}", i + 1, system: null, r.Prompt, r.Response)));
}
