using System.Diagnostics;
using WebTrainer.Pipeline.Queries;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Queries;

/// <summary>SQL that people write runs in a process of its own: one SELECT, over the rows alone, within limits.</summary>
[Trait("Category", "Slow")]
public sealed class SqlBoxTests : IDisposable
{
    private const string Endless = "SELECT sum(a.line * b.line * c.line) FROM rows AS a, rows AS b, rows AS c, rows AS d";
    private readonly TemporaryFolder _folder = new();
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Query_AnswersOverTheRows()
    {
        var version = await _folder.WriteAsync(Generated.Labelled(90, 3));
        var result = await AskAsync(version.Path, "SELECT label, count(*) AS n FROM rows GROUP BY label ORDER BY label");
        Assert.Equal(["label", "n"], result.Columns);
        Assert.Equal(["label0 30", "label1 30", "label2 30"], result.Rows.Select(r => string.Join(' ', r)));
        Assert.False(result.IsCut);
    }

    [Theory]
    [InlineData("WITH long AS (SELECT * FROM rows WHERE length(prompt) > 3) SELECT count(*) FROM long")]
    [InlineData(
        "SELECT label, row_number() OVER (PARTITION BY label ORDER BY id) FROM rows QUALIFY row_number() OVER (PARTITION BY label ORDER BY id) = 1"
    )]
    [InlineData("SELECT regexp_extract(prompt, '[a-z]+'), upper(left(prompt, 3)), round(avg(length(prompt)), 1) FROM rows GROUP BY ALL")]
    [InlineData("SELECT * EXCLUDE (messages) FROM rows WHERE label IN ('label0', 'label1') AND prompt ILIKE '%a%' LIMIT 3")]
    [InlineData("SELECT a.id FROM rows AS a JOIN rows AS b ON a.id = b.id WHERE a.line BETWEEN 1 AND 5")]
    [InlineData("SELECT unnest(string_split(prompt, ' ')) AS word FROM rows UNION ALL SELECT label FROM rows")]
    [InlineData(
        "SELECT CASE WHEN split IS NULL THEN 'none' ELSE split END, list(id)[1:2], list_transform([1, 2], lambda x: x + 1) FROM rows GROUP BY 1"
    )]
    [InlineData("SELECT x FROM range(3) AS t(x) ORDER BY x DESC")]
    [InlineData("SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(n, t)")]
    [InlineData("FROM rows SELECT max_by(id, line), quantile_cont(line, 0.5), count(DISTINCT label)")]
    [InlineData("SELECT count(*) FILTER (WHERE label = 'label0'), bool_and(id IS NOT NULL) FROM rows")]
    [InlineData("SELECT date_trunc('month', CAST('2026-01-31' AS DATE)), json_extract_string('{\"a\": \"b\"}', '$.a')")]
    public async Task Query_OfTheUsualKinds_IsAnswered(string query)
    {
        var version = await _folder.WriteAsync(Generated.Labelled(90, 3));
        Assert.NotEmpty((await AskAsync(version.Path, query)).Columns);
    }

    [Theory]
    [InlineData("SELECT * FROM read_text('/etc/passwd')")]
    [InlineData("SELECT * FROM '/etc/passwd'")]
    [InlineData("SELECT * FROM read_csv('/etc/passwd')")]
    [InlineData("SELECT * FROM glob('/*')")]
    [InlineData("SELECT * FROM read_parquet('https://example.org/a.parquet')")]
    [InlineData("SELECT (SELECT count(*) FROM read_text('/etc/passwd')) FROM rows")]
    [InlineData("SELECT * FROM query('SELECT 1')")]
    [InlineData("SELECT * FROM query_table('rows')")]
    [InlineData("SELECT * FROM information_schema.tables")]
    [InlineData("SELECT * FROM duckdb_settings()")]
    [InlineData("SELECT * FROM pragma_version()")]
    [InlineData("SELECT * FROM nothing")]
    [InlineData("SELECT * FROM main.nothing")]
    [InlineData("SELECT current_setting('memory_limit')")]
    [InlineData("SELECT getenv('HOME')")]
    [InlineData("SELECT write_log('forged')")]
    [InlineData("SELECT nextval('s')")]
    [InlineData("SELECT version()")]
    [InlineData("COPY rows TO '/tmp/webtrainer-stolen.csv'")]
    [InlineData("ATTACH '/tmp/webtrainer-other.db'")]
    [InlineData("INSTALL httpfs")]
    [InlineData("LOAD httpfs")]
    [InlineData("SET enable_external_access = true")]
    [InlineData("SET memory_limit = '1TB'")]
    [InlineData("RESET lock_configuration")]
    [InlineData("EXPORT DATABASE '/tmp/webtrainer-stolen'")]
    [InlineData("CREATE TABLE more AS SELECT 1")]
    [InlineData("CREATE MACRO one() AS 1")]
    [InlineData("DELETE FROM rows")]
    [InlineData("DESCRIBE rows")]
    [InlineData("SHOW TABLES")]
    [InlineData("EXPLAIN SELECT 1")]
    [InlineData("PRAGMA version")]
    [InlineData("CALL pragma_version()")]
    [InlineData("PREPARE q AS SELECT 1")]
    [InlineData("SELECT 1; SELECT 2")]
    [InlineData("SELECT 1; COPY rows TO '/tmp/webtrainer-stolen.csv'")]
    [InlineData("SELECT FROM WHERE")]
    [InlineData("SELECT ?")]
    [InlineData("-- nothing")]
    [InlineData("")]
    public async Task Query_ThatReachesForMoreThanTheRows_IsRefusedInASentence(string query)
    {
        var version = await _folder.WriteAsync(Generated.Labelled(9, 3));
        var problem = await Assert.ThrowsAsync<DataProblemException>(() => AskAsync(version.Path, query));
        Assert.DoesNotContain("ended the program", problem.Message, StringComparison.Ordinal);
        Assert.False(File.Exists("/tmp/webtrainer-stolen.csv") || Directory.Exists("/tmp/webtrainer-stolen"));
    }

    [Fact]
    public async Task Query_WithMoreRowsThanAreShown_IsCut()
    {
        var version = await _folder.WriteAsync(Generated.Labelled(90, 3));
        var result = await AskAsync(version.Path, "SELECT * FROM rows, rows AS more", new QueryOptions { Rows = 50 });
        Assert.Equal((50, true), (result.Rows.Count, result.IsCut));
    }

    [Fact]
    public async Task Query_WithMoreBytesThanAreShown_IsCut()
    {
        var version = await _folder.WriteAsync(Generated.Labelled(90, 3));
        var result = await AskAsync(version.Path, "SELECT repeat('x', 1000) FROM rows", new QueryOptions { AnswerBytes = 10_000 });
        Assert.True(result.IsCut);
        Assert.InRange(result.Rows.Count, 1, 10);
    }

    [Fact]
    public async Task Query_ThatTakesTooLong_IsEnded()
    {
        var version = await _folder.WriteAsync(Generated.Labelled(2_000, 3));
        var clock = Stopwatch.StartNew();
        var problem = await Assert.ThrowsAsync<DataProblemException>(() =>
            AskAsync(version.Path, Endless, new QueryOptions { Seconds = 2 })
        );
        Assert.Contains("2 seconds", problem.Message, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed.TotalSeconds, 1.9, 6);
        Assert.Empty(Directory.EnumerateDirectories(_folder.Root, "query-*"));
    }

    [Fact]
    public async Task Query_ThatNobodyWaitsForAnyMore_IsEnded()
    {
        var version = await _folder.WriteAsync(Generated.Labelled(2_000, 3));
        using var left = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        using var process = Process(new QueryOptions());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new SqlBox(process).QueryAsync("ada", version.Path, Endless, left.Token)
        );
        Assert.Empty(Directory.EnumerateDirectories(_folder.Root, "query-*"));
    }

    [Fact]
    public async Task Query_OfAnother_DoesNotWaitBehindALongOne()
    {
        var version = await _folder.WriteAsync(Generated.Labelled(2_000, 3));
        using var process = Process(
            new QueryOptions
            {
                AtOnce = 2,
                OfPerson = 1,
                Threads = 1,
            }
        );
        var box = new SqlBox(process);
        using var left = new CancellationTokenSource();
        var endless = box.QueryAsync("ada", version.Path, Endless, left.Token);
        await Assert.ThrowsAsync<DataProblemException>(() => box.QueryAsync("ada", version.Path, "SELECT 1", Ct));
        Assert.Equal("1", (await box.QueryAsync("bo", version.Path, "SELECT 1", Ct)).Rows[0][0]);
        Assert.False(endless.IsCompleted);
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless);
        Assert.Equal("1", (await box.QueryAsync("ada", version.Path, "SELECT 1", Ct)).Rows[0][0]);
    }

    [Fact]
    public async Task Query_ThatNeedsTooMuchMemory_IsRefused_AndTheNextIsAnswered()
    {
        var version = await _folder.WriteAsync(Generated.Labelled(2_000, 3));
        await Assert.ThrowsAsync<DataProblemException>(() =>
            AskAsync(
                version.Path,
                "SELECT list(repeat(a.prompt, 100)) FROM rows AS a, rows AS b",
                new QueryOptions
                {
                    MemoryMiB = 64,
                    ScratchMiB = 1,
                    Seconds = 20,
                }
            )
        );
        Assert.Equal("2000", (await AskAsync(version.Path, "SELECT count(*) FROM rows")).Rows[0][0]);
    }

    private async Task<SqlResult> AskAsync(string version, string query, QueryOptions? options = null)
    {
        using var process = Process(options ?? new QueryOptions());
        return await new SqlBox(process).QueryAsync("ada", version, query, Ct);
    }

    private QueryProcess Process(QueryOptions options) => new(options, _folder.Root);
}
