using WebTrainer.Pipeline.Queries;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Tests.Queries;

public sealed class RowConditionsTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("webtrainer-conditions-").FullName;
    private string Version => Path.Combine(_folder, "v.parquet");

    public async ValueTask InitializeAsync() =>
        await new VersionWriter().WriteAsync(
            Enumerable
                .Range(0, 5)
                .Select(i => CanonicalRow.Create($"r{i}", i + 1, null, new string('x', i), "spam", "spam"))
                .ToAsyncEnumerable(),
            Version
        );

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Match_FindsTheRows() => Assert.Equal(["r3", "r4"], (await MatchAsync("length(text) > 2 -- long")).Order());

    [Fact]
    public async Task Match_TheLabel_IsNotThere()
    {
        await Assert.ThrowsAsync<DataProblemException>(() => MatchAsync("label = 'spam'"));
        Assert.Empty(await MatchAsync("response = 'spam'"));
    }

    [Theory]
    [InlineData("(SELECT count(*) FROM read_text('/etc/passwd')) > 0")]
    [InlineData("(SELECT count(*) FROM read_csv('/etc/passwd')) > 0")]
    [InlineData("(SELECT count(*) FROM '/etc/passwd') > 0")]
    [InlineData("(SELECT count(*) FROM glob('/etc/*')) > 0")]
    [InlineData("true); COPY rows TO '/tmp/webtrainer-stolen.csv'; SELECT (true")]
    [InlineData("true); ATTACH '/tmp/webtrainer-stolen.db'; SELECT (true")]
    [InlineData("true); SET enable_external_access = true; SELECT (true")]
    [InlineData("true); SET lock_configuration = false; SELECT (true")]
    [InlineData("true); INSTALL httpfs; SELECT (true")]
    [InlineData("true); LOAD httpfs; SELECT (true")]
    [InlineData("no such column")]
    public async Task Match_AnythingBeyondTheRows_IsRefused(string condition)
    {
        await Assert.ThrowsAsync<DataProblemException>(() => MatchAsync(condition));
        Assert.False(File.Exists("/tmp/webtrainer-stolen.csv") || File.Exists("/tmp/webtrainer-stolen.db"));
    }

    private async Task<IReadOnlySet<string>> MatchAsync(string condition)
    {
        using var process = new QueryProcess(new QueryOptions(), _folder);
        return await new RowConditions(process).MatchAsync(Version, condition, TestContext.Current.CancellationToken);
    }
}
