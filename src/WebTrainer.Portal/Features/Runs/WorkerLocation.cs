using WebTrainer.Jobs;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>Where the worker's program is when no setting says so.</summary>
public static class WorkerLocation
{
    private const string Program = "WebTrainer.Worker.dll";

    /// <summary>
    /// Published: the folder <c>worker</c> beside the portal. From source: the worker's own output, of the portal's configuration.
    /// </summary>
    public static void FillIn(JobsOptions options)
    {
        if (options.WorkerPath.Length > 0)
        {
            return;
        }

        var here = AppContext.BaseDirectory;
        string[] places =
        [
            Path.Combine(here, "worker", Program),
            Path.Combine(here.Replace("WebTrainer.Portal", "WebTrainer.Worker", StringComparison.Ordinal), Program),
        ];
        options.WorkerPath = places.FirstOrDefault(File.Exists) ?? places[0];
    }
}
