using Microsoft.Extensions.Options;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Demo;

/// <summary>Gives the demo its encoder's run as soon as this server has an encoder, which may be minutes after the first visit.</summary>
public sealed class DemoFollower(ModelLibrary library, DemoProject demo, IOptions<PortalOptions> options, ILogger<DemoFollower> logger)
    : SteadyService(logger)
{
    /// <summary>The sample project is there before the first visit.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await EnsureAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task WorkAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Demo)
        {
            return;
        }

        using var added = new SemaphoreSlim(0);
        void Note() => added.Release();
        library.Added += Note;
        try
        {
            while (true)
            {
                await added.WaitAsync(stoppingToken);
                await EnsureAsync(stoppingToken);
            }
        }
        finally
        {
            library.Added -= Note;
        }
    }

    // A demo that can't be completed ends nothing else.
    private async Task EnsureAsync(CancellationToken cancellationToken)
    {
        try
        {
            await demo.EnsureAsync(cancellationToken);
        }
        catch (Exception ex) when (ex is not OperationCanceledException)
        {
            Logger.LogWarning(ex, "The demo could not be completed");
        }
    }
}
