using System.Diagnostics;
using System.Text.Json;
using WebTrainer.Learning.Serving;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Tests.Constrained;

/// <summary>The base that ships, which knows nothing of JSON, held to constraints in a batch with other answers.</summary>
[Trait("Category", "Slow")]
public sealed class ConstrainedServingTests : IDisposable
{
    private readonly LoopRunner _loop = LoopRunner.Shipped(prefixCacheBytes: 1 << 26);

    public void Dispose() => _loop.Dispose();

    [Fact]
    public Task TwentyAnswers_ToRandomSchemas_AllValidate() => AllValidateAsync(20);

    [Fact]
    [Trait("Category", "Long")]
    public Task TwoHundredAnswers_ToRandomSchemas_AllValidate() => AllValidateAsync(200);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Choice_IsOneOfTheTexts_WithItsLogProbabilities(double temperature)
    {
        string[] labels = ["lost card", "refund", "exchange rate"];
        var chunks = await AskAsync(
            new GenerateRequest("a", "base", [new("user", "Where is my money?")])
            {
                Constraint = new() { Choices = labels },
                Sampling = new() { Temperature = temperature },
                Seed = 3,
                LogProbabilities = 1,
            }
        );
        Assert.Contains(Text(chunks), labels);
        Assert.Equal("stop", chunks[^1].FinishReason);
        Assert.Equal(chunks[^1].CompletionTokens, chunks.Sum(chunk => chunk.Tokens?.Count ?? 0));
    }

    [Fact]
    public async Task SeveralAnswers_AreToldApart_DrawOnTheirOwn_AndAreTheSameBySeed()
    {
        var request = new GenerateRequest("a", "base", Prompt: "Once upon a time")
        {
            MaxNewTokens = 12,
            Answers = 3,
            Seed = 5,
            Sampling = new() { Temperature = 1 },
            LogProbabilities = 0,
        };
        var (first, again) = (await AskAsync(request), await AskAsync(request with { Id = "b" }));
        var texts = Enumerable.Range(0, 3).Select(index => Text(first.Where(chunk => chunk.Index == index))).ToList();
        Assert.Equal(3, texts.Distinct().Count());
        Assert.Equal(texts, Enumerable.Range(0, 3).Select(index => Text(again.Where(chunk => chunk.Index == index))));
        var ends = first.Where(chunk => chunk.FinishReason is not null).ToList();
        Assert.Equal([0, 1, 2], ends.Select(chunk => chunk.Index).Order());
        Assert.Equal([null, null, 36], ends.Select(chunk => chunk.CompletionTokens));
        Assert.Equal(36, first.Sum(chunk => chunk.Tokens?.Count ?? 0));
        Assert.Equal(texts[0], Text(await AskAsync(request with { Id = "c", Answers = 1 }))); // the first is the one that comes alone
    }

    [Fact]
    public async Task Constraint_ThatCannotBeKept_IsRefused_AndOthersAreAnswered()
    {
        var refused = await AskAsync(
            new GenerateRequest("a", "base", Prompt: "x")
            {
                Constraint = new() { Schema = JsonDocument.Parse("""{"type":"string","pattern":"a"}""").RootElement },
            }
        );
        Assert.Equal(("error", RequestFault.Constraint), (refused[^1].FinishReason, refused[^1].Fault));
        Assert.Contains("'pattern'", refused[^1].Error, StringComparison.Ordinal);
        Assert.Null((await AskAsync(new GenerateRequest("b", "base", Prompt: "x") { MaxNewTokens = 2 }))[^1].Error);
    }

    [Fact]
    public async Task Constraint_WithoutRoomForAnyAnswer_EndsByLength()
    {
        var chunks = await AskAsync(
            new GenerateRequest("a", "base", Prompt: "x")
            {
                MaxNewTokens = 3,
                Constraint = new() { Choices = ["a long label of many words"] },
            }
        );
        Assert.Equal(("length", 3), (chunks[^1].FinishReason, chunks[^1].CompletionTokens));
    }

    /// <summary>
    /// Whoever hangs up makes room: all places are taken by answers of hundreds of tokens, and the next is answered within a second.
    /// </summary>
    [Fact]
    public async Task Cancelled_AnswersGiveTheirPlacesToTheNextWithinASecond()
    {
        var (started, ended) = (new CountdownEvent(64), new CountdownEvent(64));
        Action<GenerateChunk> answer = chunk =>
        {
            _ = chunk.FinishReason is null ? !started.IsSet && started.Signal() : ended.Signal();
        };
        for (var i = 0; i < 8; i++)
        {
            _loop.Enqueue(
                new PendingRequest(
                    new GenerateRequest($"r{i}", "base", Prompt: "Once upon a time")
                    {
                        MaxNewTokens = 500,
                        Answers = 8,
                        Sampling = new() { Temperature = 1, LogitBias = EndBias },
                    },
                    answer
                )
            );
        }

        Assert.True(await Task.Run(() => started.Wait(TimeSpan.FromSeconds(60)), TestContext.Current.CancellationToken));
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 8; i++)
        {
            _loop.Enqueue(new PendingRequest(new GenerateRequest($"r{i}", "") { Cancel = true }, answer));
        }

        await AskAsync(new GenerateRequest("next", "base", Prompt: "x") { MaxNewTokens = 1 });
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 1);
        Assert.Equal(0, ended.CurrentCount);
        started.Dispose();
        ended.Dispose();
    }

    private static Dictionary<int, double> EndBias => Enumerable.Range(0, 4).ToDictionary(token => token, _ => -100.0);

    private async Task AllValidateAsync(int count)
    {
        var schemas = Enumerable.Range(0, count).Select(seed => new RandomSchema(seed).Make(depth: 3).ToJsonString()).ToList();
        var answers = await Task.WhenAll(
            schemas.Select(
                (schema, place) =>
                    AskAsync(
                        new GenerateRequest($"{place}", "base", [new("user", $"Question {place}: what comes next, and why?")])
                        {
                            MaxNewTokens = 300,
                            Constraint = new() { Schema = JsonDocument.Parse(schema).RootElement },
                            Sampling = new() { Temperature = place % 2 },
                            Seed = place,
                        }
                    )
            )
        );
        for (var i = 0; i < count; i++)
        {
            Assert.Equal("stop", answers[i][^1].FinishReason);
            Assert.True(HeldAnswer.Holds(schemas[i], Text(answers[i])), schemas[i] + " " + Text(answers[i]));
        }
    }

    private static string Text(IEnumerable<GenerateChunk> chunks) => LoopRunner.Text(chunks);

    private Task<List<GenerateChunk>> AskAsync(GenerateRequest request) => _loop.AskAsync(request);
}
