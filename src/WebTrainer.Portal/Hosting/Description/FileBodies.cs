using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace WebTrainer.Portal.Hosting.Description;

/// <summary>What a route takes as a raw body, or gives as a file.</summary>
/// <param name="Types">Its content types.</param>
internal sealed record FileBody(bool IsTaken, IReadOnlyList<string> Types);

/// <summary>Describes bodies that are bytes, which the routes' code can't say of itself.</summary>
public sealed class FileBodies : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var body in context.Description.ActionDescriptor.EndpointMetadata.OfType<FileBody>())
        {
            var content = body.Types.ToDictionary(type => type, _ => new OpenApiMediaType { Schema = Bytes() });
            if (body.IsTaken)
            {
                operation.RequestBody = new OpenApiRequestBody { Required = true, Content = content };
            }
            else
            {
                operation.Responses!["200"] = new OpenApiResponse { Description = "OK", Content = content };
            }
        }

        return Task.CompletedTask;
    }

    private static OpenApiSchema Bytes() => new() { Type = JsonSchemaType.String, Format = "binary" };
}

/// <summary>How a route says so.</summary>
public static class FileBodyRoutes
{
    /// <summary>The raw body is the file; any content type is taken.</summary>
    public static RouteHandlerBuilder TakesFile(this RouteHandlerBuilder route, params string[] types) =>
        route.WithMetadata(new FileBody(IsTaken: true, types is [] ? ["application/octet-stream"] : types));

    public static RouteHandlerBuilder GivesFile(this RouteHandlerBuilder route, params string[] types) =>
        route.WithMetadata(new FileBody(IsTaken: false, types));
}
