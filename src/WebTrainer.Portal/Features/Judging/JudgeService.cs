using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Domain;
using WebTrainer.Domain.Judging;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Scoring.Judging;

namespace WebTrainer.Portal.Features.Judging;

/// <summary>What somebody fills in of a judge.</summary>
/// <param name="Address">Where the endpoint is, up to <c>/v1</c>; empty for a model of this server.</param>
/// <param name="Key">Null leaves the key as it is; empty takes it away.</param>
public sealed record JudgeForm(
    JudgeSource Source,
    string Name = "",
    string Address = "",
    string Model = "",
    string Rubric = "",
    string? Key = null
)
{
    /// <summary>What a judge begins with.</summary>
    public const string UsualRubric = """
        - **Right**: what the answer says is true, and it answers what was asked.
        - **Complete**: it leaves out nothing that the person needs.
        - **Clear**: it can be understood at once.

        A longer answer is not better for its length, and politeness makes up for nothing.
        """;

    public int ReplyTokens { get; init; } = 400;
    public long Seed { get; init; } = 1;
}

/// <param name="HasKey">Whether a key is kept; it is never shown.</param>
/// <param name="Calibrations">The newest of each kind that hold for the judge as it is.</param>
public sealed record JudgeView(
    Guid Id,
    JudgeSource Source,
    string Name,
    string Address,
    string Model,
    string Rubric,
    bool HasKey,
    int ReplyTokens,
    long Seed,
    string SettingsSha256,
    DateTimeOffset? RetiredAt,
    IReadOnlyList<CalibrationView> Calibrations
);

/// <summary>How a judge stood to experts.</summary>
/// <param name="Against">The labeling task.</param>
public sealed record CalibrationView(JudgeWorkKind Kind, string Against, DateTimeOffset At, JudgeResult Result);

/// <summary>Judges of a project: kept, tried, taken out of use.</summary>
public sealed class JudgeService(
    Authorizer authorizer,
    EndpointClient endpoint,
    LocalJudge local,
    JudgeSecrets secrets,
    JudgeRunner runner,
    Calibrations calibrations,
    IOptions<JudgingOptions> options
)
{
    public async Task<IReadOnlyList<JudgeView>> ListAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var judges = await work
            .Db.Judges.AsNoTracking()
            .Where(j => j.ProjectId == projectId)
            .OrderBy(j => j.RetiredAt != null)
            .ThenBy(j => j.Name)
            .ToListAsync(cancellationToken);
        var held = await calibrations.OfProjectAsync(work.Db, projectId, cancellationToken);
        return [.. judges.Select(judge => View(judge, held))];
    }

    public async Task<JudgeView> GetAsync(Caller caller, Guid projectId, Guid judgeId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return View(
            await FindAsync(work, judgeId, cancellationToken),
            await calibrations.OfProjectAsync(work.Db, projectId, cancellationToken)
        );
    }

    public async Task<bool> MayManageAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return work.Role.Allows(Permission.Evaluate);
    }

    /// <summary>Models of this server that can judge.</summary>
    public async Task<IReadOnlyList<string>> LocalModelsAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Evaluate, cancellationToken);
        return await local.NamesAsync(projectId, cancellationToken);
    }

    /// <summary>Keeps a new judge, or changes one. A changed judge is another one to its calibration.</summary>
    public async Task<Guid> SaveAsync(Caller caller, Guid projectId, Guid? judgeId, JudgeForm form, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Evaluate, cancellationToken);
        var judge = judgeId is { } id ? await FindAsync(work, id, cancellationToken) : await NewAsync(work, form.Source, cancellationToken);
        if (judge.Source != form.Source)
        {
            throw new RuleViolationException("A judge stays an endpoint or a model of this server. Make another one.");
        }

        var name = form.Name.Trim();
        if (await work.Db.Judges.AnyAsync(j => j.ProjectId == projectId && j.Id != judge.Id && j.Name == name, cancellationToken))
        {
            throw new RuleViolationException($"This project already has a judge {name}. Give it another name.");
        }

        await CheckAsync(work, judge, form, cancellationToken);
        var before = judgeId is null
            ? null
            : new
            {
                judge.Name,
                judge.Address,
                judge.Model,
                Settings = JudgeSettings.Of(judge).Sha256(),
            };
        judge.Change(form.Name, form.Address, form.Model, form.Rubric, form.ReplyTokens, form.Seed);
        if (form.Key is not null)
        {
            judge.ChangeSecret(form.Key.Length == 0 || form.Source == JudgeSource.Local ? null : secrets.Protect(judge.Id, form.Key));
        }

        work.Audit(
            judgeId is null ? "judge.added" : "judge.changed",
            judge.Id,
            before,
            new
            {
                judge.Name,
                judge.Source,
                judge.Address,
                judge.Model,
                Settings = JudgeSettings.Of(judge).Sha256(),
                KeyChanged = form.Key is not null,
            }
        );
        await work.SaveAsync(cancellationToken);
        return judge.Id;
    }

    /// <summary>Takes a judge out of use and forgets its key; what it judged stays.</summary>
    public async Task RetireAsync(Caller caller, Guid projectId, Guid judgeId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Evaluate, cancellationToken);
        var judge = await FindAsync(work, judgeId, cancellationToken);
        judge.Retire(work.Now);
        work.Audit("judge.retired", judge.Id, null, new { judge.Name });
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>Asks the judge something plain, without keeping anything.</summary>
    /// <param name="judgeId">A kept judge whose key is used where the form has none.</param>
    /// <returns>What it replied, and whether that is a verdict.</returns>
    public async Task<string> TestAsync(Caller caller, Guid projectId, Guid? judgeId, JudgeForm form, CancellationToken cancellationToken)
    {
        string? key;
        Judge judge;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.Evaluate, cancellationToken))
        {
            judge = judgeId is { } id
                ? await FindAsync(work, id, cancellationToken)
                : new Judge(projectId, form.Source, caller.UserId, work.Now);
            await CheckAsync(work, judge, form, cancellationToken);
            key =
                form.Source == JudgeSource.Local ? null
                : form.Key is null ? secrets.Read(judge)
                : form.Key.Length == 0 ? null
                : form.Key;
            if (judgeId is not null)
            {
                work.Db.Entry(judge).State = EntityState.Detached; // it is tried as filled in, and kept as it was
            }

            judge.Change(
                form.Name.Trim().Length == 0 ? "test" : form.Name,
                form.Address,
                form.Model,
                form.Rubric,
                form.ReplyTokens,
                form.Seed
            );
            work.Audit(
                "judge.tested",
                judgeId?.ToString() ?? judge.Name,
                null,
                new
                {
                    judge.Source,
                    judge.Address,
                    judge.Model,
                }
            );
            await work.SaveAsync(cancellationToken);
        }

        var question = JudgeQuestion.Of(
            new JudgeItem(new("", null), 0, "What is the capital of France?", "Paris.", "Bananas are yellow."),
            judge.Id,
            JudgeSettings.Of(judge)
        )[0];
        try
        {
            var reply = await runner.AskAsync(projectId, JudgeSettings.Of(judge), key, question.Prompt(judge.Rubric), cancellationToken);
            return VerdictReader.ReadPair(reply) switch
            {
                PairChoice.First => "It replied, and preferred the right answer of two plain ones.",
                { } other =>
                    $"It replied, but {(other == PairChoice.Tie ? "saw no difference between a right answer and a senseless one" : "preferred a senseless answer to the right one")}.",
                null =>
                    $"It replied, but with no verdict: {(reply.Length == 0 ? "nothing at all" : "“" + reply[..Math.Min(reply.Length, 200)] + "”")}. Such replies count as no verdict.",
            };
        }
        catch (JudgeException failure)
        {
            throw new RuleViolationException(failure.Message);
        }
    }

    private async Task CheckAsync(ProjectWork work, Judge judge, JudgeForm form, CancellationToken cancellationToken)
    {
        if (form.Source == JudgeSource.Local)
        {
            if (!(await local.NamesAsync(work.ProjectId, cancellationToken)).Contains(form.Model))
            {
                throw new RuleViolationException($"There is no model '{form.Model}' in this project.");
            }

            return;
        }

        // A kept key goes only where it was given for: nobody has it sent to a server of their own.
        if (form.Key is null && judge.Secret is not null && judge.Address != form.Address.Trim())
        {
            throw new RuleViolationException("Give the key again to use it at another address.");
        }

        endpoint.Check(form.Address.Trim(), hasKey: form.Key is { Length: > 0 } || (form.Key is null && judge.Secret is not null));
    }

    private async Task<Judge> NewAsync(ProjectWork work, JudgeSource source, CancellationToken cancellationToken)
    {
        if (
            await work.Db.Judges.CountAsync(j => j.ProjectId == work.ProjectId && j.RetiredAt == null, cancellationToken)
            >= options.Value.JudgesOfProject
        )
        {
            throw new RuleViolationException(
                $"A project has at most {options.Value.JudgesOfProject} judges in use. Take one out of use first."
            );
        }

        var judge = new Judge(work.ProjectId, source, work.Caller.UserId, work.Now);
        work.Db.Judges.Add(judge);
        return judge;
    }

    private static async Task<Judge> FindAsync(ProjectWork work, Guid judgeId, CancellationToken cancellationToken) =>
        await work.Db.Judges.SingleOrDefaultAsync(j => j.Id == judgeId && j.ProjectId == work.ProjectId, cancellationToken)
        ?? throw new NotFoundException("There is no such judge in this project.");

    private static JudgeView View(Judge judge, ProjectCalibrations held)
    {
        var sha256 = JudgeSettings.Of(judge).Sha256();
        return new(
            judge.Id,
            judge.Source,
            judge.Name,
            judge.Address,
            judge.Model,
            judge.Rubric,
            judge.Secret is not null,
            judge.ReplyTokens,
            judge.Seed,
            sha256,
            judge.RetiredAt,
            held.Of(judge.Id, sha256)
        );
    }
}
