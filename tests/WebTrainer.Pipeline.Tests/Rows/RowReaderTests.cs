using System.Diagnostics;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Rows;

public sealed class RowReaderTests(RowReaderTests.HundredThousand data) : IClassFixture<RowReaderTests.HundredThousand>, IDisposable
{
    private const double LimitMilliseconds = 200;
    private const int MostTries = 20;
    private readonly RowReader _reader = new();

    public void Dispose() => _reader.Dispose();

    public static TheoryData<RowQuery> Queries =>
        [
            new RowQuery(),
            new RowQuery { Offset = 99_900 },
            new RowQuery { Contains = "NUMBER 4711" },
            new RowQuery { Contains = "nowhere to be found" },
            new RowQuery { Label = "label7", Offset = 500 },
            new RowQuery
            {
                Sort = RowSort.Prompt,
                Descending = true,
                Offset = 50_000,
            },
            new RowQuery { Sort = RowSort.PromptLength },
        ];

    [Theory]
    [InlineData(RowSort.Prompt, false)]
    [InlineData(RowSort.PromptLength, true)]
    [InlineData(RowSort.Label, false)]
    [InlineData(RowSort.Position, true)]
    public async Task ReadPage_DeepInASortedVersion_IsThePageOfTheWholeOrder(RowSort sort, bool descending)
    {
        var all = await data.Version.RowsAsync();
        object? Key(CanonicalRow row) =>
            sort switch
            {
                RowSort.Prompt => row.Prompt,
                RowSort.PromptLength => row.Prompt.Length,
                RowSort.Label => row.Label,
                _ => row.Line,
            };
        var comparer = Comparer<object?>.Create(
            (a, b) => a is string first ? string.CompareOrdinal(first, (string?)b) : Comparer<object?>.Default.Compare(a, b)
        );
        var sorted = (descending ? all.OrderByDescending(Key, comparer) : all.OrderBy(Key, comparer)).ToList();
        foreach (var offset in (int[])[0, 60_000, 60_000, 99_990, 100_050])
        {
            var page = await _reader.ReadPageAsync(
                data.Version.Path,
                new RowQuery
                {
                    Sort = sort,
                    Descending = descending,
                    Offset = offset,
                    Limit = 40,
                }
            );
            Assert.Equal(sorted.Skip(offset).Take(40).Select(r => r.Id), page.Rows.Select(r => r.Id));
            Assert.Equal(100_000, page.Total);
        }
    }

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task ReadPage_HundredThousandRows_TakesLessThan200Milliseconds(RowQuery query)
    {
        // Other work on the machine only ever makes a try slower: the best of a few is the page's own time.
        var best = double.MaxValue;
        for (var i = 0; i < MostTries && best >= LimitMilliseconds; i++)
        {
            var clock = Stopwatch.StartNew();
            await _reader.ReadPageAsync(data.Version.Path, query);
            best = Math.Min(best, clock.Elapsed.TotalMilliseconds);
        }

        TestContext.Current.SendDiagnosticMessage($"{query}: {best:F0} ms");
        Assert.True(best < LimitMilliseconds, $"{query} took {best:F0} ms");
    }

    [Fact]
    public async Task ReadPage_Offset_IsInSourceOrder()
    {
        var page = await _reader.ReadPageAsync(data.Version.Path, new RowQuery { Offset = 70_000, Limit = 3 });

        Assert.Equal(100_000, page.Total);
        Assert.Equal([70_001L, 70_002L, 70_003L], page.Rows.Select(r => r.Line));
    }

    [Fact]
    public async Task ReadPage_FilterAndSort_CountsAndOrders()
    {
        var query = new RowQuery
        {
            Label = "label3",
            Contains = "card NUMBER 13",
            Sort = RowSort.Prompt,
            Descending = true,
            Limit = 1_000,
        };
        var page = await _reader.ReadPageAsync(data.Version.Path, query);

        Assert.Equal(page.Total, page.Rows.Count);
        Assert.All(page.Rows, r => Assert.Equal("label3", r.Label));
        Assert.Equal(page.Rows.Select(r => r.Prompt).OrderDescending(StringComparer.Ordinal), page.Rows.Select(r => r.Prompt));
    }

    [Theory]
    [InlineData("'; DROP TABLE rows; --")]
    [InlineData("%")]
    [InlineData("' OR '1'='1")]
    public async Task ReadPage_SqlInTheFilter_IsOnlyText(string text)
    {
        Assert.Equal(0, (await _reader.ReadPageAsync(data.Version.Path, new RowQuery { Contains = text })).Total);
        Assert.Equal(0, (await _reader.ReadPageAsync(data.Version.Path, new RowQuery { Label = text })).Total);
        Assert.Null(await _reader.FindAsync(data.Version.Path, text));
    }

    [Fact]
    public async Task ReadAll_HundredThousandRows_AreInSourceOrder()
    {
        var lines = await new VersionReader().ReadAsync(data.Version.Path).Select(r => r.Line).ToListAsync();

        Assert.Equal(Enumerable.Range(1, 100_000).Select(i => (long)i), lines);
    }

    [Fact]
    public async Task ReadPage_ManyAtOnce_EachGetsItsOwnRows()
    {
        var pages = await Task.WhenAll(
            Enumerable.Range(0, 32).Select(i => _reader.ReadPageAsync(data.Version.Path, new RowQuery { Offset = i * 1_000, Limit = 2 }))
        );

        Assert.Equal(Enumerable.Range(0, 32).Select(i => (i * 1_000L) + 1), pages.Select(p => p.Rows[0].Line));
    }

    [Fact]
    public async Task Find_ById_ReturnsTheWholeRow()
    {
        var row = await _reader.FindAsync(data.Version.Path, Generated.Id(4711));

        Assert.Equal(4712, row!.Line);
        Assert.Equal(["user", "assistant"], row.Messages.Select(m => m.Role));
    }

    [Fact]
    public async Task ReadPage_LimitBeyondMaximum_IsRefused() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            _reader.ReadPageAsync(data.Version.Path, new RowQuery { Limit = RowQuery.MaxLimit + 1 })
        );

    [Fact]
    public async Task Profile_CountsLabelsAndLengths()
    {
        var profile = await _reader.ProfileAsync(data.Version.Path);

        Assert.Equal((100_000L, 0L, 0L), (profile.Rows, profile.Unanswered, profile.RepeatedPrompts));
        Assert.Equal(77, profile.Labels.Count);
        Assert.Equal(100_000, profile.PromptLengths.Sum(b => b.Rows));
        Assert.Equal(100_000, profile.ResponseLengths.Sum(b => b.Rows));
        Assert.Empty(profile.Splits);
    }

    [Fact]
    public async Task Write_Persian_IsFoundByContains()
    {
        using var folder = new TemporaryFolder();
        var version = await folder.WriteAsync([CanonicalRow.Create("a", 1, null, "می‌خواهم کارتم را ببینم", "کارت")]);

        Assert.Equal(1, (await _reader.ReadPageAsync(version.Path, new RowQuery { Contains = "می‌خواهم" })).Total);
    }

    [Fact]
    public async Task Write_ExistingTargetOrRepeatedId_IsRefusedAndLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        var row = CanonicalRow.Create("a", 1, null, "p", "r");
        await Assert.ThrowsAsync<DataProblemException>(() => folder.WriteAsync([row, row]));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root));

        await folder.WriteAsync([row]);
        await Assert.ThrowsAsync<IOException>(() => folder.WriteAsync([row]));
    }

    public sealed class HundredThousand : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        public VersionFile Version { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Version = await _folder.WriteAsync(Generated.Labelled(100_000, 77));

        public ValueTask DisposeAsync()
        {
            _folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
