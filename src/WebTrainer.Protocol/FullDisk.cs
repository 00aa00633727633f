namespace WebTrainer.Protocol;

/// <summary>What to do when the disk is full: wait for room, because what is in memory would be lost otherwise.</summary>
public static class FullDisk
{
    private const int NoSpaceLeft = 28,
        QuotaExceeded = 122,
        WindowsDiskFull = unchecked((int)0x80070070);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(2);

    /// <summary>Whether a write failed for want of room: no space left or quota exceeded on Unix, a full disk on Windows.</summary>
    public static bool Caused(IOException exception) =>
        (exception.HResult & 0xFFFF) is NoSpaceLeft or QuotaExceeded || exception.HResult == WindowsDiskFull;

    /// <summary>Writes, again and again while there is no room.</summary>
    /// <param name="write">Must leave nothing half-written that a second try would meet.</param>
    /// <param name="onFull">Called once, when the first try has failed.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How long it waited; zero where there was room.</returns>
    /// <exception cref="OperationCanceledException">While waiting.</exception>
    public static TimeSpan WriteWhenThereIsRoom(Action write, Action? onFull, CancellationToken cancellationToken)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        for (var waited = false; ; waited = true)
        {
            try
            {
                write();
                return waited ? watch.Elapsed : TimeSpan.Zero;
            }
            catch (IOException exception) when (Caused(exception))
            {
                if (!waited)
                {
                    onFull?.Invoke();
                }

                cancellationToken.WaitHandle.WaitOne(s_retry);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }
}
