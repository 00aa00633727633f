using System.Diagnostics;

namespace WebTrainer.EndToEnd.Support;

/// <summary>Waits for what other processes do.</summary>
public static class Eventually
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    public static async Task IsTrueAsync(Func<Task<bool>> condition, TimeSpan timeout, Func<string> otherwise)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > timeout)
            {
                throw new TimeoutException(otherwise());
            }

            await Task.Delay(s_look);
        }
    }
}
