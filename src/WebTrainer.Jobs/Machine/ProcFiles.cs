using System.Globalization;

namespace WebTrainer.Jobs.Machine;

/// <summary>What Linux tells in <c>/proc</c> (proc(5)).</summary>
public static class ProcFiles
{
    private const int Idle = 3,
        IoWait = 4,
        Counted = 8; // user to steal; guests are within user and nice

    /// <summary>Ticks of all cores since the machine began, worked and in all.</summary>
    /// <param name="stat">Text of <c>/proc/stat</c>.</param>
    /// <exception cref="FormatException">It has no line of all cores.</exception>
    public static (long Worked, long All) Processor(string stat)
    {
        var line = Line(stat, "cpu ") ?? throw new FormatException("/proc/stat has no line of all cores.");
        var ticks = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Skip(1)
            .Take(Counted)
            .Select(tick => long.Parse(tick, CultureInfo.InvariantCulture))
            .ToList();
        var all = ticks.Sum();
        return (all - ticks[Idle] - ticks[IoWait], all);
    }

    /// <summary>Bytes in all, and those that programs can have without swapping.</summary>
    /// <param name="meminfo">Text of <c>/proc/meminfo</c>.</param>
    public static (long Total, long Free) Memory(string meminfo)
    {
        long Bytes(string name) =>
            Line(meminfo, name) is { } line
                ? long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024
                : 0;
        return (Bytes("MemTotal:"), Bytes("MemAvailable:"));
    }

    /// <summary>Name of the processor; null where <c>/proc/cpuinfo</c> has none.</summary>
    public static string? ProcessorName(string cpuinfo) => Line(cpuinfo, "model name")?.Split(':', 2)[1].Trim();

    private static string? Line(string text, string beginning) =>
        text.Split('\n').FirstOrDefault(line => line.StartsWith(beginning, StringComparison.Ordinal));
}
