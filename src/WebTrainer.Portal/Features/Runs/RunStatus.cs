using MudBlazor;
using WebTrainer.Domain.Runs;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>State of a run or evaluation as people read it: a word with its icon and colour.</summary>
public sealed record RunStatus(string Word, string Icon, Color Color)
{
    public static RunStatus Of(Run run) =>
        run.Approval switch
        {
            ApprovalState.Submitted => new("waits for approval", Icons.Material.Outlined.HourglassEmpty, Color.Warning),
            ApprovalState.Rejected => new("rejected", Icons.Material.Outlined.ThumbDown, Color.Error),
            ApprovalState.Withdrawn => new("withdrawn", Icons.Material.Outlined.Undo, Color.Default),
            _ => Of(run.Job!),
        };

    public static RunStatus Of(Job job) =>
        job.State switch
        {
            JobState.Queued when job.YieldedAt is not null => new("waits for short work", Icons.Material.Outlined.HourglassTop, Color.Info),
            JobState.Queued => new("queued", Icons.Material.Outlined.Queue, Color.Default),
            JobState.Starting => new("starting", Icons.Material.Outlined.RocketLaunch, Color.Info),
            JobState.Running => new("running", Icons.Material.Outlined.PlayCircle, Color.Info),
            JobState.Paused => new("paused", Icons.Material.Outlined.PauseCircle, Color.Warning),
            JobState.Completed => new("completed", Icons.Material.Outlined.CheckCircle, Color.Success),
            JobState.Stopped => new("stopped", Icons.Material.Outlined.StopCircle, Color.Default),
            _ => new("failed", Icons.Material.Outlined.Error, Color.Error),
        };
}
