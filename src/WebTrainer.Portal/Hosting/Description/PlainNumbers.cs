using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace WebTrainer.Portal.Hosting.Description;

/// <summary>Numbers are described as numbers. That they are also read from texts is a kindness which nobody should build on.</summary>
public sealed class PlainNumbers : IOpenApiSchemaTransformer
{
    private const JsonSchemaType Numeric = JsonSchemaType.Integer | JsonSchemaType.Number;

    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (schema.Type is { } type && (type & Numeric) is not default(JsonSchemaType))
        {
            schema.Type = type & ~JsonSchemaType.String;
            schema.Pattern = null;
        }

        return Task.CompletedTask;
    }
}
