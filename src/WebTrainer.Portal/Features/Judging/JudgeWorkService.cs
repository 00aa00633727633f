using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Domain;
using WebTrainer.Domain.Judging;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Benchmarks;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Judging;

/// <param name="Subject">Name of the labeling task, or "evaluation 12".</param>
/// <param name="Done">Questions answered so far; null while it waits, and when it has ended.</param>
/// <param name="Calibration">What tells how far these verdicts can be trusted; null where the judge, as it was, has not been held against
/// experts.</param>
/// <param name="JudgeChanged">The judge has other settings now than when it did this.</param>
public sealed record JudgeWorkView(
    Guid Id,
    JudgeWorkKind Kind,
    Guid JudgeId,
    string Judge,
    Guid SubjectId,
    string Subject,
    JudgeWorkRequest Request,
    JudgeWorkState State,
    string? Error,
    int? Done,
    int? Total,
    string By,
    DateTimeOffset At,
    JudgeResult? Result,
    CalibrationView? Calibration,
    bool JudgeChanged
);

/// <summary>What a judge can be held against.</summary>
/// <param name="Question">Key of the rating question; null for a comparison of models.</param>
/// <param name="Text">What people were asked.</param>
public sealed record CalibrationChoice(Guid TaskId, string Task, JudgeWorkKind Kind, string? Question, string Text);

/// <summary>Judges at work: held against experts, and judging the models of evaluations.</summary>
public sealed class JudgeWorkService(
    Authorizer authorizer,
    JudgeItems items,
    JudgeRunner runner,
    Calibrations calibrations,
    IOptions<JudgingOptions> options
)
{
    private const string Damaged =
        "What was asked or found can't be read from the database, where it was damaged. Begin it anew; nothing that was answered is asked twice.";

    /// <summary>Requests that one piece of work judges at most.</summary>
    public int MostItems => options.Value.MostItems;

    /// <summary>Closed tasks whose answers a judge can be held against.</summary>
    public async Task<IReadOnlyList<CalibrationChoice>> ChoicesAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var tasks = await work
            .Db.LabelTasks.AsNoTracking()
            .Where(t => t.ProjectId == projectId && t.ClosedAt != null)
            .OrderByDescending(t => t.ClosedAt)
            .ToListAsync(cancellationToken);
        return
        [
            .. tasks.SelectMany(task =>
                task.Models.Count > 1 && task.Find(QuestionKind.BestOfTwo) is { } best
                    ? [new CalibrationChoice(task.Id, task.Name, JudgeWorkKind.CalibratePairs, null, best.Text)]
                : task.Models.Count > 0 ? []
                : task
                    .Questions.Where(JudgeItems.IsScale)
                    .Select(q => new CalibrationChoice(task.Id, task.Name, JudgeWorkKind.CalibrateScores, q.Key, q.Text))
            ),
        ];
    }

    /// <summary>Sets a judge to work.</summary>
    public async Task<Guid> StartAsync(
        Caller caller,
        Guid projectId,
        Guid judgeId,
        JudgeWorkRequest request,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Evaluate, cancellationToken);
        request.Check(MostItems);
        var judge =
            await work.Db.Judges.AsNoTracking().SingleOrDefaultAsync(j => j.Id == judgeId && j.ProjectId == projectId, cancellationToken)
            ?? throw new NotFoundException("There is no such judge in this project.");
        if (judge.RetiredAt is not null)
        {
            throw new RuleViolationException($"{judge.Name} is out of use.");
        }

        await CheckQuotaAsync(work, cancellationToken);
        await items.ReadAsync(work.Db, projectId, request, cancellationToken); // refuses now what would fail later
        var settings = JudgeSettings.Of(judge);
        var begun = new JudgeWork(
            judge,
            request.Kind,
            request.Subject,
            JudgeJson.Write(request),
            JudgeJson.Write(settings),
            settings.Sha256(),
            caller.UserId,
            caller.Name,
            work.Now
        );
        work.Db.JudgeWorks.Add(begun);
        work.Audit(
            "judging.started",
            begun.Id,
            null,
            new
            {
                judge.Name,
                request.Kind,
                request.Subject,
                request.Question,
                request.Models,
                request.MaxItems,
                Settings = begun.SettingsSha256,
            }
        );
        await work.SaveAsync(cancellationToken);
        runner.Begin(begun.Id);
        return begun.Id;
    }

    /// <summary>Ends work; what was answered is kept.</summary>
    public async Task StopAsync(Caller caller, Guid projectId, Guid workId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Evaluate, cancellationToken);
        (await FindAsync(work, workId, cancellationToken)).Stop(work.Now);
        work.Audit("judging.stopped", workId);
        await work.SaveAsync(cancellationToken);
        runner.Cancel(workId);
    }

    /// <summary>Lets work that failed or was stopped go on behind the last reply.</summary>
    public async Task ResumeAsync(Caller caller, Guid projectId, Guid workId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Evaluate, cancellationToken);
        await CheckQuotaAsync(work, cancellationToken);
        (await FindAsync(work, workId, cancellationToken)).Resume();
        work.Audit("judging.resumed", workId);
        await work.SaveAsync(cancellationToken);
        runner.Begin(workId);
    }

    /// <summary>What a judge has done and does, the newest first.</summary>
    public Task<IReadOnlyList<JudgeWorkView>> OfJudgeAsync(
        Caller caller,
        Guid projectId,
        Guid judgeId,
        CancellationToken cancellationToken
    ) => ListAsync(caller, projectId, all => all.Where(w => w.JudgeId == judgeId), cancellationToken);

    /// <summary>What judges said of an evaluation's models, the newest first.</summary>
    public Task<IReadOnlyList<JudgeWorkView>> OfEvaluationAsync(
        Caller caller,
        Guid projectId,
        Guid evaluationId,
        CancellationToken cancellationToken
    ) => ListAsync(caller, projectId, all => all.Where(w => w.Subject == evaluationId), cancellationToken);

    /// <summary>Names of the models that an evaluation has answers of, in its report's order; none where it has no report yet.</summary>
    public async Task<IReadOnlyList<string>> ModelsOfAsync(
        Caller caller,
        Guid projectId,
        Guid evaluationId,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var report = await work
            .Db.Evaluations.Where(e => e.ProjectId == projectId && e.Id == evaluationId)
            .Select(e => e.Report)
            .SingleOrDefaultAsync(cancellationToken);
        return report is null ? [] : [.. StoredReport.TryRead(report)?.Models.Select(model => model.Name) ?? []];
    }

    public async Task<JudgeWorkView> GetAsync(Caller caller, Guid projectId, Guid workId, CancellationToken cancellationToken) =>
        await ListAsync(caller, projectId, all => all.Where(w => w.Id == workId), cancellationToken) is [var work]
            ? work
            : throw new NotFoundException("There is no such work of a judge in this project.");

    private async Task<IReadOnlyList<JudgeWorkView>> ListAsync(
        Caller caller,
        Guid projectId,
        Func<IQueryable<JudgeWork>, IQueryable<JudgeWork>> which,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var works = await which(work.Db.JudgeWorks.AsNoTracking().Where(w => w.ProjectId == projectId))
            .OrderByDescending(w => w.CreatedAt)
            .ToListAsync(cancellationToken);
        var judges = await work
            .Db.Judges.AsNoTracking()
            .Where(j => j.ProjectId == projectId)
            .ToDictionaryAsync(j => j.Id, cancellationToken);
        var subjects = works.Select(w => w.Subject).Distinct().ToList();
        var names = await work
            .Db.LabelTasks.Where(t => subjects.Contains(t.Id))
            .ToDictionaryAsync(t => t.Id, t => t.Name, cancellationToken);
        foreach (
            var evaluation in await work
                .Db.Evaluations.Where(e => subjects.Contains(e.Id))
                .Select(e => new { e.Id, e.Number })
                .ToListAsync(cancellationToken)
        )
        {
            names[evaluation.Id] = $"evaluation {evaluation.Number}";
        }

        var held = await calibrations.OfProjectAsync(work.Db, projectId, cancellationToken);
        return [.. works.Select(w => View(w, judges[w.JudgeId], names.GetValueOrDefault(w.Subject, ""), held))];
    }

    private JudgeWorkView View(JudgeWork work, Judge judge, string subject, ProjectCalibrations held)
    {
        var progress = work.State == JudgeWorkState.Open ? runner.ProgressOf(work.Id) : null;
        var request = Stored.TryRead(() => JudgeJson.Read<JudgeWorkRequest>(work.Request));
        var result = work.Result is { } written ? Stored.TryRead(() => JudgeJson.Read<JudgeResult>(written)) : null;
        return new(
            work.Id,
            work.Kind,
            work.JudgeId,
            judge.Name,
            work.Subject,
            subject,
            request ?? new JudgeWorkRequest(work.Kind, work.Subject),
            work.State,
            request is null || work.Result is not null && result is null ? Damaged : work.Error ?? runner.ProblemOf(work.Id),
            progress?.Done,
            progress?.Total,
            work.CreatedByName,
            work.CreatedAt,
            result,
            held.For(work.Kind, work.JudgeId, work.SettingsSha256),
            JudgeSettings.Of(judge).Sha256() != work.SettingsSha256
        );
    }

    private async Task CheckQuotaAsync(ProjectWork work, CancellationToken cancellationToken)
    {
        var open = await work.Db.JudgeWorks.CountAsync(
            w => w.CreatedBy == work.Caller.UserId && w.State == JudgeWorkState.Open,
            cancellationToken
        );
        if (open >= options.Value.WorksOfPerson)
        {
            throw new RuleViolationException(
                $"{open} of your judgings are under way or wait, which is as many as may. Wait until one has ended, or stop one."
            );
        }
    }

    private static async Task<JudgeWork> FindAsync(ProjectWork work, Guid workId, CancellationToken cancellationToken) =>
        await work.Db.JudgeWorks.SingleOrDefaultAsync(w => w.Id == workId && w.ProjectId == work.ProjectId, cancellationToken)
        ?? throw new NotFoundException("There is no such work of a judge in this project.");
}
