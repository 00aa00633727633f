using Microsoft.AspNetCore.OpenApi;

namespace WebTrainer.Portal.Hosting.Description;

/// <summary>The API's description (<c>/openapi/v1.json</c>): what the routes say of themselves, and what is true of all of them.</summary>
public static class DescriptionFeature
{
    /// <param name="more">What features say of their own types.</param>
    public static IServiceCollection AddApiDescription(this IServiceCollection services, Action<OpenApiOptions> more) =>
        services.AddOpenApi(options =>
        {
            more(options);
            options
                .AddSchemaTransformer<PlainNumbers>()
                .AddOperationTransformer<OperationNames>()
                .AddOperationTransformer<FileBodies>()
                .AddOperationTransformer<Refusals>()
                .AddOperationTransformer<KeyHeader>()
                .AddDocumentTransformer<ApiDocument>();
        });
}
