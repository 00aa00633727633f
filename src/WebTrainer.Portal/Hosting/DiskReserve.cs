using Microsoft.Extensions.Options;
using WebTrainer.Data;

namespace WebTrainer.Portal.Hosting;

/// <summary>
/// Keeps some room on the data folder's disk back. When the disk is full it is given up: people can then still sign in and throw away what
/// fills it, while uploads and other work on data are refused until there is room again.
/// </summary>
public sealed class DiskReserve(DataFolder folder, IOptions<PortalOptions> options, ILogger<DiskReserve> logger) : SteadyService(logger)
{
    /// <summary>With less than this the disk counts as full.</summary>
    private const long Least = 1024 * 1024;
    private const int NoSpaceLeft = 28;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private long Free => new DriveInfo(folder.Root).AvailableFreeSpace;

    /// <summary>Takes the reserve where there is room for it, and gives it up where there is none.</summary>
    public void Look()
    {
        var free = Free;
        if (File.Exists(folder.Reserve))
        {
            if (free >= Least)
            {
                return;
            }

            File.Delete(folder.Reserve);
            Logger.LogWarning(
                "The disk of the data folder is full: its reserve is given up, and work on data is refused until there is room"
            );
        }
        else if (options.Value.ReserveBytes > 0 && free > 2 * options.Value.ReserveBytes + Least)
        {
            Take();
        }
    }

    /// <summary>Refuses what takes room for data.</summary>
    /// <param name="bytes">What it is known to take.</param>
    /// <exception cref="IOException">The disk is full but for what is kept back.</exception>
    public void CheckRoom(long bytes = 0)
    {
        var kept = File.Exists(folder.Reserve) ? 0 : options.Value.ReserveBytes;
        if (Free - bytes < kept + Least)
        {
            throw new IOException(FullDiskFault.Sentence, NoSpaceLeft);
        }
    }

    protected override async Task WorkAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval);
        do
        {
            Look();
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Writes bytes that take room: a file of a length alone would take none.</summary>
    private void Take()
    {
        var part = folder.Reserve + ".tmp";
        using (var file = new FileStream(part, FileMode.Create, FileAccess.Write))
        {
            var block = new byte[64 * 1024];
            for (var left = options.Value.ReserveBytes; left > 0; left -= block.Length)
            {
                file.Write(block, 0, (int)Math.Min(left, block.Length));
            }
        }

        File.Move(part, folder.Reserve, overwrite: true);
    }
}
