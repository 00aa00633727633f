using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Runs;

namespace WebTrainer.Jobs.Queue;

/// <summary>
/// How long jobs take: a run as its plan measured it, corrected by how far past runs went beyond their plans; else as the middle one of the
/// last of its kind, in its project or on this server. A job that works says itself how long it still needs.
/// </summary>
internal sealed class JobEstimates
{
    private const int MostPast = 300,
        FewestPlans = 3;

    private readonly Dictionary<Guid, double> _planned;
    private readonly List<(Guid ProjectId, string Kind, double Seconds)> _past;
    private readonly double _beyondPlan;

    private JobEstimates(Dictionary<Guid, double> planned, List<(Guid JobId, Guid ProjectId, string Kind, double Seconds)> past)
    {
        _planned = planned;
        _past = [.. past.Select(job => (job.ProjectId, job.Kind, job.Seconds))];
        var ratios = past.Where(job => planned.GetValueOrDefault(job.JobId) > 0).Select(job => job.Seconds / planned[job.JobId]).ToList();
        _beyondPlan = ratios.Count < FewestPlans ? 1 : Median(ratios);
    }

    public static async Task<JobEstimates> ReadAsync(AppDb db, CancellationToken cancellationToken)
    {
        var past = await db
            .Jobs.Where(job => job.State == JobState.Completed && job.StartedAt != null)
            .OrderByDescending(job => job.EndedAt)
            .Take(MostPast)
            .Select(job => new
            {
                job.Id,
                job.ProjectId,
                job.Kind,
            })
            .ToListAsync(cancellationToken);
        var ids = past.ConvertAll(job => job.Id);
        var uses = await db
            .DeviceUses.Where(use => ids.Contains(use.JobId))
            .Select(use => new
            {
                use.JobId,
                use.From,
                use.Until,
            })
            .ToListAsync(cancellationToken);
        var seconds = uses.GroupBy(use => use.JobId)
            .ToDictionary(job => job.Key, job => job.Sum(use => (use.Until - use.From).TotalSeconds));
        var planned = await db
            .Runs.Where(run => run.JobId != null && run.PlannedSeconds != null)
            .Where(run => ids.Contains(run.JobId!.Value) || run.Job!.EndedAt == null)
            .Select(run => new { JobId = run.JobId!.Value, Seconds = run.PlannedSeconds!.Value })
            .ToDictionaryAsync(run => run.JobId, run => run.Seconds, cancellationToken);
        return new JobEstimates(
            planned,
            [.. past.Where(job => seconds.ContainsKey(job.Id)).Select(job => (job.Id, job.ProjectId, job.Kind, seconds[job.Id]))]
        );
    }

    /// <summary>Seconds that it will still need of a device; null where nothing of its kind has ended here.</summary>
    public double? Left(Job job, DateTimeOffset now)
    {
        if (job.SecondsLeft is { } said)
        {
            return said;
        }

        return Whole(job) is not { } whole ? null
            : job.SlotSince is { } since ? Math.Max(0, whole - (now - since).TotalSeconds)
            : whole * (1 - job.Progress);
    }

    /// <summary>Seconds that it takes in all, or took; null where nothing is known.</summary>
    public double? Whole(Job job) =>
        _planned.TryGetValue(job.Id, out var planned) ? planned * _beyondPlan
        : MiddleOf(past => past.Kind == job.Kind && past.ProjectId == job.ProjectId) is { } inProject ? inProject
        : MiddleOf(past => past.Kind == job.Kind);

    private double? MiddleOf(Func<(Guid ProjectId, string Kind, double Seconds), bool> isAlike) =>
        _past.Where(isAlike).Select(past => past.Seconds).ToList() is { Count: > 0 } seconds ? Median(seconds) : null;

    private static double Median(List<double> values)
    {
        values.Sort();
        return (values[values.Count / 2] + values[(values.Count - 1) / 2]) / 2;
    }
}
