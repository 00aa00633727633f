namespace WebTrainer.Portal.Hosting;

/// <summary>
/// What is done once, before the first request is answered. Where it can't be done the log says why, and people are served without it.
/// </summary>
public abstract class StartTask(ILogger logger) : IHostedService
{
    protected ILogger Logger => logger;

    protected abstract Task DoAsync(CancellationToken cancellationToken);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await DoAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogError(exception, "{Task} could not be done at this start", GetType().Name);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
