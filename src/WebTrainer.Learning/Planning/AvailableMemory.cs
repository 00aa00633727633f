using System.Globalization;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Planning;

/// <summary>Bytes that this process can still take: what the machine has free, or what its control group allows if that is less.</summary>
internal static class AvailableMemory
{
    private const string Machine = "/proc/meminfo",
        Limit = "/sys/fs/cgroup/memory.max",
        Used = "/sys/fs/cgroup/memory.current";

    /// <summary>Bytes that a job on this device can still take: the machine's, or the GPU's own.</summary>
    /// <returns>Null where nobody tells.</returns>
    public static long? Of(string device) =>
        DeviceName.IsGpu(device) ? Gpu.ReadAll().ElementAtOrDefault(DeviceName.IndexOf(device))?.FreeBytes : Read();

    /// <returns>Null where the system doesn't tell.</returns>
    public static long? Read()
    {
        var free = File.Exists(Machine) ? Kilobytes(File.ReadLines(Machine), "MemAvailable:") : null;
        var allowed = Number(Limit) - Number(Used);
        return free is null ? allowed
            : allowed is null ? free
            : Math.Min(free.Value, allowed.Value);
    }

    /// <summary>Bytes of this process in memory, now and at most so far.</summary>
    public static (long Now, long Peak) OfProcess()
    {
        const string Status = "/proc/self/status";
        if (!File.Exists(Status))
        {
            using var process = System.Diagnostics.Process.GetCurrentProcess();
            return (process.WorkingSet64, process.PeakWorkingSet64);
        }

        var lines = File.ReadAllLines(Status);
        return (Kilobytes(lines, "VmRSS:") ?? 0, Kilobytes(lines, "VmHWM:") ?? 0);
    }

    /// <summary>Lets the peak of <see cref="OfProcess"/> begin anew from what is held now, where the kernel allows it.</summary>
    public static void ResetPeak()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            // Then the peak is that of the whole process, which is no less true.
        }
    }

    private static long? Kilobytes(IEnumerable<string> lines, string name) =>
        lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line
        && long.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture, out var value)
            ? value * 1024
            : null;

    /// <returns>Null where the file is missing or says <c>max</c>.</returns>
    private static long? Number(string path) =>
        File.Exists(path) && long.TryParse(File.ReadAllText(path).Trim(), CultureInfo.InvariantCulture, out var value) ? value : null;
}
