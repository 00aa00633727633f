using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using WebTrainer.Portal.Features.Deployments.OpenAi;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Deployments;

/// <summary>Several answers to one request, which come mixed, each under its index.</summary>
public sealed class SeveralAnswersTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whole_HasEachInItsPlace_AndCountsAll()
    {
        var http = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        await new Answers(chat: true, "id", "model", DateTimeOffset.UnixEpoch).WriteWholeAsync(http.Response, Chunks(), Ct);
        var answer = JsonDocument.Parse(((MemoryStream)http.Response.Body).ToArray()).RootElement;
        Assert.Equal(
            [(0, "Hello", "stop", 2), (1, "Hi", "length", 1)],
            answer
                .GetProperty("choices")
                .EnumerateArray()
                .Select(choice =>
                    (
                        choice.GetProperty("index").GetInt32(),
                        choice.GetProperty("message").GetProperty("content").GetString()!,
                        choice.GetProperty("finish_reason").GetString()!,
                        choice.GetProperty("logprobs").GetProperty("content").GetArrayLength()
                    )
                )
        );
        Assert.Equal(10, answer.GetProperty("usage").GetProperty("total_tokens").GetInt32());
    }

    [Fact]
    public async Task Stream_BeginsAndEndsEachOnItsOwn_AndTellsUsageOnce()
    {
        var http = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        await new Answers(chat: true, "id", "model", DateTimeOffset.UnixEpoch).WriteStreamAsync(http.Response, Chunks(), true, Ct);
        var lines = Encoding
            .UTF8.GetString(((MemoryStream)http.Response.Body).ToArray())
            .Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line["data: ".Length..])
            .ToList();
        Assert.Equal("[DONE]", lines[^1]);
        var events = lines.SkipLast(1).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(
            7,
            Assert.Single(events, e => e.TryGetProperty("usage", out _)).GetProperty("usage").GetProperty("prompt_tokens").GetInt32()
        );
        var choices = events.SkipLast(1).Select(e => e.GetProperty("choices")[0]).ToList();
        foreach (var (index, text, finish) in ((int, string, string)[])[(0, "Hello", "stop"), (1, "Hi", "length")])
        {
            var own = choices.Where(choice => choice.GetProperty("index").GetInt32() == index).ToList();
            Assert.Equal("assistant", own[0].GetProperty("delta").GetProperty("role").GetString());
            Assert.Equal(
                text,
                string.Concat(own.Select(c => c.GetProperty("delta").TryGetProperty("content", out var said) ? said.GetString() : ""))
            );
            Assert.Equal([finish], own.Select(c => c.GetProperty("finish_reason").GetString()).OfType<string>());
        }
    }

    private static async IAsyncEnumerable<GenerateChunk> Chunks()
    {
        await Task.CompletedTask;
        yield return new GenerateChunk("id", "Hi") { Index = 1, Tokens = [new("Hi", -1, [])] };
        yield return new GenerateChunk("id", "Hel") { Tokens = [new("Hel", -1, [])] };
        yield return new GenerateChunk("id", "", "length") { Index = 1 };
        yield return new GenerateChunk("id", "lo") { Tokens = [new("lo", -1, [])] };
        yield return new GenerateChunk("id", "", "stop") { PromptTokens = 7, CompletionTokens = 3 };
    }
}
