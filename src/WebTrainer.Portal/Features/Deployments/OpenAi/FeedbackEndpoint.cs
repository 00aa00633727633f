using System.Text.Json;
using System.Text.Json.Serialization;
using WebTrainer.Domain;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Deployments.Keys;
using WebTrainer.Portal.Features.Monitoring;

namespace WebTrainer.Portal.Features.Deployments.OpenAi;

/// <summary>
/// <c>POST /v1/feedback</c>: <c>{"request_id": "chatcmpl-…", "good": true, "score": 0.8, "corrected": "…", "comment": "…"}</c>, at
/// least one
/// of the four. What is said again of the same answer takes the place of what was said.
/// </summary>
public static class FeedbackEndpoint
{
    public static async Task AnswerAsync(HttpContext http, KeyEntry entry, CancellationToken cancellationToken)
    {
        var body = await BodyReader.ReadAsync<FeedbackBody>(http, cancellationToken);
        OtherFields.Refuse(body.Others);
        if (string.IsNullOrWhiteSpace(body.RequestId))
        {
            throw OpenAiException.Bad("request_id", "'request_id' must be the 'id' of an answer.");
        }

        try
        {
            await http
                .RequestServices.GetRequiredService<FeedbackService>()
                .SayAsync(
                    entry.ProjectId,
                    entry.Bounds,
                    body.RequestId,
                    body.Good,
                    body.Score,
                    body.Corrected,
                    body.Comment,
                    cancellationToken
                );
        }
        catch (NotFoundException exception)
        {
            throw new OpenAiException(StatusCodes.Status404NotFound, exception.Message, code: "request_not_found") { Param = "request_id" };
        }
        catch (RuleViolationException exception)
        {
            throw new OpenAiException(StatusCodes.Status400BadRequest, exception.Message);
        }

        await http.Response.WriteAsJsonAsync(new { @object = "feedback", request_id = body.RequestId }, cancellationToken);
    }

    /// <summary>The body; see above.</summary>
    public sealed record FeedbackBody
    {
        [JsonPropertyName("request_id")]
        public string? RequestId { get; init; }

        [JsonPropertyName("good")]
        public bool? Good { get; init; }

        [JsonPropertyName("score")]
        public double? Score { get; init; }

        [JsonPropertyName("corrected")]
        public string? Corrected { get; init; }

        [JsonPropertyName("comment")]
        public string? Comment { get; init; }

        [JsonExtensionData]
        public IDictionary<string, JsonElement>? Others { get; init; }
    }
}
