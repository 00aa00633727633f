using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace WebTrainer.Portal.Hosting.Description;

/// <summary>What is true of the whole API: its name and version, how one signs in, and what a refusal looks like.</summary>
public sealed class ApiDocument : IOpenApiDocumentTransformer
{
    private const string Scheme = "accessToken";
    private const string ProblemSchema = "Problem";

    private static readonly Dictionary<string, string> s_tags = new(StringComparer.Ordinal)
    {
        ["Projects"] = "Rooms in which a team works, and how far each is.",
        ["Uploads"] = "Files on their way in, whole or in parts that survive a broken line.",
        ["Datasets"] = "Versions of data: imported, cleaned, split, published, and given out.",
        ["Sources"] = "Places that data is fetched from, by hand or by the clock.",
        ["Labeling"] = "Tasks for experts, their answers, agreement and exchange with other tools.",
        ["Runs"] = "Tuning: planned, submitted, approved, watched, and its results.",
        ["Queue"] = "What waits for a device: its place, its time, its reason.",
        ["Searches"] = "Many runs that look for good settings.",
        ["Base models"] = "Models of this server that runs start from.",
        ["Evaluations"] = "What models can do, measured on rows and benchmarks.",
        ["Judges"] = "Models that judge answers, and how far they can be trusted.",
        ["Audit"] = "What was done, by whom, on what, and when.",
        ["Deployments"] = "Endpoints that programs call, their versions from draft to retirement, and the keys that open them.",
        ["Monitoring"] = "What endpoints did, whether what they are asked has drifted, and who is told.",
        ["Notices"] = "Who is told of what by mail and by webhook, and what never arrived.",
        ["Compliance"] = "What a project asks before anything goes on, how laws' points stand, and evidence for who audits.",
        ["Comparison"] = "Runs and evaluations beside each other.",
    };

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "WebTrainer",
            Version = ProgramVersion,
            Description = "From a team's own data to a fine-tuned language model. All that the pages do can be done here.",
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        };
        foreach (var server in document.Servers ?? [])
        {
            server.Url = server.Url?.TrimEnd('/');
        }

        foreach (var tag in document.Tags ?? new HashSet<OpenApiTag>())
        {
            tag.Description = s_tags.GetValueOrDefault(tag.Name ?? "");
        }

        var components = document.Components ??= new OpenApiComponents();
        (components.Schemas ??= new Dictionary<string, IOpenApiSchema>())[ProblemSchema] = Problem();
        KeyHeader.AddTo(components);
        components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "An access token, made on the page of the account; it does what its owner may, within its scopes.",
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] }];
        components.Responses ??= new Dictionary<string, IOpenApiResponse>();
        foreach (var (_, name, words) in Refusals.All)
        {
            components.Responses[name] = new OpenApiResponse
            {
                Description = words,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [Refusals.Problem] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(ProblemSchema, document) },
                },
            };
        }

        return Task.CompletedTask;
    }

    private static string ProgramVersion => typeof(ApiDocument).Assembly.GetName().Version!.ToString(fieldCount: 3);

    private static OpenApiSchema Problem() =>
        new()
        {
            Type = JsonSchemaType.Object,
            Description = "Problem details of RFC 9457.",
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["title"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "What was wrong, where, and what to do." },
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
                ["type"] = new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Null },
                ["detail"] = new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Null },
            },
        };
}
