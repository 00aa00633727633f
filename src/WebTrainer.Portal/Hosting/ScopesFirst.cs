using WebTrainer.Domain.Access;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Hosting;

/// <summary>
/// Scopes that a route's answer needs beside those of what it does: looked at before anything is done, so that what is refused has changed
/// nothing.
/// </summary>
public static class ScopesFirst
{
    /// <summary>For routes that answer with the thing that they made, as reading it would.</summary>
    public static RouteHandlerBuilder AnswersWithWhatItMade(this RouteHandlerBuilder route) =>
        route.AddEndpointFilter(
            async (context, next) =>
            {
                var http = context.HttpContext;
                var project = Guid.TryParse(http.Request.RouteValues["projectId"]?.ToString(), out var id) ? id : (Guid?)null;
                await http
                    .RequestServices.GetRequiredService<Authorizer>()
                    .DemandScopeAsync(Caller.From(http.User), TokenScopes.Read, project, http.RequestAborted);
                return await next(context);
            }
        );
}
