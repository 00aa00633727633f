using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using WebTrainer.Portal.Features.Deployments.OpenAi;
using WebTrainer.Portal.Features.Deployments.Versions;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Deployments.Routing;

/// <summary>What a version's settings make of a request. Pure: the same request and settings give the same.</summary>
public static class Routed
{
    /// <summary>The version's system text before a conversation that brings none.</summary>
    public static IReadOnlyList<ChatMessage> WithSystem(IReadOnlyList<ChatMessage> messages, string system) =>
        system.Length == 0 || messages.Any(m => m.Role == "system")
            ? messages
            // tools stand with the first message, whoever it is of
            : [new ChatMessage("system", system) { Tools = messages[0].Tools }, messages[0] with { Tools = null }, .. messages.Skip(1)];

    /// <summary>What a request leaves open is as the version says.</summary>
    public static CompletionBody WithDefaults(CompletionBody body, DeploymentSettings? settings) =>
        settings is not { Chosen: var chosen }
            ? body
            : body with
            {
                Temperature = body.Temperature ?? chosen.Temperature,
                TopP = body.TopP ?? chosen.TopP,
                MaxTokens = body.MaxTokens ?? (body.MaxCompletionTokens is null ? chosen.MaxTokens : null),
            };

    /// <summary>What the version adds to each request.</summary>
    public static GenerateRequest With(GenerateRequest request, DeploymentSettings? settings) =>
        settings is not { Chosen: var chosen }
            ? request
            : request with
            {
                Messages = request.Messages is { } messages ? WithSystem(messages, chosen.System) : null,
                Stop = [.. request.Stop.Union(chosen.Stop, StringComparer.Ordinal)],
                Constraint = chosen.Labels.Count == 0 ? request.Constraint : LabelsOf(request, chosen),
            };

    /// <exception cref="OpenAiException">The request wants another form of answer than the version has.</exception>
    private static AnswerConstraint LabelsOf(GenerateRequest request, VersionRequest chosen) =>
        request.Constraint is null
            ? new AnswerConstraint { Choices = chosen.Labels }
            : throw new OpenAiException(
                StatusCodes.Status400BadRequest,
                $"This endpoint answers with one of its {chosen.Labels.Count} labels. Leave response_format and guided_choice out."
            );

    /// <summary>
    /// A place of 0 to 99 that is the same for the same caller, or for the same request where the caller isn't named: who was answered by
    /// the candidate once is answered by it again.
    /// </summary>
    public static int Place(Guid deployment, string who)
    {
        var hash = SHA256.HashData([.. deployment.ToByteArray(), .. Encoding.UTF8.GetBytes(who)]);
        return (int)(BitConverter.ToUInt32(hash) % 100);
    }

    /// <summary>Whom the caller names as its user; null for nobody.</summary>
    public static string? UserOf(IDictionary<string, JsonElement>? fields) =>
        fields?.TryGetValue("user", out var user) == true && user.ValueKind == JsonValueKind.String ? user.GetString() : null;

    /// <summary>Who asks, or what is asked where nobody says who.</summary>
    public static string Who(CompletionBody body) =>
        UserOf(body.Others) ?? JsonSerializer.Serialize(body with { Others = null, Stream = false, StreamOptions = null });
}
