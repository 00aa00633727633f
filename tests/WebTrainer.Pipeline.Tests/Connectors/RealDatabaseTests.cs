using System.Data.Common;
using System.Diagnostics;
using System.Text.Json;
using MySqlConnector;
using Npgsql;
using WebTrainer.Pipeline.Connectors;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Connectors;

/// <summary>Sources against PostgreSQL and MariaDB as they are; skipped where they are not installed.</summary>
[Trait("Category", "Slow")]
public sealed class RealDatabaseTests(PostgreSqlServer postgres, MariaDbServer maria)
    : IClassFixture<PostgreSqlServer>,
        IClassFixture<MariaDbServer>,
        IDisposable
{
    /// <summary>Far less than the result of 300 MB; other tests of this process have their part in it.</summary>
    private const long MostGrowth = 200L << 20;
    private readonly TemporaryFolder _folder = new();
    private int _syncs;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task PostgreSql_ValuesKeepTheirTypes()
    {
        await ExecuteAsync(
            SqlKind.PostgreSql,
            """
            DROP TABLE IF EXISTS kinds;
            CREATE TABLE kinds (i bigint, s smallint, d numeric(20,5), f real, g double precision, t text, b boolean, y bytea, day date, clock time, at timestamptz, plain timestamp,
                u uuid, j jsonb, a text[], n integer[], net inet, span interval, e text);
            INSERT INTO kinds VALUES (9223372036854775807, -5, 12345.67890, 1.5, 'NaN', 'سلام "x" 😀', true, '\x00ff', '2026-01-31', '13:14:15', '2026-01-31T12:00:00Z', '2026-01-31 12:00:00.123456',
                '11111111-2222-3333-4444-555555555555', '{"messages":[{"role":"user","content":"hi"}]}', ARRAY['a', NULL, 'c'], ARRAY[1,2], '10.0.0.1', '1 day 2 hours', NULL);
            """
        );
        var row = Assert.Single(await RowsAsync(SqlKind.PostgreSql, "SELECT * FROM kinds -- all of it"));
        Assert.Equal(
            """[9223372036854775807,-5,12345.67890,1.5,"NaN","سلام \"x\" \uD83D\uDE00",true,"AP8=","2026-01-31","13:14:15.0000000"]""",
            Json(row, "i", "s", "d", "f", "g", "t", "b", "y", "day", "clock")
        );
        Assert.Equal(
            """["2026-01-31T12:00:00.0000000Z","2026-01-31T12:00:00.1234560","11111111-2222-3333-4444-555555555555",["a",null,"c"],[1,2],"10.0.0.1","1.02:00:00",null]""",
            Json(row, "at", "plain", "u", "a", "n", "net", "span", "e")
        );
        Assert.Equal("hi", row.GetProperty("j").GetProperty("messages")[0].GetProperty("content").GetString());
    }

    [Fact]
    public async Task MariaDb_ValuesKeepTheirTypes_AndDaysThatAreNoneAreNothing()
    {
        await ExecuteAsync(
            SqlKind.MySql,
            """
            DROP TABLE IF EXISTS kinds;
            CREATE TABLE kinds (i bigint unsigned, s tinyint, d decimal(20,5), f float, g double, t text, b boolean, y blob, day date, clock time, at datetime(6), none datetime, u char(36), j json, c enum('x','y'), n text) CHARACTER SET utf8mb4;
            SET sql_mode = '';
            INSERT INTO kinds VALUES (18446744073709551615, -5, 12345.67890, 1.5, 2.25, 'سلام "x" 😀', true, x'00ff', '2026-01-31', '13:14:15', '2026-01-31 12:00:00.123456', '0000-00-00 00:00:00',
                '11111111-2222-3333-4444-555555555555', '{"a":1}', 'y', NULL);
            """
        );
        var row = Assert.Single(await RowsAsync(SqlKind.MySql, "SELECT * FROM kinds # all of it"));
        Assert.Equal(
            """[18446744073709551615,-5,12345.67890,1.5,2.25,"سلام \"x\" \uD83D\uDE00",true,"AP8="]""",
            Json(row, "i", "s", "d", "f", "g", "t", "b", "y")
        );
        Assert.Equal(
            """["2026-01-31T00:00:00.0000000","13:14:15","2026-01-31T12:00:00.1234560",null,"11111111-2222-3333-4444-555555555555","y",null]""",
            Json(row, "day", "clock", "at", "none", "u", "c", "n")
        );
    }

    [Theory]
    [InlineData(SqlKind.PostgreSql, "bigint", "1", "2", "3")]
    [InlineData(
        SqlKind.PostgreSql,
        "timestamptz",
        "'2026-01-01T00:00:00.000001Z'",
        "'2026-01-01T00:00:00.000002Z'",
        "'2026-01-01T00:00:00.000003Z'"
    )]
    [InlineData(SqlKind.PostgreSql, "date", "'2026-01-01'", "'2026-01-02'", "'2026-11-03'")]
    [InlineData(
        SqlKind.PostgreSql,
        "uuid",
        "'00000000-0000-0000-0000-000000000001'",
        "'00000000-0000-0000-0000-000000000002'",
        "'00000000-0000-0000-0000-000000000003'"
    )]
    [InlineData(SqlKind.PostgreSql, "text", "'a'", "'b'", "'c'")]
    [InlineData(SqlKind.PostgreSql, "double precision", "0.1", "0.2", "0.3")]
    [InlineData(SqlKind.MySql, "bigint unsigned", "1", "18446744073709551614", "18446744073709551615")]
    [InlineData(
        SqlKind.MySql,
        "datetime(6)",
        "'2026-01-01 00:00:00.000001'",
        "'2026-01-01 00:00:00.000002'",
        "'2026-01-01 00:00:00.000003'"
    )]
    [InlineData(SqlKind.MySql, "varchar(20)", "'a'", "'b'", "'c'")]
    public async Task Cursor_OfAnyType_GivesWhatCameAfterTheLast(SqlKind kind, string type, string first, string second, string third)
    {
        await ExecuteAsync(
            kind,
            $"DROP TABLE IF EXISTS cursors; CREATE TABLE cursors (c {type}, t text); INSERT INTO cursors VALUES ({second}, 'second'), ({first}, 'first')"
        );
        var settings = new SourceSettings { Query = "SELECT * FROM cursors", Cursor = "c" };
        var fetched = await FetchAsync(kind, settings);
        Assert.Equal(["first", "second"], Lines(fetched).Select(l => l.GetProperty("t").GetString()));
        Assert.Empty((await FetchAsync(kind, settings, fetched.State)).Files);
        await ExecuteAsync(kind, $"INSERT INTO cursors VALUES ({third}, 'third')");
        Assert.Equal(["third"], Lines(await FetchAsync(kind, settings, fetched.State)).Select(l => l.GetProperty("t").GetString()));
        await ExecuteAsync(kind, $"INSERT INTO cursors VALUES ({second}, 'late')");
        Assert.Equal(["late", "third"], Lines(await FetchAsync(kind, settings, fetched.State)).Select(l => l.GetProperty("t").GetString()));
    }

    [Theory]
    [InlineData(SqlKind.PostgreSql, "SELECT i AS id, repeat('x', 1000) AS t FROM generate_series(1, 300000) i")]
    [InlineData(SqlKind.MySql, "SELECT seq AS id, repeat('x', 1000) AS t FROM seq_1_to_300000")]
    public async Task ALargeResult_IsStreamed(SqlKind kind, string query)
    {
        Require(kind);
        GC.Collect();
        var before = Environment.WorkingSet;
        var most = new Most();
        var fetched = await Connector(kind).FetchAsync(new SourceSettings { Query = query }, Secret(kind), null, NewFolder(), most, Ct);
        Assert.InRange(new FileInfo(fetched.Files[0].Path).Length, 300_000_000, 320_000_000);
        Assert.InRange(most.WorkingSet - before, long.MinValue, MostGrowth);
    }

    [Theory]
    [InlineData(SqlKind.PostgreSql, "SELECT generate_series(1, 2000000000) AS i")]
    [InlineData(SqlKind.MySql, "SELECT seq FROM seq_1_to_2000000000")]
    public async Task MoreRowsThanAllowed_EndAtOnce(SqlKind kind, string query)
    {
        Require(kind);
        var connector = new SqlConnector(kind, new ConnectorOptions { AllowedHosts = ["127.0.0.1"], MaxQueryRows = 1_000 });
        var problem = await Assert.ThrowsAsync<DataProblemException>(() =>
            connector
                .FetchAsync(new SourceSettings { Query = query }, Secret(kind), null, NewFolder(), null, Ct)
                .WaitAsync(TimeSpan.FromSeconds(60), Ct)
        );
        Assert.Contains("1,000 rows", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SqlKind.PostgreSql, "SELECT 1 FROM pg_sleep(60)")]
    [InlineData(SqlKind.MySql, "SELECT count(*) FROM seq_1_to_100000000 a, seq_1_to_100000000 b")]
    public async Task AQueryThatTakesTooLong_IsStopped_AndSaysSo(SqlKind kind, string query)
    {
        Require(kind);
        var connector = new SqlConnector(kind, new ConnectorOptions { AllowedHosts = ["127.0.0.1"], TimeoutSeconds = 2 });
        var clock = Stopwatch.StartNew();
        var problem = await Assert.ThrowsAsync<DataProblemException>(() =>
            connector.FetchAsync(new SourceSettings { Query = query }, Secret(kind), null, NewFolder(), null, Ct)
        );
        Assert.Contains("within 2 seconds", problem.Message, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed.TotalSeconds, 1, 40);
    }

    [Theory]
    [InlineData(SqlKind.PostgreSql, "WITH x AS (DELETE FROM kept RETURNING *) SELECT * FROM x")]
    [InlineData(SqlKind.PostgreSql, "SELECT * FROM kept FOR UPDATE")]
    [InlineData(SqlKind.PostgreSql, "SELECT set_config('transaction_read_only', 'off', false)")]
    [InlineData(SqlKind.MySql, "WITH x AS (SELECT 1) DELETE FROM kept")]
    [InlineData(SqlKind.MySql, "SELECT * FROM kept INTO OUTFILE '/tmp/never'")]
    public async Task AQueryThatWrites_IsRefused(SqlKind kind, string query)
    {
        await ExecuteAsync(kind, "DROP TABLE IF EXISTS kept; CREATE TABLE kept (t text); INSERT INTO kept VALUES ('here')");
        await Assert.ThrowsAsync<DataProblemException>(() => FetchAsync(kind, new SourceSettings { Query = query }));
        Assert.Single(await RowsAsync(kind, "SELECT * FROM kept"));
    }

    [Theory]
    [InlineData(SqlKind.PostgreSql, "SSL Mode=VerifyFull")]
    [InlineData(SqlKind.MySql, "SSL Mode=VerifyFull")]
    public async Task Tls_IsCheckedByTheAdministratorsCertificates(SqlKind kind, string mode)
    {
        Require(kind);
        var secret = Secret(kind) with { Connection = $"{Secret(kind).Connection};{mode}" };
        var query =
            kind == SqlKind.PostgreSql
                ? "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
                : "SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_cipher'";
        var settings = new SourceSettings { Query = query };
        await Assert.ThrowsAsync<DataProblemException>(() => Connector(kind).TestAsync(settings, secret, Ct));
        var authority = kind == SqlKind.PostgreSql ? postgres.Authority : maria.Authority;
        var checking = new SqlConnector(kind, new ConnectorOptions { AllowedHosts = ["127.0.0.1"], DatabaseCertificates = authority });
        var fetched = await checking.FetchAsync(settings, secret, null, NewFolder(), null, Ct);
        Assert.DoesNotContain("false", File.ReadAllText(fetched.Files[0].Path), StringComparison.Ordinal);
        Assert.DoesNotContain("\"\"", File.ReadAllText(fetched.Files[0].Path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SqlKind.PostgreSql, "Root Certificate=/etc/passwd")]
    [InlineData(SqlKind.PostgreSql, "Passfile=/etc/passwd")]
    [InlineData(SqlKind.MySql, "SSL CA=/etc/passwd")]
    [InlineData(SqlKind.MySql, "Certificate File=/etc/passwd")]
    public async Task FilesOfTheServer_InAConnectionString_AreRefused(SqlKind kind, string file)
    {
        var connection = kind == SqlKind.PostgreSql ? "Host=127.0.0.1;Username=a;" : "Server=127.0.0.1;User ID=a;";
        var problem = await Assert.ThrowsAsync<DataProblemException>(() =>
            Connector(kind).TestAsync(new SourceSettings { Query = "SELECT 1" }, new SourceSecret { Connection = connection + file }, Ct)
        );
        Assert.Contains("names no files", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ANumberBeyondAllOthers_NamesRowAndColumn()
    {
        postgres.Require();
        var problem = await Assert.ThrowsAsync<DataProblemException>(() =>
            FetchAsync(SqlKind.PostgreSql, new SourceSettings { Query = "SELECT 1 AS a UNION ALL SELECT 1e60::numeric" })
        );
        Assert.Contains("'a'", problem.Message, StringComparison.Ordinal);
        Assert.Contains("Row 2", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SqlKind.PostgreSql)]
    [InlineData(SqlKind.MySql)]
    public async Task AWrongPassword_IsTold_WithoutIt(SqlKind kind)
    {
        Require(kind);
        var password = kind == SqlKind.PostgreSql ? postgres.Password : maria.Password;
        var secret = Secret(kind) with { Connection = Secret(kind).Connection.Replace(password, "wrong-one", StringComparison.Ordinal) };
        var problem = await Assert.ThrowsAsync<DataProblemException>(() =>
            Connector(kind).TestAsync(new SourceSettings { Query = "SELECT 1" }, secret, Ct)
        );
        Assert.DoesNotContain("wrong-one", problem.Message, StringComparison.Ordinal);
    }

    private static string Json(JsonElement row, params string[] names) =>
        $"[{string.Join(',', names.Select(n => row.GetProperty(n).GetRawText()))}]";

    private static IEnumerable<JsonElement> Lines(Fetched fetched) =>
        File.ReadLines(Assert.Single(fetched.Files).Path).Select(line => JsonDocument.Parse(line).RootElement);

    private async Task<List<JsonElement>> RowsAsync(SqlKind kind, string query) =>
        [.. Lines(await FetchAsync(kind, new SourceSettings { Query = query }))];

    private Task<Fetched> FetchAsync(SqlKind kind, SourceSettings settings, string? state = null)
    {
        Require(kind);
        return Connector(kind).FetchAsync(settings, Secret(kind), state, NewFolder(), null, Ct);
    }

    private static SqlConnector Connector(SqlKind kind) => new(kind, new ConnectorOptions { AllowedHosts = ["127.0.0.1"] });

    private SourceSecret Secret(SqlKind kind) => new() { Connection = kind == SqlKind.PostgreSql ? postgres.Connection : maria.Connection };

    private void Require(SqlKind kind)
    {
        if (kind == SqlKind.PostgreSql)
        {
            postgres.Require();
        }
        else
        {
            maria.Require();
        }
    }

    private string NewFolder() => Directory.CreateDirectory(_folder.At($"sync{_syncs++}")).FullName;

    private async Task ExecuteAsync(SqlKind kind, string sql)
    {
        Require(kind);
        await using DbConnection connection =
            kind == SqlKind.PostgreSql
                ? new NpgsqlConnection(postgres.Connection + ";Pooling=False")
                : new MySqlConnection(maria.Connection + ";Pooling=False");
        await connection.OpenAsync(Ct);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Ct);
    }

    private sealed class Most : IProgress<WorkProgress>
    {
        public long WorkingSet { get; private set; }

        public void Report(WorkProgress value) =>
            WorkingSet = value.Done % 20_000 == 0 ? Math.Max(WorkingSet, Environment.WorkingSet) : WorkingSet;
    }
}
