namespace WebTrainer.Domain.Runs;

/// <summary>A time in which a job held a device, written when it gave it back: what fair share, quotas and costs are reckoned
/// from.</summary>
public sealed class DeviceUse
{
    /// <summary>Its own; a job has several.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The job that held it; a job has one for each time that its worker was started.</summary>
    public Guid JobId { get; private set; }

    /// <summary>The job's, kept here too.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>User id of whose work it was.</summary>
    public string UserId { get; private set; } = "";

    /// <summary>As <see cref="Job.Slot"/>; empty where it was before slots were written down.</summary>
    public string Slot { get; private set; } = "";

    /// <summary>When the job got the device.</summary>
    public DateTimeOffset From { get; private set; }

    /// <summary>When its end was known here, or that it had given it back.</summary>
    public DateTimeOffset Until { get; private set; }

    private DeviceUse() { }

    /// <param name="from">A clock that was set back meanwhile makes a time of nothing.</param>
    public DeviceUse(Job job, string slot, DateTimeOffset from, DateTimeOffset until)
    {
        JobId = job.Id;
        ProjectId = job.ProjectId;
        UserId = job.CreatedBy;
        Slot = slot;
        From = from < until ? from : until;
        Until = until;
    }
}
