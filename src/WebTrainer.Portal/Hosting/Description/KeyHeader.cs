using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using WebTrainer.Domain.Access;

namespace WebTrainer.Portal.Hosting.Description;

/// <summary>The header by which a POST that is sent again is done once, at each POST (<see cref="IdempotencyKeys"/>).</summary>
public sealed class KeyHeader : IOpenApiOperationTransformer
{
    private const string Component = "IdempotencyKey";

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.Description.HttpMethod == HttpMethods.Post)
        {
            (operation.Parameters ??= []).Add(new OpenApiParameterReference(Component, context.Document));
        }

        return Task.CompletedTask;
    }

    /// <summary>Describes it once for all.</summary>
    public static void AddTo(OpenApiComponents components) =>
        (components.Parameters ??= new Dictionary<string, IOpenApiParameter>())[Component] = new OpenApiParameter
        {
            Name = IdempotencyKeys.Header,
            In = ParameterLocation.Header,
            Required = false,
            Description =
                $"A name of your own for this request. Sent again with the same key and the same body it is done once: the answer of the first time comes again, with the header {IdempotencyKeys.ReplayedHeader}. "
                + "The same key with another path, query or body is refused by 422. Keys are each account's own, and are kept for "
                + $"{CommandReceipt.KeptFor.TotalHours:0} hours; a request that was refused leaves its key free.",
            Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                MinLength = 1,
                MaxLength = CommandReceipt.MaxKeyLength,
            },
        };
}
