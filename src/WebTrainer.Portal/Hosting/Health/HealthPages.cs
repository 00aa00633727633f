using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace WebTrainer.Portal.Hosting.Health;

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: it can do its work; with status 503 each part that fails is named.
/// </summary>
public static class HealthPages
{
    /// <summary>A part that takes longer is one that fails.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    public static IServiceCollection AddPortalHealth(this IServiceCollection services)
    {
        services
            .AddHealthChecks()
            .AddCheck<DatabaseHealth>("database", timeout: s_patience)
            .AddCheck<DataFolderHealth>("data folder", timeout: s_patience)
            .AddCheck<WorkerHealth>("worker", timeout: s_patience);
        return services;
    }

    public static void MapHealthPages(this WebApplication app)
    {
        app.MapGet("/health", () => Results.Text("healthy")).AllowAnonymous().ExcludeFromDescription();
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync })
            .AllowAnonymous();
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = WriteAsync }).AllowAnonymous();
    }

    private static Task WriteAsync(HttpContext http, HealthReport report) =>
        http.Response.WriteAsJsonAsync(
            new
            {
                status = report.Status.ToString(),
                parts = report.Entries.ToDictionary(
                    part => part.Key,
                    part => part.Value.Description ?? (part.Value.Status == HealthStatus.Healthy ? "ok" : "failed; the log says why")
                ),
            },
            http.RequestAborted
        );
}
