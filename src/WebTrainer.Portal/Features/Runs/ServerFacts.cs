using System.Globalization;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Queue;
using WebTrainer.Portal.Access;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs;

/// <param name="Gpu">What its driver tells; null for the CPU.</param>
public sealed record SlotView(string Name, bool Busy, Gpu? Gpu);

public sealed record ServerView(
    string Processor,
    int Cores,
    long MemoryBytes,
    long MemoryFreeBytes,
    long DiskBytes,
    long DiskFreeBytes,
    IReadOnlyList<SlotView> Slots,
    int Queued
);

/// <summary>What this server has and what of it is in use.</summary>
public sealed class ServerFacts(Authorizer authorizer, Slots slots, Devices devices, DataFolder folder)
{
    public async Task<ServerView> ReadAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var active = await work.Db.Jobs.Where(j => j.Slot != null).Select(j => j.Slot!).ToListAsync(cancellationToken);
        var queued = await work.Db.Jobs.CountAsync(j => j.State == JobState.Queued, cancellationToken);
        var memory = await ReadMemoryAsync(cancellationToken);
        var disk = new DriveInfo(folder.Root);
        return new ServerView(
            await ReadProcessorAsync(cancellationToken),
            Environment.ProcessorCount,
            memory.Total,
            memory.Free,
            disk.TotalSize,
            disk.AvailableFreeSpace,
            [.. slots.All.Select(s => new SlotView(s, active.Contains(s), devices.GpuOf(s)))],
            queued
        );
    }

    private static async Task<(long Total, long Free)> ReadMemoryAsync(CancellationToken cancellationToken)
    {
        var lines = await File.ReadAllLinesAsync("/proc/meminfo", cancellationToken);
        long Bytes(string name) =>
            lines
                .Where(l => l.StartsWith(name, StringComparison.Ordinal))
                .Select(l => long.Parse(l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024)
                .FirstOrDefault();
        return (Bytes("MemTotal:"), Bytes("MemAvailable:"));
    }

    private static async Task<string> ReadProcessorAsync(CancellationToken cancellationToken)
    {
        var lines = await File.ReadAllLinesAsync("/proc/cpuinfo", cancellationToken);
        return lines.FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            ?? "unknown processor";
    }
}
