using System.Text.Json;
using Microsoft.Data.Sqlite;
using WebTrainer.Pipeline.Connectors;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Connectors;

[Trait("Category", "Slow")]
public sealed class ConnectorTests : IDisposable
{
    private const string Two = "{\"question\":\"a\",\"answer\":\"b\"}\n{\"question\":\"c\",\"answer\":\"d\"}\n";
    private readonly TemporaryFolder _folder = new();
    private readonly LoopbackServer _server = new();
    private readonly ConnectorOptions _options;
    private readonly SafeHttp _http;
    private int _syncs;

    public ConnectorTests()
    {
        _options = new ConnectorOptions
        {
            AllowedHosts = [$"127.0.0.1:{_server.Port}"],
            Folders = [_folder.At("allowed")],
            HuggingFaceAddress = _server.Address,
            TimeoutSeconds = 20,
            AirbyteCommands =
            {
                ["tickets"] = new AirbyteCommand
                {
                    File = "dotnet",
                    Arguments = [Path.Combine(AppContext.BaseDirectory, "WebTrainer.AirbyteSource.dll")],
                },
            },
        };
        Directory.CreateDirectory(_folder.At("allowed"));
        _http = new SafeHttp(_options);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _http.Dispose();
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Web_FetchesAgainOnlyWhatChanged()
    {
        _server.Files["/rows.jsonl"] = (Two, "\"1\"");
        var connector = new WebConnector(_http);
        var settings = new SourceSettings { Url = _server.Address + "rows.jsonl" };
        Assert.Contains($"{Two.Length}", await connector.TestAsync(settings, new(), Ct), StringComparison.Ordinal);
        var first = await FetchAsync(connector, settings);
        Assert.Equal((Two, "rows.jsonl", false), (File.ReadAllText(first.Files[0].Path), first.Files[0].Name, first.Adds));
        Assert.Empty((await FetchAsync(connector, settings, first.State)).Files);
        _server.Files["/rows.jsonl"] = ("{}", "\"2\"");
        Assert.Single((await FetchAsync(connector, settings, first.State)).Files);
    }

    [Fact]
    public async Task Web_LargerThanTheLimit_IsRefused()
    {
        _options.MaxFetchBytes = 10;
        _server.Files["/rows.jsonl"] = (Two, null);
        await Assert.ThrowsAsync<DataProblemException>(() =>
            FetchAsync(new WebConnector(_http), new SourceSettings { Url = _server.Address + "rows.jsonl" })
        );
    }

    [Fact]
    public async Task Hub_FetchesTheFilesOfASplit_AndRefusesNamesThatAreNone()
    {
        _server.Files["/api/datasets/team/faq/parquet"] = (
            $$$"""{"default":{"train":["{{{_server.Address}}}0.parquet","{{{_server.Address}}}1.parquet"]}}""",
            null
        );
        _server.Files["/0.parquet"] = ("zero", null);
        _server.Files["/1.parquet"] = ("one", null);
        var connector = new HubConnector(_http, _options);
        var fetched = await FetchAsync(connector, new SourceSettings { Dataset = "team/faq" });
        Assert.Equal(["zero", "one"], fetched.Files.Select(f => File.ReadAllText(f.Path)));
        await Assert.ThrowsAsync<DataProblemException>(() =>
            FetchAsync(connector, new SourceSettings { Dataset = "team/faq", Split = "exam" })
        );
        foreach (var name in new[] { "", "../x", "a/b/c", "a/../b", "a b" })
        {
            Assert.NotNull(connector.Fault(new SourceSettings { Dataset = name }));
        }
    }

    [Fact]
    public async Task S3_FetchesNewObjectsOnly()
    {
        var connector = new S3Connector(_http, _options);
        var settings = new SourceSettings
        {
            Url = _server.Address,
            Bucket = "data",
            Prefix = "in/",
        };
        var secret = new SourceSecret { AccessKey = "key", SecretKey = "secret" };
        const string List = "/data/?list-type=2&prefix=in%2F";
        _server.Files[List] = (Listing(("in/a.jsonl", "1")), null);
        _server.Files["/data/in/a.jsonl"] = (Two, null);
        _server.Files["/data/in/b.jsonl"] = ("{}", null);
        Assert.Contains("1 objects", await connector.TestAsync(settings, secret, Ct), StringComparison.Ordinal);
        var first = await FetchAsync(connector, settings, null, secret);
        Assert.Equal(("a.jsonl", true), (Assert.Single(first.Files).Name, first.Adds));
        Assert.All(_server.Authorizations, a => Assert.StartsWith("AWS4-HMAC-SHA256 Credential=key/", a, StringComparison.Ordinal));
        _server.Files[List] = (Listing(("in/a.jsonl", "1"), ("in/b.jsonl", "2")), null);
        Assert.Equal("b.jsonl", Assert.Single((await FetchAsync(connector, settings, first.State, secret)).Files).Name);

        static string Listing(params (string Key, string Tag)[] objects) =>
            $"<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>data</Name><KeyCount>{objects.Length}</KeyCount><IsTruncated>false</IsTruncated>"
            + string.Concat(
                objects.Select(o =>
                    $"<Contents><Key>{o.Key}</Key><ETag>&quot;{o.Tag}&quot;</ETag><Size>1</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
                )
            )
            + "</ListBucketResult>";
    }

    [Fact]
    public async Task S3_InsideTheServersNetwork_IsRefused()
    {
        using var other = new LoopbackServer();
        await Assert.ThrowsAsync<DataProblemException>(() =>
            new S3Connector(_http, _options).TestAsync(new SourceSettings { Url = other.Address, Bucket = "data" }, new(), Ct)
        );
        Assert.Empty(other.Asked);
    }

    [Fact]
    public async Task Folder_FetchesNewAndChangedFiles_AndNothingOutsideIt()
    {
        var connector = new FolderConnector(_http, _options);
        var settings = new SourceSettings { Path = _folder.At("allowed"), Pattern = "*.jsonl" };
        File.WriteAllText(_folder.At("allowed/a.jsonl"), Two);
        File.WriteAllText(_folder.At("allowed/b.txt"), "no");
        File.WriteAllText(_folder.At("secret.jsonl"), "secret");
        File.CreateSymbolicLink(_folder.At("allowed/link.jsonl"), _folder.At("secret.jsonl"));
        Directory.CreateSymbolicLink(_folder.At("allowed/out"), _folder.Root);
        var first = await FetchAsync(connector, settings);
        Assert.Equal("a.jsonl", Assert.Single(first.Files).Name);
        Assert.Empty((await FetchAsync(connector, settings, first.State)).Files);
        File.WriteAllText(_folder.At("allowed/c.jsonl"), Two);
        Assert.Equal("c.jsonl", Assert.Single((await FetchAsync(connector, settings, first.State)).Files).Name);
        foreach (
            var path in new[]
            {
                "/etc",
                _folder.Root,
                _folder.At("allowed/../"),
                _folder.At("allowed/out"),
                _folder.At("allowed2"),
                "relative",
                "",
            }
        )
        {
            Assert.NotNull(connector.Fault(settings with { Path = path }));
        }
    }

    [Fact]
    public async Task Sqlite_GivesWhatCameAfterTheCursor_AndCannotWrite()
    {
        var file = _folder.At("allowed/tickets.db");
        Execute(
            file,
            "CREATE TABLE tickets (id INTEGER PRIMARY KEY, question TEXT, answer TEXT); INSERT INTO tickets VALUES (1, 'a', 'b'), (2, 'c', NULL)"
        );
        var connector = new SqlConnector(SqlKind.Sqlite, _options);
        var settings = new SourceSettings
        {
            Path = file,
            Query = "SELECT id, question, answer FROM tickets;",
            Cursor = "id",
        };
        Assert.Contains("id, question, answer", await connector.TestAsync(settings, new(), Ct), StringComparison.Ordinal);
        var first = await FetchAsync(connector, settings);
        Assert.Equal(
            "{\"id\":1,\"question\":\"a\",\"answer\":\"b\"}\n{\"id\":2,\"question\":\"c\",\"answer\":null}\n",
            File.ReadAllText(first.Files[0].Path)
        );
        Assert.Empty((await FetchAsync(connector, settings, first.State)).Files);
        Execute(file, "INSERT INTO tickets VALUES (3, 'e', 'f')");
        Assert.Contains(
            "\"id\":3",
            File.ReadAllText(Assert.Single((await FetchAsync(connector, settings, first.State)).Files).Path),
            StringComparison.Ordinal
        );
        foreach (
            var query in new[]
            {
                "DELETE FROM tickets",
                "SELECT 1) q; DELETE FROM tickets; --",
                "WITH x AS (SELECT 1) DELETE FROM tickets",
                "",
                "SELECT * FROM nothing",
            }
        )
        {
            await Assert.ThrowsAsync<DataProblemException>(() => FetchAsync(connector, settings with { Query = query, Cursor = "" }));
        }

        Assert.Single((await FetchAsync(connector, settings)).Files);
        Assert.NotNull(connector.Fault(settings with { Cursor = "id; DROP TABLE tickets" }));
    }

    [Theory]
    [InlineData("TEXT", "'2026-01-02'", "'2026-01-03'")]
    [InlineData("INTEGER", "2", "3")]
    [InlineData("REAL", "0.2", "0.3")]
    public async Task Cursor_RowsWrittenLateWithTheLastValue_ComeOnceEach(string type, string last, string later)
    {
        var file = _folder.At("allowed/late.db");
        Execute(file, $"CREATE TABLE notes (day {type}, text TEXT); INSERT INTO notes VALUES ({last}, 'a'), ({last}, 'b'), ({last}, 'b')");
        var connector = new SqlConnector(SqlKind.Sqlite, _options);
        var settings = new SourceSettings
        {
            Path = file,
            Query = "SELECT day, text FROM notes",
            Cursor = "day",
        };
        var state = (await FetchAsync(connector, settings)).State;
        Assert.Empty((await FetchAsync(connector, settings, state)).Files);
        Execute(file, $"INSERT INTO notes VALUES ({last}, 'late'), ({last}, 'b'), ({later}, 'new')");
        var second = await FetchAsync(connector, settings, state);
        Assert.Equal(["late", "b", "new"], Texts(second));
        Assert.Empty((await FetchAsync(connector, settings, second.State)).Files);
        Execute(file, $"INSERT INTO notes VALUES ({later}, 'last')");
        Assert.Equal(["last"], Texts(await FetchAsync(connector, settings, second.State)));
    }

    [Fact]
    public async Task Cursor_ManyRowsWithTheLastValue_AreNotAllRemembered()
    {
        var file = _folder.At("allowed/many.db");
        Execute(
            file,
            $"CREATE TABLE notes AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= {CursorRows.MaxRemembered}) SELECT 1 AS day, 'x' || i AS text FROM n"
        );
        var connector = new SqlConnector(SqlKind.Sqlite, _options);
        var settings = new SourceSettings
        {
            Path = file,
            Query = "SELECT day, text FROM notes",
            Cursor = "day",
        };
        var state = (await FetchAsync(connector, settings)).State;
        Assert.InRange(state!.Length, 1, 100);
        Execute(file, "INSERT INTO notes VALUES (2, 'new')");
        Assert.Equal(["new"], Texts(await FetchAsync(connector, settings, state)));
    }

    private static IEnumerable<string> Texts(Fetched fetched) =>
        File.ReadLines(Assert.Single(fetched.Files).Path)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("text").GetString()!);

    [Theory]
    [InlineData(SqlKind.PostgreSql, "Host=127.0.0.1;Username=a;Password=b")]
    [InlineData(SqlKind.PostgreSql, "Host=/var/run/postgresql")]
    [InlineData(SqlKind.PostgreSql, "nonsense")]
    [InlineData(SqlKind.MySql, "Server=localhost;User=a")]
    public async Task Database_OnAHostThatNobodyAllowed_IsRefused(SqlKind kind, string connection) =>
        await Assert.ThrowsAsync<DataProblemException>(() =>
            new SqlConnector(kind, _options).TestAsync(
                new SourceSettings { Query = "SELECT 1" },
                new SourceSecret { Connection = connection },
                Ct
            )
        );

    [Fact]
    public async Task Airbyte_ReadsRecords_KeepsState_AndGoesOnFromIt()
    {
        var connector = new AirbyteConnector(_options, new ImportLimits());
        var settings = new SourceSettings { Command = "tickets" };
        Assert.Equal("The source can be reached.", await connector.TestAsync(settings, Config("\"password\":\"right\""), Ct));
        var refusal = await Assert.ThrowsAsync<DataProblemException>(() =>
            connector.TestAsync(settings, Config("\"password\":\"wrong\""), Ct)
        );
        Assert.Contains("the password is wrong", refusal.Message, StringComparison.Ordinal);

        var first = await FetchAsync(connector, settings, null, Config("\"tickets\":3"));
        var lines = File.ReadAllLines(Assert.Single(first.Files).Path);
        Assert.Equal(6, lines.Length); // without a stream's name, what the source gives counts
        first = await FetchAsync(connector, settings with { Stream = "tickets" }, null, Config("\"tickets\":3"));
        Assert.Equal(3, File.ReadAllLines(first.Files[0].Path).Length);
        Assert.True(first.Adds);
        var second = await FetchAsync(connector, settings with { Stream = "tickets" }, first.State, Config("\"tickets\":5"));
        Assert.Equal(
            ["What is ticket 4?", "What is ticket 5?"],
            File.ReadAllLines(second.Files[0].Path)
                .Select(l => System.Text.Json.JsonDocument.Parse(l).RootElement.GetProperty("question").GetString())
        );
        Assert.Empty((await FetchAsync(connector, settings with { Stream = "tickets" }, second.State, Config("\"tickets\":5"))).Files);
        await Assert.ThrowsAsync<DataProblemException>(() =>
            FetchAsync(connector, settings with { Stream = "nothing" }, null, Config("\"tickets\":5"))
        );
    }

    [Fact]
    public async Task Airbyte_ThatGivesUp_SaysWhy_AndWhatHangsCanBeStopped()
    {
        var connector = new AirbyteConnector(_options, new ImportLimits());
        var settings = new SourceSettings { Command = "tickets", Stream = "tickets" };
        var refusal = await Assert.ThrowsAsync<DataProblemException>(() =>
            FetchAsync(connector, settings, null, Config("\"tickets\":9,\"fails\":\"halfway\""))
        );
        Assert.Contains("the server went away", refusal.Message, StringComparison.Ordinal);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var progress = new Stopping(stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            connector.FetchAsync(settings, Config("\"tickets\":1,\"fails\":\"hangs\""), null, NewFolder(), progress, stop.Token)
        );
        Assert.NotNull(connector.Fault(new SourceSettings { Command = "/bin/sh" }));
    }

    [Fact]
    public async Task Airbyte_MessagesInAFile_AreReadToo()
    {
        var file = _folder.At("allowed/messages.jsonl");
        File.WriteAllText(
            file,
            """
            {"type":"LOG","log":{"level":"INFO","message":"hello"}}
            not a message
            {"type":"RECORD","record":{"stream":"s","data":{"question":"a","answer":"b"}}}
            {"type":"STATE","state":{"data":{"last":7}}}
            """
        );
        var fetched = await FetchAsync(new AirbyteConnector(_options, new ImportLimits()), new SourceSettings { Path = file });
        Assert.Equal("{\"question\":\"a\",\"answer\":\"b\"}\n", File.ReadAllText(fetched.Files[0].Path));
        Assert.Equal("{\"last\":7}", fetched.State);
    }

    private static SourceSecret Config(string json) => new() { Configuration = "{" + json + "}" };

    private Task<Fetched> FetchAsync(IConnector connector, SourceSettings settings, string? state = null, SourceSecret? secret = null) =>
        connector.FetchAsync(settings, secret ?? new SourceSecret(), state, NewFolder(), null, Ct);

    private string NewFolder() => Directory.CreateDirectory(_folder.At($"sync{_syncs++}")).FullName;

    private static void Execute(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed class Stopping(CancellationTokenSource stop) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => stop.Cancel();
    }
}
