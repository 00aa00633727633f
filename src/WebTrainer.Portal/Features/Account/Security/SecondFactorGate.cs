using Microsoft.Net.Http.Headers;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Account.Security;

/// <summary>
/// Leads whoever the server asks for a second factor to the page that sets one up. It only shows the way: what they may not do without is
/// refused where it is done.
/// </summary>
public sealed class SecondFactorGate(Authorizer authorizer)
{
    private const string Place = "/account";

    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (IsPage(http) && Caller.SessionOf(http.User) is not null && await IsAskedAsync(http))
        {
            http.Response.Redirect($"{Place}/security?asked=true");
            return;
        }

        await next(http);
    }

    private async Task<bool> IsAskedAsync(HttpContext http)
    {
        try
        {
            return await authorizer.NeedsSecondFactorAsync(Caller.From(http.User), http.RequestAborted);
        }
        catch (ForbiddenException)
        {
            return false; // ended since the cookie was read: the page says so
        }
    }

    private static bool IsPage(HttpContext http) =>
        HttpMethods.IsGet(http.Request.Method)
        && !http.Request.Path.StartsWithSegments(Place, StringComparison.OrdinalIgnoreCase)
        && http.Request.Headers[HeaderNames.Accept].ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
