using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using WebTrainer.Portal.Features.Deployments.OpenAi;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Deployments;

/// <summary>The newer form of requests and answers, beside the conversation that it stands for.</summary>
public sealed class ResponsesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"input":"Hello"}""", "user:Hello")]
    [InlineData("""{"input":"Hello","instructions":"Be brief."}""", "system:Be brief.|user:Hello")]
    [InlineData(
        """{"input":[{"role":"developer","content":"Be brief."},{"type":"message","role":"user","content":[{"type":"input_text","text":"Hel"},{"type":"input_text","text":"lo"}]}]}""",
        "system:Be brief.|user:Hello"
    )]
    [InlineData(
        """{"input":[{"id":"msg_1","status":"completed","type":"message","role":"assistant","content":[{"type":"output_text","text":"Hi","annotations":[]}]},{"role":"user","content":"Hello"}]}""",
        "assistant:Hi|user:Hello"
    )]
    public void Input_IsTheConversationThatItStandsFor(string json, string conversation) =>
        Assert.Equal(conversation, string.Join('|', Read(json).Messages!.Select(message => $"{message.Role}:{message.Content}")));

    [Theory]
    [InlineData("""{"input":7}""", "'input'")]
    [InlineData("""{"input":[]}""", "messages")]
    [InlineData("""{"input":[7]}""", "input[0]")]
    [InlineData("""{"input":[{"type":7,"role":"user","content":"a"}]}""", "input[0].type")]
    [InlineData("""{"input":[{"type":"function_call_output","output":"x"}]}""", "function_call_output")]
    [InlineData("""{"input":[{"role":"robot","content":"x"}]}""", "input[0].role 'robot'")]
    [InlineData("""{"input":[{"role":"user"}]}""", "input[0].content")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"input_image","image_url":"x"}]}]}""", "only text parts")]
    [InlineData("""{"input":[{"role":"user","content":"a","name":"x"}]}""", "input[0].name")]
    [InlineData("""{"input":"a","store":true}""", "'store'")]
    [InlineData("""{"input":"a","previous_response_id":"resp_1"}""", "'previous_response_id'")]
    [InlineData("""{"input":"a","text":{"format":{"type":"xml"}}}""", "'xml'")]
    [InlineData("""{"input":"a","text":{"format":7}}""", "'text.format'")]
    [InlineData("""{"input":"a","text":{"verbosity":"low"}}""", "'text.verbosity'")]
    [InlineData("""{"input":"a","max_output_tokens":0}""", "max_output_tokens")]
    public void WhatIsNotDone_IsRefusedByName(string json, string named) =>
        Assert.Contains(named, Assert.Throws<OpenAiException>(() => Read(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"format":{"type":"json_object"},"verbosity":"medium"}""", """{"type":"object"}""")]
    [InlineData("""{"format":{"type":"json_schema","name":"x","strict":true,"schema":{"type":"null"}}}""", """{"type":"null"}""")]
    [InlineData("""{"format":{"type":"text"}}""", null)]
    [InlineData("null", null)]
    public void Format_IsTheConstraintOfAChat(string text, string? schema) =>
        Assert.Equal(schema, Read($$"""{"input":"a","text":{{text}}}""").Constraint?.Schema?.GetRawText());

    [Fact]
    public async Task Answer_CutAtItsLimit_IsIncomplete_AndOneThatEnded_IsNot()
    {
        Assert.Equal(("incomplete", "max_output_tokens"), await StatusAsync("length"));
        Assert.Equal(("completed", null), await StatusAsync("stop"));
    }

    [Fact]
    public async Task Stream_TellsEachStepInOrder_AndEndsWithTheWholeAnswer()
    {
        var http = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        await new ResponsesAnswers(new ResponsesBody(), "run-1", DateTimeOffset.UnixEpoch).WriteStreamAsync(
            http.Response,
            Chunks("stop"),
            Ct
        );
        var events = Encoding
            .UTF8.GetString(((MemoryStream)http.Response.Body).ToArray())
            .Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(e => JsonDocument.Parse(e.Split("\ndata: ")[1]).RootElement)
            .ToList();
        Assert.Equal(
            [
                "response.created",
                "response.in_progress",
                "response.output_item.added",
                "response.content_part.added",
                "response.output_text.delta",
                "response.output_text.delta",
                "response.output_text.done",
                "response.content_part.done",
                "response.output_item.done",
                "response.completed",
            ],
            events.Select(e => e.GetProperty("type").GetString())
        );
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(e => e.GetProperty("sequence_number").GetInt32()));
        Assert.Equal(
            "Hello",
            string.Concat(events.Where(e => e.TryGetProperty("delta", out _)).Select(e => e.GetProperty("delta").GetString()))
        );
        Assert.Equal(
            "Hello",
            events[^1].GetProperty("response").GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString()
        );
        Assert.Equal(5, events[^1].GetProperty("response").GetProperty("usage").GetProperty("total_tokens").GetInt32());
    }

    private static GenerateRequest Read(string json) => RequestReader.Chat(JsonSerializer.Deserialize<ResponsesBody>(json)!.AsChat(), "id");

    private static async Task<(string? Status, string? Reason)> StatusAsync(string finish)
    {
        var http = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        await new ResponsesAnswers(new ResponsesBody(), "run-1", DateTimeOffset.UnixEpoch).WriteWholeAsync(
            http.Response,
            Chunks(finish),
            Ct
        );
        var answer = JsonDocument.Parse(((MemoryStream)http.Response.Body).ToArray()).RootElement;
        var details = answer.GetProperty("incomplete_details");
        return (
            answer.GetProperty("status").GetString(),
            details.ValueKind == JsonValueKind.Null ? null : details.GetProperty("reason").GetString()
        );
    }

    private static async IAsyncEnumerable<GenerateChunk> Chunks(string finish)
    {
        yield return new GenerateChunk("id", "Hel");
        await Task.Yield();
        yield return new GenerateChunk("id", "lo", finish) { PromptTokens = 3, CompletionTokens = 2 };
    }
}
