using Microsoft.AspNetCore.Diagnostics;

namespace WebTrainer.Portal.Hosting;

/// <summary>An address that is none is answered by a page of the portal, with its status.</summary>
public static class NotFound
{
    /// <remarks>Not in a branch of the pipeline: branches have routes of their own, in which the page would not be found either.</remarks>
    public static void UseNotFoundPage(this WebApplication app)
    {
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.Use(
            async (http, next) =>
            {
                await next(http);
                // A program reads the status, and other refusals have words of their own.
                if (http.Response.StatusCode != StatusCodes.Status404NotFound || ProgramPaths.Contains(http))
                {
                    http.Features.Get<IStatusCodePagesFeature>()?.Enabled = false;
                }
            }
        );
    }
}
