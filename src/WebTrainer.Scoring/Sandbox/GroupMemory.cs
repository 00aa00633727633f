using System.Globalization;

namespace WebTrainer.Scoring.Sandbox;

/// <summary>
/// Memory of a process with all that come from it: limits of the system are for each process alone, so that many small ones take what one
/// may not. What processes share counts for each of them, so the sum is never too low.
/// </summary>
internal static class GroupMemory
{
    /// <summary>How often it is looked at: between two looks two cores fill about a hundred megabytes.</summary>
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(25);

    /// <summary>Ends when the group has more than the limit, or when cancelled.</summary>
    /// <returns>Whether it had.</returns>
    public static async Task<bool> ExceedsAsync(int process, long limit, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (BytesOf(process) > limit)
            {
                return true;
            }

            await Task.Delay(s_interval, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    /// <summary>Resident memory of a process and all below it; 0 of those that have ended.</summary>
    public static long BytesOf(int process)
    {
        var (sum, seen, waiting) = (0L, new HashSet<int>(), new Stack<int>([process]));
        while (waiting.TryPop(out var next))
        {
            if (!seen.Add(next))
            {
                continue;
            }

            sum += ResidentOf(next);
            foreach (var child in ChildrenOf(next))
            {
                waiting.Push(child);
            }
        }

        return sum;
    }

    private static long ResidentOf(int process) =>
        Read($"/proc/{process}/statm").Split(' ') is [_, var pages, ..]
            ? long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize
            : 0;

    /// <summary>Each thread has the children that it made.</summary>
    private static IEnumerable<int> ChildrenOf(int process) =>
        ThreadsOf(process)
            .SelectMany(thread =>
                Read(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            )
            .Select(child => int.Parse(child, CultureInfo.InvariantCulture));

    private static string[] ThreadsOf(int process)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{process}/task");
        }
        catch (IOException)
        {
            return []; // it ended while we looked
        }
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return ""; // it ended while we looked
        }
    }
}
