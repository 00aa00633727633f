using System.Text;
using WebTrainer.Pipeline.Connectors;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Connectors;

/// <summary>Buckets against a server that checks signatures and lists in pages.</summary>
public sealed class S3Tests : IDisposable
{
    private const string Row = "{\"question\":\"a\",\"answer\":\"b\"}\n";
    private readonly TemporaryFolder _folder = new();
    private readonly S3Server _server = new() { PageObjects = 3 };
    private readonly ConnectorOptions _options;
    private readonly SafeHttp _http;
    private int _syncs;

    public S3Tests()
    {
        _options = new ConnectorOptions { AllowedHosts = [$"127.0.0.1:{_server.Port}"], TimeoutSeconds = 20 };
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
    public async Task AListingOfManyPages_GivesEachObjectOnce_WithSignaturesThatAreRight()
    {
        for (var i = 0; i < 10; i++)
        {
            _server.Objects[$"in/part {i}.jsonl"] = Encoding.UTF8.GetBytes(Row);
        }

        _server.Objects["in/"] = [];
        _server.Objects["out/other.jsonl"] = Encoding.UTF8.GetBytes(Row);
        var fetched = await FetchAsync();
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"part {i}.jsonl"), fetched.Files.Select(f => f.Name));
        Assert.Equal(4, _server.Asked.Count(a => a.Path.Contains("list-type=2", StringComparison.Ordinal)));
        Assert.All(_server.Asked, a => Assert.Equal(200, a.Status));
        Assert.Empty((await FetchAsync(fetched.State)).Files);

        _server.Objects["in/part 3.jsonl"] = Encoding.UTF8.GetBytes(Row + Row);
        Assert.Equal("part 3.jsonl", Assert.Single((await FetchAsync(fetched.State)).Files).Name);
    }

    [Theory]
    [InlineData("in/پرسش‌ها ۱.jsonl")]
    [InlineData("in/a+b&c=d%20e#f?g.jsonl")]
    [InlineData("in/ü/()'!*~.jsonl")]
    [InlineData("in//twice.jsonl")]
    public async Task NamesOfAnyLetters_AreSignedAsTheServerReadsThem(string key)
    {
        _server.Objects[key] = Encoding.UTF8.GetBytes(Row);
        var file = Assert.Single((await FetchAsync()).Files);
        Assert.Equal((Row, key.Split('/')[^1]), (await File.ReadAllTextAsync(file.Path, Ct), file.Name));
    }

    [Theory]
    [InlineData("wrong", "data", "eu-west-1", "SignatureDoesNotMatch")]
    [InlineData(null, "data", "us-east-1", "InvalidAccessKeyId")]
    [InlineData(null, "other", "eu-west-1", "NoSuchBucket")]
    public async Task WhatTheServerRefuses_IsTold_WithoutTheKey(string? secret, string bucket, string region, string code)
    {
        var problem = await Assert.ThrowsAsync<DataProblemException>(() =>
            new S3Connector(_http, _options).TestAsync(
                Settings with
                {
                    Bucket = bucket,
                    Region = region,
                },
                new SourceSecret { AccessKey = "AKIDEXAMPLE", SecretKey = secret ?? _server.Secret },
                Ct
            )
        );
        Assert.Contains(code, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_server.Secret, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutAKey_NothingIsSigned() =>
        Assert.Contains(
            "AccessDenied",
            (await Assert.ThrowsAsync<DataProblemException>(() => new S3Connector(_http, _options).TestAsync(Settings, new(), Ct))).Message,
            StringComparison.Ordinal
        );

    [Fact]
    [Trait("Category", "Slow")]
    public async Task AServerThatIsBusy_IsAskedAgain()
    {
        _server.Objects["in/a.jsonl"] = Encoding.UTF8.GetBytes(Row);
        _server.BeBusy(2);
        Assert.Single((await FetchAsync()).Files);
        Assert.Equal(2, _server.Asked.Count(a => a.Status == 503));
    }

    [Fact]
    public async Task ATransferThatBreaksOff_IsNoFile()
    {
        _server.Objects["in/a.jsonl"] = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Row, 50_000)));
        _server.Breaking.Add("in/a.jsonl");
        await Assert.ThrowsAsync<DataProblemException>(() => FetchAsync());
    }

    [Fact]
    public async Task AnObjectThatIsNotWhatItsTagSays_IsNoFile()
    {
        _server.Objects["in/a.jsonl"] = Encoding.UTF8.GetBytes(Row);
        _server.TagsSayMd5 = true;
        Assert.Contains(
            "in/a.jsonl",
            (await Assert.ThrowsAsync<DataProblemException>(() => FetchAsync())).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AnObjectBeyondTheLimit_IsRefused(bool tagsSayMd5)
    {
        _server.TagsSayMd5 = tagsSayMd5;
        _server.Objects["in/a.jsonl"] = new byte[2_000];
        _options.MaxFetchBytes = 1_000;
        await Assert.ThrowsAsync<DataProblemException>(() => FetchAsync());
    }

    private SourceSettings Settings =>
        new()
        {
            Url = $"http://127.0.0.1:{_server.Port}/",
            Bucket = "data",
            Prefix = "in/",
            Region = "eu-west-1",
        };

    private Task<Fetched> FetchAsync(string? state = null) =>
        new S3Connector(_http, _options).FetchAsync(
            Settings,
            new SourceSecret { AccessKey = "AKIDEXAMPLE", SecretKey = _server.Secret },
            state,
            Directory.CreateDirectory(_folder.At($"sync{_syncs++}")).FullName,
            null,
            Ct
        );
}
