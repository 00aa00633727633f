using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WebTrainer.Data;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Machine;

/// <summary>Looks at the machine every few seconds, and remembers the last hour: the one place that pages and reckonings ask.</summary>
public sealed class MachineMonitor(DataFolder folder, TimeProvider clock, ILogger<MachineMonitor> logger) : BackgroundService
{
    /// <summary>Between two readings.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private const int Kept = 720; // an hour

    private readonly Nvml? _nvml = Nvml.TryOpen();
    private readonly Queue<MachineReading> _readings = new();
    private readonly Lock _lock = new();
    private (long Worked, long All)? _before;

    /// <summary>Readings of the last hour, the latest last; there is always one.</summary>
    public IReadOnlyList<MachineReading> Readings
    {
        get
        {
            lock (_lock)
            {
                if (_readings.Count == 0)
                {
                    Look();
                }

                return [.. _readings];
            }
        }
    }

    public MachineReading Latest => Readings[^1];

    /// <summary>As the machine names it.</summary>
    public string ProcessorName { get; } = ProcFiles.ProcessorName(File.ReadAllText("/proc/cpuinfo")) ?? "unknown processor";

    public override void Dispose()
    {
        base.Dispose();
        _nvml?.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                lock (_lock)
                {
                    Look();
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                logger.LogWarning(exception, "The machine could not be looked at; trying again");
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Look()
    {
        var (now, memory, disk) = (
            ProcFiles.Processor(File.ReadAllText("/proc/stat")),
            ProcFiles.Memory(File.ReadAllText("/proc/meminfo")),
            new DriveInfo(folder.Root)
        );
        var busy = _before is { } before && now.All > before.All ? (double?)(now.Worked - before.Worked) / (now.All - before.All) : null;
        _before = now;
        _readings.Enqueue(
            new MachineReading(
                clock.GetUtcNow(),
                Environment.ProcessorCount,
                busy,
                memory.Total,
                memory.Free,
                disk.TotalSize,
                disk.AvailableFreeSpace,
                _nvml?.Read(Environment.GetEnvironmentVariable(Gpu.Visible)) ?? []
            )
        );
        if (_readings.Count > Kept)
        {
            _readings.Dequeue();
        }
    }
}
