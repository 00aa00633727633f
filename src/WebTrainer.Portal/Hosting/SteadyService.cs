namespace WebTrainer.Portal.Hosting;

/// <summary>
/// Work of the server beside all requests. What cuts it off by accident is logged, and it begins again after a pause: neither the portal
/// nor other work ends with it.
/// </summary>
public abstract class SteadyService(ILogger logger) : BackgroundService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);

    protected ILogger Logger => logger;

    /// <summary>Does the work until the portal stops, or until there is none; begun again, it must find by itself where it was.</summary>
    protected abstract Task WorkAsync(CancellationToken stoppingToken);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!await IsDoneAsync(stoppingToken))
        {
            await Task.Delay(s_pause, stoppingToken);
        }
    }

    private async Task<bool> IsDoneAsync(CancellationToken stoppingToken)
    {
        try
        {
            await WorkAsync(stoppingToken);
            return true;
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            logger.LogError(exception, "{Service} was cut off and begins again", GetType().Name);
            return false;
        }
    }
}
