using Microsoft.AspNetCore.Identity;

namespace WebTrainer.Portal.Hosting;

/// <summary>
/// Refuses changes asked for by another site's page: with a cookie, a changing request must carry the header
/// <c>X-WebTrainer</c>, which no foreign page can set without asking first. Tokens need no such guard.
/// </summary>
public sealed class SameSiteGuard : IEndpointFilter
{
    public const string Header = "X-WebTrainer";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        var reads = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        var byCookie = context.HttpContext.User.Identity?.AuthenticationType == IdentityConstants.ApplicationScheme;
        if (!reads && byCookie && !request.Headers.ContainsKey(Header))
        {
            return ValueTask.FromResult<object?>(
                Results.Problem($"Send the header {Header}: 1 with this request.", statusCode: StatusCodes.Status400BadRequest)
            );
        }

        return next(context);
    }
}
