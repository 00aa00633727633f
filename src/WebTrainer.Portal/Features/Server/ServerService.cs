using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Evaluations;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs.Queue;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Runs.Waiting;

namespace WebTrainer.Portal.Features.Server;

/// <summary>A job as whoever looks may know it.</summary>
/// <param name="Name">"run 12 · tickets"; of a project that they are not in, what kind of work it is.</param>
/// <param name="Address">Its page; null where they may not open it.</param>
/// <param name="Project">Null where they are not in it.</param>
/// <param name="Person">Null where they are not in the project.</param>
public sealed record JobLine(Job Job, string Name, string? Address, string? Project, string? Person);

/// <summary>A device and who has it.</summary>
/// <param name="Work">Null while nobody has it.</param>
public sealed record SlotLine(string Slot, JobLine? Work);

/// <summary>A waiting job.</summary>
public sealed record WaitLine(JobLine Work, QueueEntry Entry, string Sentence);

/// <summary>Device hours of a project.</summary>
/// <param name="Cost">Of this month, by the project's price; null where it has none.</param>
/// <param name="People">Hours of this month by person, most first.</param>
public sealed record ProjectHours(
    Guid ProjectId,
    string Name,
    double Weight,
    double? Quota,
    double ThisMonth,
    double LastMonth,
    double? Cost,
    string Currency,
    IReadOnlyList<(string Name, double Hours)> People
);

/// <param name="IsAdmin">Whoever looks sets weights and quotas.</param>
public sealed record ServerUse(
    bool IsAdmin,
    IReadOnlyList<SlotLine> Slots,
    IReadOnlyList<WaitLine> Waiting,
    IReadOnlyList<ProjectHours> Hours
);

/// <summary>
/// Who has the server's devices, who waits, and what was used. Anybody sees that there is other work; whose it is only who is in its
/// project,
/// and administrators see projects and people, as their quotas ask for.
/// </summary>
public sealed class ServerService(Authorizer authorizer, Slots slots, QueueOutlook outlook)
{
    public async Task<ServerUse> ReadAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenOwnAsync(caller, TokenScopes.Read, cancellationToken);
        var isAdmin = await authorizer.IsAdminAsync(caller, cancellationToken);
        var eyes = await Eyes.OpenAsync(work, isAdmin, cancellationToken);
        var active = await work.Db.Jobs.AsNoTracking().Where(job => job.Slot != null).ToListAsync(cancellationToken);
        var waiting = await outlook.ReadAsync(cancellationToken);
        var lines = await eyes.LinesAsync([.. active, .. waiting.Select(entry => entry.Job)], cancellationToken);
        return new ServerUse(
            isAdmin,
            [.. slots.All.Select(slot => new SlotLine(slot, active.Find(job => job.Slot == slot) is { } job ? lines[job.Id] : null))],
            [.. waiting.Select(entry => new WaitLine(lines[entry.Job.Id], entry, QueueWords.Sentence(entry)))],
            await eyes.HoursAsync(active, cancellationToken)
        );
    }

    /// <summary>Sets what a project may have of the devices.</summary>
    /// <param name="monthlyDeviceHours">Null for as many as there are.</param>
    /// <exception cref="NotFoundException">There is no such project.</exception>
    public async Task SetShareAsync(
        Caller caller,
        Guid projectId,
        double weight,
        double? monthlyDeviceHours,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAdminAsync(caller, cancellationToken);
        var project =
            await work.Db.Projects.SingleOrDefaultAsync(p => p.Id == projectId, cancellationToken)
            ?? throw new NotFoundException("There is no such project.");
        var before = new { project.ShareWeight, project.MonthlyDeviceHours };
        project.SetShare(weight, monthlyDeviceHours);
        work.AuditIn(projectId, "project.share-set", projectId, before, new { project.ShareWeight, project.MonthlyDeviceHours });
        await work.SaveAsync(cancellationToken);
    }
}
