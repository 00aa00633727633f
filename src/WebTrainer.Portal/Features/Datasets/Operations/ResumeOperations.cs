namespace WebTrainer.Portal.Features.Datasets.Operations;

/// <summary>At start, begins again what the portal's last end cut off.</summary>
public sealed class ResumeOperations(DatasetOperations operations) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => operations.ResumeAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
