using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Policies;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs;
using WebTrainer.Jobs.Kinds.Export;
using WebTrainer.Jobs.Kinds.Plan;
using WebTrainer.Jobs.Queue;
using WebTrainer.Models;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Datasets.Policies;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Features.Runs.Approving;
using WebTrainer.Portal.Hosting;
using WebTrainer.Protocol;
using WebTrainer.Protocol.Settings;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>A run with what people need beside it.</summary>
/// <param name="Spec">Of a run with a <see cref="Problem"/>, settings of nothing; of an adapter that was brought in, its base and
/// method.</param>
/// <param name="Data">The version that it learned from; null where the adapter was brought in.</param>
public sealed record RunView(Run Run, TrainSpec Spec, VersionName? Data, string SubmittedByName, string? DecidedByName)
{
    public RunStatus Status => RunStatus.Of(Run);

    /// <summary>Why its settings are not shown; null where they are.</summary>
    public string? Problem { get; init; }

    /// <summary>The number of the run whose approval holds for this one too; null where it has one of its own.</summary>
    public int? LikeNumber { get; init; }

    /// <summary>Of two who approve, the first; null where none has, or one is enough.</summary>
    public string? FirstApprovedByName { get; init; }

    /// <summary>What it learned from, in words.</summary>
    public string DataInWords => Data is { } data ? $"{data.Name} v{data.Number}" : $"brought in from {Run.ImportedFrom}";

    /// <summary>Its settings; of an adapter that was brought in, only what the adapter itself tells.</summary>
    public IReadOnlyList<SettingLine> Settings =>
        Problem is not null ? []
        : Run.IsImported ? SettingWords.OfAdapter(Spec)
        : SettingWords.Of(Spec);
}

/// <summary>Runs from submission to their end: planning, approval by a second person, control.</summary>
public sealed class RunService(
    Authorizer authorizer,
    TrainSpecs specs,
    RowGroups groups,
    ModelCatalog models,
    FileStore files,
    Errands errands,
    RunFolders folders,
    JobSubmission submission,
    JobControl control,
    SelfApproval selfApproval
)
{
    private static readonly string[] s_wholeWhenThere = ["adapter_config.json", "config.json"];

    /// <summary>What the run would do and take; nothing is stored.</summary>
    /// <exception cref="JobFailedException">It can't be done; the message says why.</exception>
    public async Task<RunPlan> PlanAsync(Caller caller, Guid projectId, RunRequest request, CancellationToken cancellationToken)
    {
        TrainSpec spec;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.SubmitRuns, cancellationToken))
        {
            await work.NoteReadAsync("dataset.rows-read", request.DatasetVersionId, cancellationToken); // a plan shows the first batch
            spec = await MakeAsync(
                work,
                Guid.CreateVersion7(),
                request,
                await work.VersionAsync(request.DatasetVersionId, cancellationToken),
                cancellationToken
            );
        }

        return await errands.DoAsync(new PlanErrand(projectId, spec), cancellationToken);
    }

    /// <summary>Settings to start from: those of the kind of data, with room for its rows as the model's tokenizer cuts them.</summary>
    public async Task<TuningSettings> DefaultsAsync(
        Caller caller,
        Guid projectId,
        Guid versionId,
        string baseModel,
        CancellationToken cancellationToken
    )
    {
        DatasetFiles data;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            data = PublishedFiles.Of(await work.VersionAsync(versionId, cancellationToken), files);
        }

        var model = models.Get(baseModel);
        return RunDefaults.For(
            data,
            data.Train is { } train ? await RowLengths.MeasureAsync(train, model.Path, cancellationToken) : null,
            model.ContextTokens,
            model.IsEncoder,
            ModelTypes.HasLlamaNames(model.Type),
            model.Shipped
        );
    }

    /// <summary>Hands a run in for approval by somebody else.</summary>
    public async Task<Guid> SubmitAsync(Caller caller, Guid projectId, RunRequest request, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.SubmitRuns, cancellationToken);
        var version = await work.VersionAsync(request.DatasetVersionId, cancellationToken);
        version.CheckLeaks();
        var id = Guid.CreateVersion7();
        var made = await MakeAsync(work, id, request, version, cancellationToken);
        await work.CheckPolicyAsync(
            PolicyAct.Run,
            version,
            cancellationToken,
            await PrivacyLosses.AskedAsync(work, version.Id, made.Privacy?.Epsilon, null, cancellationToken)
        );
        var spec = made.ToText();
        var project = await work.Db.Projects.SingleAsync(p => p.Id == projectId, cancellationToken);
        var number = project.TakeNumber();
        var name = request.Name.Trim() is { Length: > 0 } given ? given : $"{request.Method.Method} on {version.Dataset!.Name}";
        var run = new Run(projectId, number, name, version.Id, request.BaseModel, spec, JobSpec.Hash(spec), caller.UserId, work.Now, id);
        work.Db.Runs.Add(run);
        work.Audit(
            "run.submitted",
            run.Id,
            null,
            new
            {
                run.Number,
                run.Name,
                run.SpecSha256,
                request.DatasetVersionId,
                request.Method,
                request.StartRunId,
                request.Training,
                request.Privacy,
            }
        );
        await work.SaveAsync(cancellationToken);
        return run.Id;
    }

    /// <summary>Approves the settings with this hash and queues the run. One approval wins, whoever else tries.</summary>
    public async Task ApproveAsync(Caller caller, Guid projectId, Guid runId, string specSha256, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ApproveRuns, cancellationToken);
        var run = await FindAsync(work, runId, cancellationToken);
        var version = await work.VersionAsync(Trained(run), cancellationToken);
        version.CheckLeaks();
        await CheckPolicyAsync(work, PolicyAct.Run, run, version, cancellationToken);
        if (await ApproveAsync(work, run, specSha256, cancellationToken) is not { } job)
        {
            work.Audit(
                "run.first-approved",
                run.Id,
                null,
                new { run.SpecSha256, InPlaceOf = await work.InPlaceOfAsync(Permission.ApproveRuns, cancellationToken) }
            );
            await work.SaveAsync(cancellationToken);
            return;
        }

        work.Db.Jobs.Add(job);
        work.Audit(
            "run.approved",
            run.Id,
            new { Approval = ApprovalState.Submitted },
            new
            {
                run.Approval,
                run.SpecSha256,
                JobId = job.Id,
                InPlaceOf = await work.InPlaceOfAsync(Permission.ApproveRuns, cancellationToken),
            }
        );
        await submission.SubmitAsync(job, run.Spec, () => work.SaveAsync(cancellationToken));
    }

    /// <summary>Who tries to approve what they may not is in the log.</summary>
    /// <returns>Null where it was the first of two approvals.</returns>
    private static async Task<Job?> ApproveAsync(ProjectWork work, Run run, string specSha256, CancellationToken cancellationToken)
    {
        try
        {
            if (StoredSpec.TryRead(run.Spec, run.SpecSha256) is null)
            {
                throw new RuleViolationException(StoredSpec.Changed);
            }

            await work.CheckApproverAsync(
                run.SubmittedBy,
                run is { FirstApprovedBy: { } by, FirstApprovedAt: { } at } ? new FirstApproval(by, at) : null,
                cancellationToken
            );
            var cost = await work.CostOfAsync(run.PlannedTime, cancellationToken);
            if (run.FirstApprovedBy is null && await work.NeedsTwoApproversAsync(cost, cancellationToken))
            {
                run.ApproveFirst(work.Caller.UserId, specSha256, work.Now);
                return null;
            }

            return run.Approve(work.Caller.UserId, specSha256, work.Now);
        }
        catch (RuleViolationException refusal)
        {
            await work.RefuseAsync("run.approval-refused", run.Id, refusal, cancellationToken);
            throw;
        }
    }

    /// <summary>Whether the policy lets something be done with a run, and with what it learned from.</summary>
    internal static async Task CheckPolicyAsync(
        ProjectWork work,
        PolicyAct act,
        Run run,
        DatasetVersion? version,
        CancellationToken cancellationToken
    )
    {
        if (version is null)
        {
            await work.CheckPolicyAsync(act, run.Id, $"run {run.Number}", cancellationToken);
            return;
        }

        var epsilon = StoredSpec.TryRead(run.Spec, run.SpecSha256)?.Privacy?.Epsilon;
        var privacy = await PrivacyLosses.AskedAsync(work, version.Id, epsilon, run.Id, cancellationToken);
        await work.CheckPolicyAsync(act, version, cancellationToken, privacy);
    }

    /// <summary>As the other, reading the version too.</summary>
    internal static async Task CheckPolicyAsync(ProjectWork work, PolicyAct act, Run run, CancellationToken cancellationToken) =>
        await CheckPolicyAsync(
            work,
            act,
            run,
            run.DatasetVersionId is { } id ? await work.VersionAsync(id, cancellationToken) : null,
            cancellationToken
        );

    public async Task RejectAsync(Caller caller, Guid projectId, Guid runId, string reason, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ApproveRuns, cancellationToken);
        var run = await FindAsync(work, runId, cancellationToken);
        run.Reject(caller.UserId, reason, work.Now);
        work.Audit("run.rejected", run.Id, new { Approval = ApprovalState.Submitted }, new { run.Approval, run.DecisionReason });
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>Takes back an own run that nobody has decided on.</summary>
    public async Task WithdrawAsync(Caller caller, Guid projectId, Guid runId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.SubmitRuns, cancellationToken);
        var run = await FindAsync(work, runId, cancellationToken);
        run.Withdraw(caller.UserId, work.Now);
        work.Audit("run.withdrawn", run.Id, new { Approval = ApprovalState.Submitted }, new { run.Approval });
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>What a run that was submitted would do and take, measured on the very settings that are to be approved.</summary>
    /// <exception cref="JobFailedException">It can't be done; the message says why.</exception>
    public async Task<RunPlan> PlanOfAsync(Caller caller, Guid projectId, Guid runId, CancellationToken cancellationToken)
    {
        TrainSpec spec;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.SubmitRuns, cancellationToken))
        {
            var run = await FindAsync(work, runId, cancellationToken);
            spec = StoredSpec.TryRead(run.Spec, run.SpecSha256) ?? throw new RuleViolationException(StoredSpec.Changed);
            await work.NoteReadAsync("dataset.rows-read", Trained(run), cancellationToken);
        }

        var plan = await errands.DoAsync(new PlanErrand(projectId, spec), cancellationToken);
        await using var notes = await authorizer.OpenAsync(caller, projectId, Permission.SubmitRuns, cancellationToken);
        await notes // by which the queue reckons; no change of the run that a decision would collide with
            .Db.Runs.Where(r => r.Id == runId && r.ProjectId == projectId)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.PlannedSeconds, plan.EstimatedSeconds), cancellationToken);
        await selfApproval.TryAsync(notes, runId, cancellationToken);
        return plan;
    }

    /// <summary>The request that would submit the same run again, to be changed.</summary>
    public async Task<RunRequest> RequestOfAsync(Caller caller, Guid projectId, Guid runId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.SubmitRuns, cancellationToken);
        var run = await FindAsync(work, runId, cancellationToken);
        var spec = StoredSpec.TryRead(run.Spec, run.SpecSha256) ?? throw new RuleViolationException(StoredSpec.Changed);
        var teacher = spec.Objective.Teacher is { } path ? Path.GetFileName(path) : null;
        return new RunRequest
        {
            Name = run.Name,
            DatasetVersionId = Trained(run),
            BaseModel = run.BaseModel,
            StartRunId = await StartRunOfAsync(work, spec, cancellationToken),
            Seed = spec.Seed,
            Device = spec.Device,
        }.With(spec.Tuning with { Objective = spec.Objective with { Teacher = teacher, TeacherSha256 = null } });
    }

    public async Task<IReadOnlyList<RunView>> ListAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var runs = await work
            .Db.Runs.AsNoTracking()
            .Include(r => r.Job)
            .Where(r => r.ProjectId == projectId)
            .OrderByDescending(r => r.Number)
            .ToListAsync(cancellationToken);
        return await ViewAsync(work, runs, cancellationToken);
    }

    public async Task<RunView> GetAsync(Caller caller, Guid projectId, Guid runId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return (await ViewAsync(work, [await FindAsync(work, runId, cancellationToken)], cancellationToken))[0];
    }

    /// <summary>Some evaluation has judged it.</summary>
    public async Task<bool> IsJudgedAsync(Caller caller, Guid projectId, Guid runId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var judged = await work
            .Db.Evaluations.AsNoTracking()
            .Where(e => e.ProjectId == projectId && e.Report != null)
            .Select(e => e.RunIds)
            .ToListAsync(cancellationToken);
        return judged.Exists(runs => runs.Contains(runId));
    }

    public async Task<bool> MayApproveAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Enter, cancellationToken);
        return work.Allows(Permission.ApproveRuns);
    }

    public async Task<bool> MaySubmitAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Enter, cancellationToken);
        return work.Role.Allows(Permission.SubmitRuns);
    }

    public Task PauseAsync(Caller caller, Guid projectId, Guid runId, CancellationToken cancellationToken) =>
        ControlAsync(caller, projectId, runId, "run.paused", control.PauseAsync, cancellationToken);

    public Task ContinueAsync(Caller caller, Guid projectId, Guid runId, CancellationToken cancellationToken) =>
        ControlAsync(caller, projectId, runId, "run.continued", control.ResumeAsync, cancellationToken);

    public Task StopAsync(Caller caller, Guid projectId, Guid runId, CancellationToken cancellationToken) =>
        ControlAsync(caller, projectId, runId, "run.stopped", control.StopAsync, cancellationToken);

    public Task StopAndSaveAsync(Caller caller, Guid projectId, Guid runId, CancellationToken cancellationToken) =>
        ControlAsync(caller, projectId, runId, "run.stopped-and-saved", control.StopAndSaveAsync, cancellationToken);

    /// <summary>Lets a failed or stopped run go on from its last checkpoint.</summary>
    public Task ResumeAsync(Caller caller, Guid projectId, Guid runId, CancellationToken cancellationToken) =>
        ControlAsync(caller, projectId, runId, "run.resumed", control.ResumeFailedAsync, cancellationToken);

    /// <summary>Folder of a finished run's adapter in PEFT form.</summary>
    /// <exception cref="NotFoundException">The run has none.</exception>
    public async Task<(Run Run, string Folder)> AdapterAsync(Caller caller, Guid projectId, Guid runId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.UseModels, cancellationToken);
        var run = await FindAsync(work, runId, cancellationToken);
        var folder =
            AdapterFolder(run)
            ?? throw new NotFoundException(
                $"Run {run.Number} has no adapter yet; it is written when the run ends or is stopped and saved."
            );
        await CheckPolicyAsync(work, PolicyAct.ExportModel, run, cancellationToken);
        work.Audit("run.adapter-downloaded", run.Id);
        await work.SaveAsync(cancellationToken);
        return (run, folder);
    }

    /// <summary>Base and adapter of a finished run as one Hugging Face folder.</summary>
    /// <returns>The folder; what was made for this call is deleted when disposed.</returns>
    /// <exception cref="NotFoundException">The run has no adapter yet.</exception>
    /// <exception cref="JobFailedException">They can't be merged; the message says why.</exception>
    public async Task<(RunView Run, ExportedModel? Made, string Folder)> MergedAsync(
        Caller caller,
        Guid projectId,
        Guid runId,
        CancellationToken cancellationToken
    )
    {
        var (view, folder) = await ResultAsync(caller, projectId, runId, "run.merged-downloaded", null, cancellationToken);
        if (IsWhole(folder))
        {
            return (view, null, folder);
        }

        var made = await errands.DoAsync(
            new ExportErrand(new ExportSpec { BaseModel = view.Spec.BaseModel, Adapter = folder }),
            cancellationToken
        );
        return (view, made, made.Path);
    }

    /// <summary>What a finished run has made as a GGUF file, with a Modelfile and what was checked of it.</summary>
    /// <returns>A folder that is deleted when disposed.</returns>
    /// <exception cref="NotFoundException">The run has no result yet.</exception>
    /// <exception cref="JobFailedException">It can't be written as GGUF; the message says why.</exception>
    public async Task<(RunView Run, ExportedModel Made)> GgufAsync(
        Caller caller,
        Guid projectId,
        Guid runId,
        GgufWeights weights,
        CancellationToken cancellationToken
    )
    {
        var (view, folder) = await ResultAsync(caller, projectId, runId, "run.gguf-downloaded", new { weights }, cancellationToken);
        var spec = IsWhole(folder)
            ? new ExportSpec { BaseModel = folder, Gguf = weights }
            : new ExportSpec
            {
                BaseModel = view.Spec.BaseModel,
                Adapter = folder,
                Gguf = weights,
            };
        return (view, await errands.DoAsync(new ExportErrand(spec), cancellationToken));
    }

    /// <summary>Full fine-tuning leaves a whole model by itself.</summary>
    private static bool IsWhole(string folder) => !File.Exists(Path.Combine(folder, s_wholeWhenThere[0]));

    /// <summary>Where a run's result is, for somebody who may use models; that they take it is noted.</summary>
    private async Task<(RunView Run, string Folder)> ResultAsync(
        Caller caller,
        Guid projectId,
        Guid runId,
        string action,
        object? details,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.UseModels, cancellationToken);
        var run = await FindAsync(work, runId, cancellationToken);
        var view = (await ViewAsync(work, [run], cancellationToken))[0];
        var folder =
            AdapterFolder(run)
            ?? throw new NotFoundException($"Run {run.Number} has no result yet; it is written when the run ends or is stopped and saved.");
        await CheckPolicyAsync(work, PolicyAct.ExportModel, run, cancellationToken);
        work.Audit(action, run.Id, null, details);
        await work.SaveAsync(cancellationToken);
        return (view, folder);
    }

    /// <summary>Where the run's adapter is; null while it has none.</summary>
    public string? AdapterFolder(Run run)
    {
        if (run.JobId is not { } jobId)
        {
            return null;
        }

        var folder = folders.Of(jobId).Adapter;
        // LoRA leaves a PEFT folder, full fine-tuning a whole Hugging Face folder.
        return s_wholeWhenThere.Any(file => File.Exists(Path.Combine(folder, file))) ? folder : null;
    }

    /// <summary>What an adapter that was brought in did when it was tried on its base; null of other runs.</summary>
    public ModelCheck? CheckOf(Run run)
    {
        if (!run.IsImported || run.JobId is not { } jobId || folders.Of(jobId).Check is var path && !File.Exists(path))
        {
            return null;
        }

        return Stored.TryRead(() => JsonSerializer.Deserialize<ModelCheck>(File.ReadAllText(path), ProtocolJson.Document));
    }

    /// <summary>Whether another run can go on from this one's result.</summary>
    public bool CanBeStart(RunView view) =>
        StartPoints.WhyNot(view.Run, view.Problem is null ? view.Spec : null, AdapterFolder(view.Run)) is null;

    private async Task<TrainSpec> MakeAsync(
        ProjectWork work,
        Guid runId,
        RunRequest request,
        DatasetVersion version,
        CancellationToken cancellationToken
    )
    {
        request = specs.WithTargets(request);
        request.Check(); // before rows are read
        return specs.Make(
            runId,
            request,
            version,
            await StartOfAsync(work, request, cancellationToken),
            await groups.OfAsync(request, version, cancellationToken)
        );
    }

    /// <summary>The adapter that a request goes on from; null where it begins with a fresh one.</summary>
    /// <exception cref="RuleViolationException">Nothing can go on from it, or not with these settings.</exception>
    private async Task<StartAdapter?> StartOfAsync(ProjectWork work, RunRequest request, CancellationToken cancellationToken)
    {
        if (request.StartRunId is not { } runId)
        {
            return null;
        }

        var run = await FindAsync(work, runId, cancellationToken);
        var (spec, folder) = (StoredSpec.TryRead(run.Spec, run.SpecSha256), AdapterFolder(run));
        if (StartPoints.WhyNot(run, spec, run.Job?.HasEnded == true ? folder : null) is { } reason)
        {
            throw new RuleViolationException(reason);
        }

        StartPoints.Check(run, spec!, request);
        return new StartAdapter(AdapterNames.Of(run), folder!, ModelHash.Of(folder!));
    }

    private static async Task<Guid?> StartRunOfAsync(ProjectWork work, TrainSpec spec, CancellationToken cancellationToken) =>
        AdapterNames.RunNumber(spec.StartsFrom?.Name) is { } number
            ? await work
                .Db.Runs.Where(r => r.ProjectId == work.ProjectId && r.Number == number)
                .Select(r => (Guid?)r.Id)
                .SingleOrDefaultAsync(cancellationToken)
            : null;

    /// <summary>The version that a run learned from.</summary>
    /// <exception cref="RuleViolationException">It was not trained here.</exception>
    private static Guid Trained(Run run) =>
        run.DatasetVersionId
        ?? throw new RuleViolationException(
            $"Run {run.Number} was brought in as an adapter: it was not trained here, and nobody here knows by which settings."
        );

    private async Task ControlAsync(
        Caller caller,
        Guid projectId,
        Guid runId,
        string action,
        Func<Guid, CancellationToken, Task> act,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ControlRuns, cancellationToken);
        var run = await FindAsync(work, runId, cancellationToken);
        if (run.JobId is not { } jobId)
        {
            throw new RuleViolationException("This run is not approved yet.");
        }

        await act(jobId, cancellationToken);
        work.Audit(action, run.Id);
        await work.SaveAsync(cancellationToken);
    }

    private static async Task<Run> FindAsync(ProjectWork work, Guid runId, CancellationToken cancellationToken) =>
        await work.Db.Runs.Include(r => r.Job).SingleOrDefaultAsync(r => r.Id == runId && r.ProjectId == work.ProjectId, cancellationToken)
        ?? throw new NotFoundException("There is no such run in this project.");

    private static async Task<IReadOnlyList<RunView>> ViewAsync(
        ProjectWork work,
        IReadOnlyCollection<Run> runs,
        CancellationToken cancellationToken
    )
    {
        var people = runs.SelectMany(r => new[] { r.SubmittedBy, r.DecidedBy, r.FirstApprovedBy }).OfType<string>().Distinct().ToList();
        var names = await work.PeopleNamesAsync(people, cancellationToken);
        var alike = runs.Select(r => r.LikeRunId).OfType<Guid>().Distinct().ToList();
        var numbers = await work.Db.Runs.Where(r => alike.Contains(r.Id)).ToDictionaryAsync(r => r.Id, r => r.Number, cancellationToken);
        var versions = await work.VersionNamesAsync(runs.Select(r => r.DatasetVersionId).OfType<Guid>(), cancellationToken);
        return
        [
            .. runs.Select(r =>
            {
                var spec = StoredSpec.TryRead(r.Spec, r.SpecSha256);
                return new RunView(
                    r,
                    spec ?? new TrainSpec { RunId = r.Id, BaseModel = "" },
                    r.DatasetVersionId is { } version ? versions[version] : null,
                    names.GetValueOrDefault(r.SubmittedBy, "somebody"),
                    r.DecidedBy is null ? null : names.GetValueOrDefault(r.DecidedBy, "somebody")
                )
                {
                    Problem = spec is null ? StoredSpec.Changed : null,
                    LikeNumber = r.LikeRunId is { } like ? numbers[like] : null,
                    FirstApprovedByName = r.FirstApprovedBy is null ? null : names.GetValueOrDefault(r.FirstApprovedBy, "somebody"),
                };
            }),
        ];
    }
}
