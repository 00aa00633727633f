using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using WebTrainer.Domain;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Connectors;

namespace WebTrainer.Models.Tests;

/// <summary>Against a small server that speaks as the hub does.</summary>
public sealed class HubModelTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hub-model-").FullName;
    private readonly byte[] _weights = RandomNumberGenerator.GetBytes(300_000);
    private readonly List<string> _ranges = [];
    private WebApplication _hub = null!;
    private bool _breaksOff,
        _corrupts,
        _fallsSilent;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _hub = builder.Build();
        _hub.MapGet(
            "/api/models/team/small/tree/main",
            () =>
                Results.Json(
                    new object[]
                    {
                        File("config.json", "{}"u8.ToArray(), lfs: false),
                        File("model.safetensors", _weights, lfs: true),
                        File("pytorch_model.bin", _weights, lfs: true),
                        new
                        {
                            type = "directory",
                            path = "onnx",
                            oid = "x",
                            size = 0,
                        },
                        new
                        {
                            type = "directory",
                            path = "1_Pooling",
                            oid = "x",
                            size = 0,
                        },
                    }
                )
        );
        _hub.MapGet(
            "/api/models/team/small/tree/main/1_Pooling",
            () =>
                Results.Json(
                    new object[]
                    {
                        File("1_Pooling/config.json", "{ }"u8.ToArray(), lfs: false),
                        File("1_Pooling/more.json", "{ }"u8.ToArray(), lfs: false),
                    }
                )
        );
        _hub.MapGet(
            "/api/models/team/manners/tree/main",
            () =>
                Results.Json(
                    new object[]
                    {
                        File("adapter_config.json", "{}"u8.ToArray(), lfs: false),
                        File("adapter_model.safetensors", _weights, lfs: true),
                        File("optimizer.pt", _weights, lfs: true),
                        File("tokenizer.json", "{}"u8.ToArray(), lfs: false),
                    }
                )
        );
        _hub.MapGet("/team/manners/resolve/main/adapter_config.json", () => Results.Bytes("{}"u8.ToArray()));
        _hub.MapGet("/team/manners/resolve/main/adapter_model.safetensors", SendWeightsAsync);
        _hub.MapGet("/team/small/resolve/main/1_Pooling/config.json", () => Results.Bytes("{ }"u8.ToArray()));
        _hub.MapGet("/team/small/resolve/main/config.json", () => Results.Bytes("{}"u8.ToArray()));
        _hub.MapGet("/team/small/resolve/main/model.safetensors", SendWeightsAsync);
        await _hub.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Model_IsFetchedWithoutWhatIsNotWanted()
    {
        await FetchAsync();
        Assert.Equal(_weights, await System.IO.File.ReadAllBytesAsync(Path.Combine(_folder, "model.safetensors"), Ct));
        Assert.Equal(2, Directory.GetFiles(_folder).Length);
        Assert.Equal(
            "{ }",
            await System.IO.File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(Path.Combine(_folder, "1_Pooling"))), Ct)
        );
    }

    [Fact]
    public async Task Adapter_IsFetchedWithoutWhatIsNotWanted()
    {
        await FetchAsync("team/manners", FolderKind.Adapter);
        Assert.Equal(
            ["adapter_config.json", "adapter_model.safetensors"],
            Directory.EnumerateFiles(_folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)
        );
        Assert.Equal(_weights, await System.IO.File.ReadAllBytesAsync(Path.Combine(_folder, "adapter_model.safetensors"), Ct));
    }

    [Fact]
    public async Task FolderOfTheOtherKind_IsRefusedWithWhatItIs()
    {
        var adapter = await Assert.ThrowsAsync<RuleViolationException>(() => FetchAsync("team/manners", FolderKind.Model));
        Assert.Contains("fetch it as an adapter", adapter.Message, StringComparison.Ordinal);
        var model = await Assert.ThrowsAsync<RuleViolationException>(() => FetchAsync("team/small", FolderKind.Adapter));
        Assert.Contains("fetch it as a base model", model.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task DownloadThatBrokeOff_GoesOnWhereItWas()
    {
        _breaksOff = true;
        await Assert.ThrowsAnyAsync<Exception>(FetchAsync);
        _breaksOff = false;
        await FetchAsync();
        Assert.Matches("^bytes=[1-9][0-9]*-$", _ranges[^1]);
        Assert.Equal(_weights, await System.IO.File.ReadAllBytesAsync(Path.Combine(_folder, "model.safetensors"), Ct));
    }

    [Fact]
    public async Task HubThatFallsSilent_IsGivenUp_AndGoneOnWithLater()
    {
        _fallsSilent = true;
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var refusal = await Assert.ThrowsAsync<DataProblemException>(FetchAsync);
        Assert.Contains("sent nothing for 1 seconds", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        _fallsSilent = false;
        await FetchAsync();
        Assert.Matches("^bytes=[1-9][0-9]*-$", _ranges[^1]);
    }

    [Fact]
    public async Task FileThatDiffersFromTheHubsHash_IsNotTaken()
    {
        _corrupts = true;
        var refusal = await Assert.ThrowsAsync<RuleViolationException>(FetchAsync);
        Assert.Contains("checksum", refusal.Message, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(Path.Combine(_folder, "model.safetensors")));
    }

    [Fact]
    public async Task HubInTheServersOwnNetwork_IsNotReachedUnlessNamed()
    {
        using var http = new SafeHttp(new ConnectorOptions { HuggingFaceAddress = Address });
        await Assert.ThrowsAsync<DataProblemException>(() =>
            new HubModel(http, new ConnectorOptions { HuggingFaceAddress = Address }).FetchAsync(
                "team/small",
                _folder,
                FolderKind.Model,
                null,
                Ct
            )
        );
    }

    [Theory]
    [InlineData("../../etc")]
    [InlineData("team/small/../../other")]
    [InlineData("team small")]
    public async Task WhatIsNoName_IsRefused(string name)
    {
        using var http = new SafeHttp(new ConnectorOptions());
        await Assert.ThrowsAsync<RuleViolationException>(() =>
            new HubModel(http, new ConnectorOptions()).FetchAsync(name, _folder, FolderKind.Model, null, Ct)
        );
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Address => _hub.Urls.First();

    private Task FetchAsync() => FetchAsync("team/small", FolderKind.Model);

    private async Task FetchAsync(string name, FolderKind kind)
    {
        var options = new ConnectorOptions
        {
            HuggingFaceAddress = Address,
            AllowedHosts = ["127.0.0.1"],
            TimeoutSeconds = _fallsSilent ? 1 : 100,
        };
        using var http = new SafeHttp(options);
        await new HubModel(http, options).FetchAsync(name, _folder, kind, progress: null, Ct);
    }

#pragma warning disable CA5350 // git's own hash, as the hub gives it
    private static object File(string path, byte[] content, bool lfs) =>
        new
        {
            type = "file",
            path,
            size = content.Length,
            oid = Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content])),
            lfs = lfs ? new { oid = Convert.ToHexStringLower(SHA256.HashData(content)) } : null,
        };
#pragma warning restore CA5350

    private async Task SendWeightsAsync(HttpContext http)
    {
        var range = http.Request.Headers.Range.ToString();
        var from = range.Length > 0 ? int.Parse(range["bytes=".Length..^1]) : 0;
        _ranges.Add(range);
        http.Response.StatusCode = from > 0 ? StatusCodes.Status206PartialContent : StatusCodes.Status200OK;
        http.Response.ContentLength = _weights.Length - from;
        var body = _weights[from..];
        body[0] ^= _corrupts ? (byte)1 : (byte)0;
        await http.Response.Body.WriteAsync(_breaksOff || _fallsSilent ? body.AsMemory(0, 100_000) : body);
        await http.Response.Body.FlushAsync();
        if (_breaksOff)
        {
            http.Abort();
        }

        if (_fallsSilent)
        {
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }
}
