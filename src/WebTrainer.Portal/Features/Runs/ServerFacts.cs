using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Machine;
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
public sealed class ServerFacts(Authorizer authorizer, Slots slots, Devices devices, MachineMonitor machine)
{
    public async Task<ServerView> ReadAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var active = await work.Db.Jobs.Where(j => j.Slot != null).Select(j => j.Slot!).ToListAsync(cancellationToken);
        var queued = await work.Db.Jobs.CountAsync(j => j.State == JobState.Queued, cancellationToken);
        var now = machine.Latest;
        return new ServerView(
            machine.ProcessorName,
            now.Cores,
            now.MemoryBytes,
            now.MemoryFreeBytes,
            now.DiskBytes,
            now.DiskFreeBytes,
            [.. slots.All.Select(s => new SlotView(s, active.Contains(s), devices.GpuOf(s)))],
            queued
        );
    }
}
