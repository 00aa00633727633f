using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Policies;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Models;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Policies;
using WebTrainer.Portal.Features.Deployments.Checking;
using WebTrainer.Portal.Features.Deployments.Routing;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Hosting;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Deployments.Versions;

/// <summary>Endpoints and their versions, from draft to retirement.</summary>
public sealed class DeploymentService(
    Authorizer authorizer,
    ModelCatalog models,
    ModelHashes hashes,
    RunService runs,
    Evidence evidence,
    LiveRoutes routes
)
{
    /// <summary>All of the project, the retired ones last.</summary>
    public async Task<IReadOnlyList<DeploymentView>> ListAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var deployments = await work
            .Db.Deployments.AsNoTracking()
            .Where(d => d.ProjectId == projectId)
            .OrderBy(d => d.RetiredAt != null)
            .ThenBy(d => d.Name)
            .ToListAsync(cancellationToken);
        return await ViewAsync(work, deployments, cancellationToken);
    }

    public async Task<DeploymentView> GetAsync(Caller caller, Guid projectId, Guid deploymentId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var deployment = await FindAsync(work, deploymentId, cancellationToken);
        return (await ViewAsync(work, [deployment], cancellationToken))[0];
    }

    /// <summary>Makes an endpoint with a first draft.</summary>
    public async Task<Guid> CreateAsync(
        Caller caller,
        Guid projectId,
        string name,
        string purpose,
        VersionRequest first,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageDeployments, cancellationToken);
        if (models.Find(name.Trim()) is not null)
        {
            throw new RuleViolationException($"'{name.Trim()}' is the name of a base model here; call the endpoint by what it does.");
        }

        if (await work.Db.Deployments.AnyAsync(d => d.ProjectId == projectId && d.Name == name.Trim(), cancellationToken))
        {
            throw new RuleViolationException(
                $"The project has an endpoint '{name.Trim()}' already, perhaps a retired one: names are never given twice."
            );
        }

        var deployment = new Deployment(projectId, name, purpose, caller.UserId, work.Now);
        work.Db.Deployments.Add(deployment);
        var version = await DraftAsync(work, deployment, first, cancellationToken);
        work.Audit("deployment.created", deployment.Id, null, new { deployment.Name, version.SettingsSha256 });
        await work.SaveAsync(cancellationToken);
        return deployment.Id;
    }

    /// <summary>Makes a draft beside the versions there are.</summary>
    public async Task<Guid> AddVersionAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        VersionRequest request,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageDeployments, cancellationToken);
        var deployment = await FindAsync(work, deploymentId, cancellationToken);
        var version = await DraftAsync(work, deployment, request, cancellationToken);
        work.Audit("deployment.version-drafted", deployment.Id, null, new { version.Number, version.SettingsSha256 });
        await work.SaveAsync(cancellationToken);
        return version.Id;
    }

    /// <summary>Changes a version that has answered nobody; check and approval of other settings are lost.</summary>
    public async Task ChangeAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        Guid versionId,
        VersionRequest request,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageDeployments, cancellationToken);
        var (deployment, version) = await FindAsync(work, deploymentId, versionId, cancellationToken);
        if (deployment.CandidateVersionId == version.Id)
        {
            throw new RuleViolationException("This version is tried just now. End the trial first.");
        }

        var (settings, run) = await SettingsAsync(work, request, cancellationToken);
        var (text, before) = (settings.ToText(), new { version.State, version.SettingsSha256 });
        version.Change(run?.Id, settings.BaseModel, text, JobSpec.Hash(text), caller.UserId, work.Now);
        work.Audit(
            "deployment.version-changed",
            deployment.Id,
            before,
            new
            {
                version.Number,
                version.State,
                version.SettingsSha256,
            }
        );
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>What an approver decides on.</summary>
    public async Task<EvidenceCard> EvidenceAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        Guid versionId,
        CancellationToken cancellationToken
    )
    {
        DeploymentVersion version;
        DeploymentVersion? live;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            (var deployment, version) = await FindAsync(work, deploymentId, versionId, cancellationToken);
            live =
                deployment.LiveVersionId is { } id && id != versionId
                    ? (await FindAsync(work, deploymentId, id, cancellationToken)).Version
                    : null;
        }

        return await evidence.OfAsync(caller, projectId, version, live, cancellationToken);
    }

    /// <summary>Approves the settings with this hash. Nothing answers by them before they are promoted or tried.</summary>
    /// <param name="reason">Needed where a goal is missed, or old or new test rows can't judge it.</param>
    public async Task ApproveAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        Guid versionId,
        string settingsSha256,
        string? reason,
        CancellationToken cancellationToken
    )
    {
        var card = await EvidenceAsync(caller, projectId, deploymentId, versionId, cancellationToken);
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ApproveDeployments, cancellationToken);
        var (deployment, version) = await FindAsync(work, deploymentId, versionId, cancellationToken);
        await CheckPolicyAsync(work, version, cancellationToken);
        var isFirst = version.FirstApprovedBy is null && await work.NeedsTwoApproversAsync(cost: 0, cancellationToken);
        try
        {
            Readable(version);
            await work.CheckApproverAsync(version.ChangedBy, First(version), cancellationToken);
            CheckJudged(version, card);
            if (isFirst)
            {
                version.ApproveFirst(caller.UserId, settingsSha256, card.NeedsReason, reason, work.Now);
            }
            else
            {
                version.Approve(caller.UserId, settingsSha256, card.NeedsReason, reason, work.Now);
            }
        }
        catch (RuleViolationException refusal)
        {
            await work.RefuseAsync("deployment.approval-refused", deployment.Id, refusal, cancellationToken);
            throw;
        }

        work.Audit(
            isFirst ? "deployment.first-approved" : "deployment.version-approved",
            deployment.Id,
            new { State = VersionState.Checked },
            new
            {
                version.Number,
                version.SettingsSha256,
                version.Reason,
                InPlaceOf = await work.InPlaceOfAsync(Permission.ApproveDeployments, cancellationToken),
                MissedGoals = card.Goals.Count(g => g.State == GoalState.Missed),
            }
        );
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>
    /// Lets an approved version answer, be it new or one of before. Its worker is made ready first, so that no request waits or is lost.
    /// </summary>
    public async Task PromoteAsync(Caller caller, Guid projectId, Guid deploymentId, Guid versionId, CancellationToken cancellationToken)
    {
        await using (var look = await authorizer.OpenAsync(caller, projectId, Permission.ManageDeployments, cancellationToken))
        {
            var (_, next) = await FindAsync(look, deploymentId, versionId, cancellationToken);
            next.CheckMayAnswer();
            await CheckPolicyAsync(look, next, cancellationToken); // before a worker is made ready for nothing
            await routes.WarmAsync(projectId, Readable(next), cancellationToken);
        }

        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageDeployments, cancellationToken);
        var (deployment, version) = await FindAsync(work, deploymentId, versionId, cancellationToken);
        await CheckPolicyAsync(work, version, cancellationToken);
        var live = await LiveAsync(work, deployment, cancellationToken);
        var isBack = version.State == VersionState.Retired;
        deployment.Promote(version, live, work.Now);
        work.Audit(
            isBack ? "deployment.rolled-back" : "deployment.promoted",
            deployment.Id,
            live is null ? null : new { live.Number, live.SettingsSha256 },
            new { version.Number, version.SettingsSha256 }
        );
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>Goes back to the version that answered before.</summary>
    public async Task RollBackAsync(Caller caller, Guid projectId, Guid deploymentId, CancellationToken cancellationToken)
    {
        Guid previous;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageDeployments, cancellationToken))
        {
            previous =
                (await FindAsync(work, deploymentId, cancellationToken)).PreviousVersionId
                ?? throw new RuleViolationException("No version answered before this one.");
        }

        await PromoteAsync(caller, projectId, deploymentId, previous, cancellationToken);
    }

    /// <summary>Tries an approved version beside the live one.</summary>
    public async Task TryAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        Guid versionId,
        TrialMode mode,
        int percent,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageDeployments, cancellationToken);
        var (deployment, version) = await FindAsync(work, deploymentId, versionId, cancellationToken);
        await CheckPolicyAsync(work, version, cancellationToken);
        deployment.Try(version, mode, percent);
        await routes.WarmAsync(projectId, Readable(version), cancellationToken);
        work.Audit(
            "deployment.trial-begun",
            deployment.Id,
            null,
            new
            {
                version.Number,
                version.SettingsSha256,
                mode,
                percent,
            }
        );
        await work.SaveAsync(cancellationToken);
    }

    public async Task EndTrialAsync(Caller caller, Guid projectId, Guid deploymentId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageDeployments, cancellationToken);
        var deployment = await FindAsync(work, deploymentId, cancellationToken);
        deployment.EndTrial();
        work.Audit("deployment.trial-ended", deployment.Id);
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>Ends an endpoint for good: its callers get an error that says so.</summary>
    public async Task RetireAsync(Caller caller, Guid projectId, Guid deploymentId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ApproveDeployments, cancellationToken);
        var deployment = await FindAsync(work, deploymentId, cancellationToken);
        deployment.Retire(await LiveAsync(work, deployment, cancellationToken), work.Now);
        work.Audit("deployment.retired", deployment.Id, new { deployment.Name });
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>Says whether texts of requests and answers are kept, personal data masked, and for how long.</summary>
    /// <param name="days">Null for not at all; what is there is taken away within the hour.</param>
    public async Task KeepContentAsync(Caller caller, Guid projectId, Guid deploymentId, int? days, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ApproveDeployments, cancellationToken);
        var deployment = await FindAsync(work, deploymentId, cancellationToken);
        var before = new { deployment.ContentDays };
        if (days is { } asked && (await work.PolicyAsync(cancellationToken))?.RetentionDays is { } most && asked > most)
        {
            var refusal = new RuleViolationException(
                $"The project's policy lets data be kept for {most:N0} days: keep texts for as long at most, or have a lead change the policy."
            );
            await work.RefuseAsync("policy.refused-deploy", deployment.Id, refusal, cancellationToken);
            throw refusal;
        }

        deployment.KeepContent(days);
        work.Audit("deployment.content-set", deployment.Id, before, new { deployment.ContentDays });
        await work.SaveAsync(cancellationToken);
    }

    private static FirstApproval? First(DeploymentVersion version) =>
        version is { FirstApprovedBy: { } by, FirstApprovedAt: { } at } ? new(by, at) : null;

    /// <summary>What the caller may do here; only for showing.</summary>
    public async Task<(bool Manage, bool Approve)> MayAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Enter, cancellationToken);
        return (work.Allows(Permission.ManageDeployments), work.Allows(Permission.ApproveDeployments));
    }

    /// <summary>Whether the policy lets a version answer.</summary>
    private static async Task CheckPolicyAsync(ProjectWork work, DeploymentVersion version, CancellationToken cancellationToken)
    {
        if (version.RunId is { } id)
        {
            var run = await work.Db.Runs.AsNoTracking().SingleAsync(r => r.Id == id, cancellationToken);
            await RunService.CheckPolicyAsync(work, PolicyAct.Deploy, run, cancellationToken);
        }
        else
        {
            await work.CheckPolicyOfNodeAsync(version.DeploymentId, cancellationToken);
        }
    }

    private static void CheckJudged(DeploymentVersion version, EvidenceCard card)
    {
        if (card.Unjudged.ToList() is { Count: > 0 } missing)
        {
            throw new RuleViolationException(
                $"Version {version.Number} learned from other data than what is live, and was not judged by the test rows of {string.Join(" and of ", missing.Select(t => $"{t.Data.Name} v{t.Data.Number}"))}. Evaluate it on them first."
            );
        }
    }

    internal static async Task<(Deployment Deployment, DeploymentVersion Version)> FindAsync(
        ProjectWork work,
        Guid deploymentId,
        Guid versionId,
        CancellationToken cancellationToken
    )
    {
        var deployment = await FindAsync(work, deploymentId, cancellationToken);
        var version =
            await work.Db.DeploymentVersions.SingleOrDefaultAsync(
                v => v.Id == versionId && v.DeploymentId == deploymentId,
                cancellationToken
            ) ?? throw new NotFoundException("The endpoint has no such version.");
        return (deployment, version);
    }

    /// <exception cref="RuleViolationException">They are not those of their hash.</exception>
    internal static DeploymentSettings Readable(DeploymentVersion version) =>
        DeploymentSettings.TryRead(version.Settings, version.SettingsSha256) ?? throw new RuleViolationException(VersionView.Damaged);

    private static async Task<Deployment> FindAsync(ProjectWork work, Guid deploymentId, CancellationToken cancellationToken) =>
        await work.Db.Deployments.SingleOrDefaultAsync(d => d.Id == deploymentId && d.ProjectId == work.ProjectId, cancellationToken)
        ?? throw new NotFoundException("The project has no such endpoint.");

    private static async Task<DeploymentVersion?> LiveAsync(ProjectWork work, Deployment deployment, CancellationToken cancellationToken) =>
        deployment.LiveVersionId is { } id ? await work.Db.DeploymentVersions.SingleAsync(v => v.Id == id, cancellationToken) : null;

    private async Task<DeploymentVersion> DraftAsync(
        ProjectWork work,
        Deployment deployment,
        VersionRequest request,
        CancellationToken cancellationToken
    )
    {
        var (settings, run) = await SettingsAsync(work, request, cancellationToken);
        var text = settings.ToText();
        var version = new DeploymentVersion(
            deployment.Id,
            deployment.TakeNumber(),
            run?.Id,
            settings.BaseModel,
            text,
            JobSpec.Hash(text),
            work.Caller.UserId,
            work.Now
        );
        work.Db.DeploymentVersions.Add(version);
        return version;
    }

    /// <summary>What people chose, with the hashes of the files that it is of.</summary>
    private async Task<(DeploymentSettings Settings, Run? Run)> SettingsAsync(
        ProjectWork work,
        VersionRequest request,
        CancellationToken cancellationToken
    )
    {
        request.Check();
        Run? run = null;
        string? folder = null;
        if (request.RunId is { } runId)
        {
            run =
                await work
                    .Db.Runs.AsNoTracking()
                    .Include(r => r.Job)
                    .SingleOrDefaultAsync(r => r.Id == runId && r.ProjectId == work.ProjectId, cancellationToken)
                ?? throw new NotFoundException("This run is not in this project.");
            folder =
                run.Job?.HasEnded == true && runs.AdapterFolder(run) is { } there
                    ? there
                    : throw new RuleViolationException($"Run {run.Number} has no result yet; wait until it has ended.");
        }

        var model = models.Get(run?.BaseModel ?? request.BaseModel!);
        if (!model.IsTunable || (model.IsEncoder && run is null))
        {
            throw new RuleViolationException($"{model.Id} by itself answers nothing: choose a run that was tuned from it.");
        }

        if (model.IsEncoder && (request.System.Length > 0 || request.Labels.Count > 0 || request.Stop.Count > 0))
        {
            throw new RuleViolationException(
                "A classifier says one of its own labels: leave system text, labels and texts that end an answer empty."
            );
        }

        return (new(model.Id, hashes.Of(model), run?.Number, folder is null ? null : ModelHash.Of(folder), request), run);
    }

    private static async Task<IReadOnlyList<DeploymentView>> ViewAsync(
        ProjectWork work,
        IReadOnlyList<Deployment> deployments,
        CancellationToken cancellationToken
    )
    {
        var ids = deployments.Select(d => d.Id).ToList();
        var versions = await work
            .Db.DeploymentVersions.AsNoTracking()
            .Where(v => ids.Contains(v.DeploymentId))
            .OrderByDescending(v => v.Number)
            .ToListAsync(cancellationToken);
        var names = await work.PeopleNamesAsync(
            versions.SelectMany(v => new[] { v.ChangedBy, v.ApprovedBy, v.FirstApprovedBy }).OfType<string>(),
            cancellationToken
        );
        string Name(string id) => names.GetValueOrDefault(id, "somebody whose account is gone");
        return
        [
            .. deployments.Select(d => new DeploymentView(
                d,
                [
                    .. versions
                        .Where(v => v.DeploymentId == d.Id)
                        .Select(v => new VersionView(
                            v,
                            DeploymentSettings.TryRead(v.Settings, v.SettingsSha256),
                            v.CheckReport is { } report
                                ? Stored.TryRead(() => JsonSerializer.Deserialize<ReplayReport>(report, ProtocolJson.Document))
                                : null,
                            Name(v.ChangedBy),
                            v.ApprovedBy is { } by ? Name(by) : null
                        )
                        {
                            FirstApprovedByName = v.FirstApprovedBy is { } first ? Name(first) : null,
                        }),
                ]
            )),
        ];
    }
}
