using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Judging;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Judging;

/// <summary>Calibrations of a project's judges, by judge and settings: those of other settings say nothing of it.</summary>
public sealed class ProjectCalibrations(ILookup<(Guid JudgeId, string Settings), CalibrationView> newestFirst)
{
    /// <summary>The newest of each kind.</summary>
    public IReadOnlyList<CalibrationView> Of(Guid judgeId, string settingsSha256) =>
        [.. newestFirst[(judgeId, settingsSha256)].DistinctBy(calibration => calibration.Kind)];

    /// <summary>The one that tells how far verdicts of this kind of work can be trusted; null where there is none.</summary>
    public CalibrationView? For(JudgeWorkKind kind, Guid judgeId, string settingsSha256)
    {
        var needed = kind is JudgeWorkKind.ComparePairs or JudgeWorkKind.CalibratePairs
            ? JudgeWorkKind.CalibratePairs
            : JudgeWorkKind.CalibrateScores;
        return Of(judgeId, settingsSha256).FirstOrDefault(calibration => calibration.Kind == needed);
    }
}

/// <summary>Reads calibrations that are done.</summary>
public sealed class Calibrations
{
    public async Task<ProjectCalibrations> OfProjectAsync(AppDb db, Guid projectId, CancellationToken cancellationToken)
    {
        var done = await db
            .JudgeWorks.AsNoTracking()
            .Where(w =>
                w.ProjectId == projectId
                && w.State == JudgeWorkState.Done
                && (w.Kind == JudgeWorkKind.CalibratePairs || w.Kind == JudgeWorkKind.CalibrateScores)
            )
            .OrderByDescending(w => w.EndedAt)
            .Select(w => new
            {
                w.JudgeId,
                w.SettingsSha256,
                w.Kind,
                Task = db.LabelTasks.Where(t => t.Id == w.Subject).Select(t => t.Name).First(),
                w.EndedAt,
                w.Result,
            })
            .ToListAsync(cancellationToken);
        return new(
            done.Select(w => (Work: w, Result: Stored.TryRead(() => JudgeJson.Read<JudgeResult>(w.Result!))))
                .Where(read => read.Result is not null) // one that is damaged says nothing
                .ToLookup(
                    read => (read.Work.JudgeId, read.Work.SettingsSha256),
                    read => new CalibrationView(read.Work.Kind, read.Work.Task, read.Work.EndedAt!.Value, read.Result!)
                )
        );
    }
}
