namespace WebTrainer.Portal.Hosting;

/// <summary>
/// Lets no other site's page onto circuits and hubs: browsers open WebSockets across sites with the visitor's cookies, and say only by
/// <c>Origin</c> whose page asked. Programs send none.
/// </summary>
public sealed class OriginGate(ILogger<OriginGate> logger)
{
    private static readonly string[] s_paths = ["/_blazor", "/hubs"];

    public Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (!s_paths.Any(path => http.Request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase)) || IsOwn(http.Request))
        {
            return next(http);
        }

        logger.LogWarning(
            "A connection from a page of another origin was refused. Where a proxy ends TLS before this server, name it in Network:KnownProxies"
        );
        http.Response.StatusCode = StatusCodes.Status403Forbidden;
        return http.Response.WriteAsync(
            "Pages of other sites may not connect here. Where this is the portal's own page, ask the operator to name the proxy before it in Network:KnownProxies.",
            http.RequestAborted
        );
    }

    private static bool IsOwn(HttpRequest request) =>
        request.Headers.Origin switch
        {
            { Count: 0 } => true,
            [{ } origin] => Uri.TryCreate(origin, UriKind.Absolute, out var from)
                && from.UserInfo.Length == 0
                && Uri.TryCreate($"{request.Scheme}://{request.Host}", UriKind.Absolute, out var here)
                && Uri.Compare(from, here, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0,
            _ => false,
        };
}
