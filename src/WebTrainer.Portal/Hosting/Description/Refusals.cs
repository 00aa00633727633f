using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace WebTrainer.Portal.Hosting.Description;

/// <summary>The answers by which any route may refuse, as problem details (RFC 9457) whose title is the sentence for people.</summary>
public sealed class Refusals : IOpenApiOperationTransformer
{
    internal const string Problem = "application/problem+json";

    internal static readonly (string Status, string Name, string Words)[] All =
    [
        ("400", "Unreadable", "The request can't be read: the sentence names the field, and what is expected there."),
        ("401", "NoToken", "The access token is missing, wrong, expired or revoked."),
        ("403", "Forbidden", "The token's owner, or its scopes, don't allow this."),
        ("404", "NotFound", "There is no such thing in this project."),
        ("409", "Conflict", "Somebody else changed it first, or it is in another state by now."),
        ("422", "Refused", "It can't be done as asked: the sentence says why, and what to do."),
        ("429", "TooMany", "Too many requests; Retry-After says when to try again."),
    ];

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var writes = context.Description.HttpMethod is not "GET";
        var takes = operation.RequestBody is not null || operation.Parameters?.Any(p => p.In == ParameterLocation.Query) == true;
        operation.Responses ??= [];
        foreach (var (status, name, _) in All)
        {
            var applies = status switch
            {
                "400" => takes,
                "404" => context.Description.RelativePath!.Contains('{', StringComparison.Ordinal),
                "409" => writes,
                "422" => writes || takes,
                _ => true,
            };
            if (applies && !operation.Responses.ContainsKey(status))
            {
                operation.Responses[status] = new OpenApiResponseReference(name, context.Document);
            }
        }

        return Task.CompletedTask;
    }
}
