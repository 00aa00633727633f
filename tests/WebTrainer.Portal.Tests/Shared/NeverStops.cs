using Microsoft.Extensions.Hosting;

namespace WebTrainer.Portal.Tests.Shared;

internal sealed class NeverStops : IHostApplicationLifetime
{
    public CancellationToken ApplicationStarted => CancellationToken.None;
    public CancellationToken ApplicationStopping => CancellationToken.None;
    public CancellationToken ApplicationStopped => CancellationToken.None;

    public void StopApplication() { }
}
