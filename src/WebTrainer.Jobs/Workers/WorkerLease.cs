using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Workers;

/// <summary>The lock that a worker holds on its run folder for as long as it lives.</summary>
internal static class WorkerLease
{
    /// <summary>
    /// True when some process holds the lease. Looking takes it for a moment: ask only when no worker of this folder is about to start.
    /// </summary>
    public static bool IsHeld(RunFolder folder)
    {
        try
        {
            using var lease = new FileStream(folder.Lease, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
