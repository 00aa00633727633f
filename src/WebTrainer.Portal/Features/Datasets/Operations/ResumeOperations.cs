using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Datasets.Operations;

/// <summary>At start, begins again what the portal's last end cut off.</summary>
public sealed class ResumeOperations(DatasetOperations operations, ILogger<ResumeOperations> logger) : StartTask(logger)
{
    protected override Task DoAsync(CancellationToken cancellationToken) => operations.ResumeAsync(cancellationToken);
}
