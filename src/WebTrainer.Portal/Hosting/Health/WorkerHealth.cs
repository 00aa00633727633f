using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using WebTrainer.Jobs;

namespace WebTrainer.Portal.Hosting.Health;

/// <summary>The worker's program and its libraries are where the settings say: an update of the server may take them away.</summary>
internal sealed class WorkerHealth(IOptions<JobsOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            !File.Exists(Path.GetFullPath(options.Value.WorkerPath)) ? HealthCheckResult.Unhealthy("The worker's program is gone.")
            : options.Value.WorkerLibraries is { Length: > 0 } libraries && !Directory.Exists(libraries)
                ? HealthCheckResult.Unhealthy("The folder of the worker's libraries is gone.")
            : HealthCheckResult.Healthy()
        );
}
