using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace WebTrainer.Portal.Hosting.Description;

/// <summary>
/// A name for each operation, by which generated clients call it: the verb and the words of its path, with things in the singular where one
/// of them is meant (<c>getRun</c>, <c>postRunApprove</c>). It changes only where the path does.
/// </summary>
public sealed class OperationNames : IOpenApiOperationTransformer
{
    private const string Root = "api/v1/";
    private const string Projects = "projects";

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.OperationId ??= Of(context.Description.HttpMethod!, context.Description.RelativePath!);
        return Task.CompletedTask;
    }

    /// <param name="path">As routes have it, <c>api/v1/projects/{projectId}/runs</c>.</param>
    public static string Of(string method, string path)
    {
        var parts = path[(path.StartsWith(Root, StringComparison.Ordinal) ? Root.Length : 0)..]
            .Split('/', StringSplitOptions.RemoveEmptyEntries);
        var isBelowProject = parts.Length > 2 && parts[0] == Projects;
        var words = parts
            .Index()
            .Skip(isBelowProject ? 2 : 0)
            .Where(part => !IsParameter(part.Item))
            .Select(part => part.Index + 1 < parts.Length && IsParameter(parts[part.Index + 1]) ? Singular(part.Item) : part.Item)
            .SelectMany(part => part.Split('-', '.'))
            .Select(Capital);
        return method.ToLowerInvariant() + string.Concat(words);
    }

    private static bool IsParameter(string part) => part.StartsWith('{');

    private static string Singular(string word) =>
        word.EndsWith("ches", StringComparison.Ordinal) ? word[..^2]
        : word.EndsWith('s') ? word[..^1]
        : word;

    private static string Capital(string word) => char.ToUpper(word[0], CultureInfo.InvariantCulture) + word[1..];
}
