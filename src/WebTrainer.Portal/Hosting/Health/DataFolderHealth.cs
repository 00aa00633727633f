using Microsoft.Extensions.Diagnostics.HealthChecks;
using WebTrainer.Data;

namespace WebTrainer.Portal.Hosting.Health;

/// <summary>The data folder can be written, and its disk has room for data.</summary>
internal sealed class DataFolderHealth(DataFolder folder, DiskReserve reserve) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var probe = Path.Combine(folder.Temporary, $"health-{Guid.NewGuid():N}");
        try
        {
            reserve.CheckRoom();
            await File.WriteAllTextAsync(probe, "", cancellationToken);
            File.Delete(probe);
            return HealthCheckResult.Healthy();
        }
        catch (IOException fault) when (FullDiskFault.Caused(fault))
        {
            return HealthCheckResult.Unhealthy("The disk of the data folder is full.", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return HealthCheckResult.Unhealthy("The data folder can't be written.", fault);
        }
    }
}
