namespace WebTrainer.Jobs.Machine;

/// <summary>A GPU at one moment. What its driver doesn't tell is null.</summary>
/// <param name="Device">As jobs name it, <c>cuda:0</c> and up.</param>
/// <param name="Busy">Share of the time in which it did something, 0 to 1.</param>
/// <param name="EnergyJoules">Since its driver was loaded.</param>
public sealed record GpuReading(
    string Device,
    string Name,
    long? MemoryBytes,
    long? MemoryUsedBytes,
    double? Busy,
    double? Celsius,
    double? Watts,
    double? EnergyJoules
);

/// <summary>This machine at one moment.</summary>
/// <param name="Busy">Share of all cores' time that was worked since the reading before, 0 to 1; null for the first.</param>
/// <param name="DiskBytes">Of the disk that the data folder is on.</param>
public sealed record MachineReading(
    DateTimeOffset At,
    int Cores,
    double? Busy,
    long MemoryBytes,
    long MemoryFreeBytes,
    long DiskBytes,
    long DiskFreeBytes,
    IReadOnlyList<GpuReading> Gpus
);
