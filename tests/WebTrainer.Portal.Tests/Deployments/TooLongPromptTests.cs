using Microsoft.AspNetCore.Http;
using WebTrainer.Portal.Features.Deployments.OpenAi;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Deployments;

/// <summary>What clients are told of a prompt that the model doesn't read whole: OpenAI's own code, by which they shorten it.</summary>
public sealed class TooLongPromptTests
{
    private const string Sentence = "The request has 600 tokens; this model reads at most 511.";

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Write_PromptThatDoesNotFit_IsRefusedWithItsNumbersBeforeAnythingIsSent(bool chat, bool stream)
    {
        var (answers, response) = (new Answers(chat, "id", "model", DateTimeOffset.UnixEpoch), new DefaultHttpContext().Response);
        using var sent = new MemoryStream();
        response.Body = sent;
        var cancellationToken = TestContext.Current.CancellationToken;
        var refusal = await Assert.ThrowsAsync<OpenAiException>(() =>
            stream
                ? answers.WriteStreamAsync(response, Refused(), includeUsage: true, cancellationToken)
                : answers.WriteWholeAsync(response, Refused(), cancellationToken)
        );
        Assert.Equal(
            (400, "invalid_request_error", "context_length_exceeded", Sentence),
            (refusal.Status, refusal.Type, refusal.Code, refusal.Message)
        );
        Assert.Equal(0, sent.Length);
        Assert.Null(response.ContentType); // no stream of events has begun
    }

    private static async IAsyncEnumerable<GenerateChunk> Refused()
    {
        await Task.CompletedTask;
        yield return new GenerateChunk("id", "", "error") { Error = Sentence, Fault = RequestFault.TooLong };
    }
}
