namespace WebTrainer.Portal.Hosting;

/// <summary>Addresses that programs call: they get a status and problem details, never a page.</summary>
public static class ProgramPaths
{
    private static readonly string[] s_paths = ["/api", "/v1", "/hubs", "/openapi", "/_content", "/_framework"];

    public static bool Contains(HttpContext http) =>
        s_paths.Any(path => http.Request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase));
}
