using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Pipeline.Tests.Support;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

namespace WebTrainer.Pipeline.Tests.Cleaning;

public sealed class TokenLimitTests : IDisposable
{
    private const string Model = "base";
    private static readonly CleanSources s_sources = new()
    {
        Tokenizers = new Dictionary<string, string> { [Model] = Repository.BaseModel },
    };
    private static readonly TextTokenizer s_tokenizer = TextTokenizer.Load(Repository.BaseModel);
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Limits_SetAsideWhatIsShorterOrLonger_AndSayHowManyTokensItHas()
    {
        var long_ = string.Join(' ', Enumerable.Repeat("The card has not arrived.", 20));
        var report = await CleanAsync(
            new TokenLimitStep
            {
                Tokenizer = Model,
                Field = RowField.Prompt,
                Min = 3,
                Max = 30,
            },
            Row("1", "Hi"),
            Row("2", "Where is my card today?"),
            Row("3", long_)
        );
        Assert.Equal((1, 2), (report.Version.Rows, report.SetAside));
        var reasons = (await new SetAsideReader().PageAsync(report.SetAsidePath!, _folder.At("in"), null, null, 0, 10, Ct))
            .Rows.Select(r => r.Aside.Reason)
            .ToList();
        Assert.Equal($"{s_tokenizer.Count("Hi"):N0} tokens, fewer than 3.", reasons[0]);
        Assert.Equal($"{s_tokenizer.Count(long_):N0} tokens, more than 30.", reasons[1]);
    }

    [Theory]
    [InlineData("The card that I ordered last week has not arrived, and nobody answers the phone.", 8)]
    [InlineData("کارتی که هفتهٔ پیش سفارش دادم هنوز نرسیده است و کسی پاسخ نمی\u200Cدهد.", 11)]
    [InlineData("👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦 e\u0301e\u0301e\u0301", 20)]
    public void Cut_KeepsAsMuchAsFits_AndNoHalfCharacter(string text, int tokens)
    {
        foreach (var beginning in new[] { true, false })
        {
            var cut = TokenCut.To(text, tokens, beginning, s_tokenizer);
            Assert.InRange(s_tokenizer.Count(cut), 0, tokens);
            Assert.True(beginning ? text.StartsWith(cut, StringComparison.Ordinal) : text.EndsWith(cut, StringComparison.Ordinal));
            Assert.Equal(text.EnumerateRunes().Count(r => r.Value == 0xFFFD), cut.EnumerateRunes().Count(r => r.Value == 0xFFFD));
        }
    }

    [Fact]
    public async Task Cut_ChangesTheRow_SeveralTurnsAreSetAside()
    {
        var words = string.Join(' ', Enumerable.Range(0, 60).Select(i => $"word{i}"));
        var turns = CanonicalRow.Create(
            "2",
            2,
            [
                new ChatMessage("user", words),
                new ChatMessage("assistant", "Yes?"),
                new ChatMessage("user", words),
                new ChatMessage("assistant", "No."),
            ]
        );
        var step = new TokenLimitStep
        {
            Tokenizer = Model,
            Field = RowField.Prompt,
            Max = 40,
            TooLong = TooManyTokens.KeepEnd,
        };
        var report = await CleanAsync(step, Row("1", words), turns);
        Assert.Equal((1, 1), (report.Steps[0].Changed, report.Steps[0].SetAside));
        var kept = Assert.Single((await new RowReader().ReadPageAsync(report.Version.Path, new RowQuery(), Ct)).Rows);
        Assert.EndsWith("word59", kept.Prompt, StringComparison.Ordinal);
        Assert.InRange(s_tokenizer.Count(kept.Prompt), 30, 40);
    }

    [Theory]
    [InlineData("", RowField.Prompt, TooManyTokens.SetAside, 10)]
    [InlineData(Model, RowField.AllText, TooManyTokens.KeepEnd, 10)]
    [InlineData(Model, RowField.Prompt, TooManyTokens.SetAside, 0)]
    public void Settings_ThatCanNotBe_AreRefused(string tokenizer, RowField field, TooManyTokens action, int max) =>
        Assert.NotNull(
            new TokenLimitStep
            {
                Tokenizer = tokenizer,
                Field = field,
                TooLong = action,
                Max = max,
            }.Fault()
        );

    [Fact]
    public async Task ATokenizerThatIsGone_IsNamed()
    {
        var problem = await Assert.ThrowsAsync<DataProblemException>(() =>
            CleanAsync(new TokenLimitStep { Tokenizer = "gone" }, Row("1", "Hi"))
        );
        Assert.Contains("gone", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Profile_CountsWholeRowsAndResponses()
    {
        var version = await _folder.WriteAsync([
            .. Enumerable
                .Range(1, 100)
                .Select(i => CanonicalRow.Create($"{i}", i, null, string.Join(' ', Enumerable.Repeat("a", i)), "ok")),
        ]);
        var profile = await new TokenLengths(new ImportLimits()).MeasureAsync(version.Path, Repository.BaseModel, Ct);
        var counts = Enumerable
            .Range(1, 100)
            .Select(i => s_tokenizer.Count(string.Join(' ', Enumerable.Repeat("a", i)) + "\n\nok"))
            .Order()
            .ToList();
        Assert.Equal(
            (100, 100, counts[0], counts[50], counts[^1]),
            (profile.RowsInVersion, profile.RowsLookedAt, profile.Rows.Least, profile.Rows.Median, profile.Rows.Most)
        );
        Assert.Equal(s_tokenizer.Count("ok"), profile.Responses!.Most);
        Assert.Equal(100, profile.Rows.Bins.Sum(b => b.Rows));
        Assert.All(profile.Rows.Bins, bin => Assert.Equal(bin.Rows, profile.PositionsOf(new LengthRange(bin.From, bin.To)).Count));
        Assert.Equal([0], profile.PositionsOf(new LengthRange(0, counts[0])));
        Assert.Equal([98, 99], profile.PositionsOf(new LengthRange(counts[^2], counts[^1])));
    }

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    private static CanonicalRow Row(string id, string prompt) => CanonicalRow.Create(id, 1, null, prompt, "Yes.");

    private async Task<CleanReport> CleanAsync(CleanStep step, params CanonicalRow[] rows)
    {
        var version = await new Storage.VersionWriter().WriteAsync(rows.ToAsyncEnumerable(), _folder.At("in"), cancellationToken: Ct);
        return await new Cleaner().ApplyAsync(
            version.Path,
            new CleanRecipe { Steps = [step] },
            _folder.At("out"),
            s_sources,
            cancellationToken: Ct
        );
    }
}
