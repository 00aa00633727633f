using WebTrainer.Jobs.Serving;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Tests;

[Trait("Category", "Slow")]
public sealed class ServingTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Generate_Streams_AndEnds()
    {
        await using var portal = await TestPortal.StartAsync();

        var chunks = await AskAsync(portal, "hello", maxTokens: 3);

        Assert.Equal("word1 word2 word3 ", string.Concat(chunks.Select(c => c.Text)));
        Assert.Equal("length", chunks[^1].FinishReason);
    }

    [Fact]
    public async Task Generate_Cancelled_TellsTheWorker()
    {
        await using var portal = await TestPortal.StartAsync();
        var record = new NamedAdapter("record", Path.Combine(portal.Data.Root, "cancelled"));
        using var cancel = new CancellationTokenSource();
        var request = new GenerateRequest("r1", "base", Prompt: "hello") { MaxNewTokens = 100_000 };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var chunk in portal.Get<ServingPool>().GenerateAsync(new("/models/tiny"), [record], request, cancel.Token))
            {
                await cancel.CancelAsync();
            }
        });

        await Eventually.TrueAsync(() => File.Exists(record.Path) && File.ReadAllText(record.Path) == "r1");
    }

    [Fact]
    public async Task Generate_NewAdapter_ReplacesTheWorker_OldOneIsReused()
    {
        await using var portal = await TestPortal.StartAsync();
        var (a, b) = (new NamedAdapter("a", "/adapters/a"), new NamedAdapter("b", "/adapters/b"));

        var withA = await PidAsync(portal, a);
        var again = await PidAsync(portal, a);
        var withBoth = await PidAsync(portal, a, b);
        var fewer = await PidAsync(portal, b);

        Assert.Equal(withA, again);
        Assert.NotEqual(withA, withBoth);
        Assert.Equal(withBoth, fewer);
        Assert.False(Directory.Exists($"/proc/{withA}"));
    }

    [Fact]
    public async Task Generate_AdapterThatWasWrittenAnew_IsReadAnew()
    {
        await using var portal = await TestPortal.StartAsync();
        var adapter = new NamedAdapter("a", "/adapters/a") { WrittenAt = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc) };
        var before = await PidAsync(portal, adapter);
        Assert.Equal(before, await PidAsync(portal, adapter));
        Assert.NotEqual(before, await PidAsync(portal, adapter with { WrittenAt = adapter.WrittenAt!.Value.AddSeconds(1) }));
    }

    [Fact]
    public async Task Generate_WorkerDies_SaysSo_NextRequestWorks()
    {
        await using var portal = await TestPortal.StartAsync();

        var failed = await Assert.ThrowsAsync<JobFailedException>(() => AskAsync(portal, "die", maxTokens: 10));

        Assert.Contains("ended unexpectedly (exit code 7)", failed.Message, StringComparison.Ordinal);
        Assert.NotEmpty(await AskAsync(portal, "hello", maxTokens: 1));
    }

    [Fact]
    public async Task Generate_ModelCannotBeLoaded_SaysWhatTheWorkerSaid()
    {
        await using var portal = await TestPortal.StartAsync();

        var failed = await Assert.ThrowsAsync<JobFailedException>(() => AskAsync(portal, "hello", maxTokens: 1, baseModel: "failing"));

        Assert.Equal("The base model has no config.json.", failed.Message);
    }

    [Fact]
    public async Task Stop_KillsTheServingWorker_AndItsSecretIsInNoFileOrArgument()
    {
        var portal = await TestPortal.StartAsync();
        await using (portal)
        {
            var pid = await PidAsync(portal);
            var environment = (await File.ReadAllTextAsync($"/proc/{pid}/environ", Ct)).Split('\0');
            var token = environment.Single(line => line.StartsWith("WEBTRAINER_SERVE_TOKEN=", StringComparison.Ordinal)).Split('=')[1];
            Assert.DoesNotContain(token, await File.ReadAllTextAsync($"/proc/{pid}/cmdline", Ct), StringComparison.Ordinal);
            foreach (var file in Directory.GetFiles(portal.Data.Temporary, "*.json", SearchOption.AllDirectories))
            {
                Assert.DoesNotContain(token, await File.ReadAllTextAsync(file, Ct), StringComparison.Ordinal);
            }

            await portal.RestartAsync();

            await Eventually.TrueAsync(() => !Directory.Exists($"/proc/{pid}"));
        }
    }

    /// <summary>Two projects tune the same base: neither's request may make the other's load it anew.</summary>
    [Fact]
    public async Task Generate_AdaptersOfTwoProjectsInTurns_AreAnsweredByOneWorker()
    {
        await using var portal = await TestPortal.StartAsync();
        NamedAdapter[] adapters =
        [
            .. ((string[])["one", "two"]).Select(name => new NamedAdapter(
                name,
                Directory.CreateDirectory(Path.Combine(portal.Data.Root, name)).FullName
            )),
        ];
        await PidAsync(portal, adapters[0]);
        var both = await PidAsync(portal, adapters[1]);
        Assert.Equal(both, await PidAsync(portal, adapters[0]));
        Assert.Equal(both, await PidAsync(portal, adapters[1]));
        Directory.Delete(adapters[0].Path);
        Assert.Equal(both, await PidAsync(portal, adapters[1]));
    }

    private static async Task<string> PidAsync(TestPortal portal, params NamedAdapter[] adapters) =>
        (await AskAsync(portal, "pid", maxTokens: 1, adapters: adapters))[0].Text;

    private static async Task<List<GenerateChunk>> AskAsync(
        TestPortal portal,
        string prompt,
        int maxTokens,
        string baseModel = "/models/tiny",
        params NamedAdapter[] adapters
    )
    {
        var request = new GenerateRequest("r1", "base", Prompt: prompt) { MaxNewTokens = maxTokens };
        var chunks = new List<GenerateChunk>();
        await foreach (var chunk in portal.Get<ServingPool>().GenerateAsync(new(baseModel), adapters, request, Ct))
        {
            chunks.Add(chunk);
        }

        return chunks;
    }
}
