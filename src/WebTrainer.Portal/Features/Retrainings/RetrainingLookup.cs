using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Monitoring;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Retrainings;

internal static class RetrainingLookup
{
    /// <summary>A retraining of an endpoint of the project, to be read or changed.</summary>
    /// <exception cref="NotFoundException">The endpoint has none of this id.</exception>
    public static async Task<Retraining> RetrainingAsync(
        this ProjectWork work,
        Guid deploymentId,
        Guid id,
        CancellationToken cancellationToken
    ) =>
        await work.Db.Retrainings.SingleOrDefaultAsync(
            r => r.Id == id && r.DeploymentId == deploymentId && r.ProjectId == work.ProjectId,
            cancellationToken
        ) ?? throw new NotFoundException("The endpoint has no such retraining.");

    /// <summary>The run that was live when the retraining was opened.</summary>
    /// <exception cref="RuleViolationException">A base answered then, which has no settings of training.</exception>
    public static async Task<Run> LiveRunAsync(this ProjectWork work, Retraining retraining, CancellationToken cancellationToken) =>
        await work
            .Db.DeploymentVersions.Where(v => v.Id == retraining.LiveVersionId)
            .Join(work.Db.Runs.AsNoTracking(), v => v.RunId, r => r.Id, (_, r) => r)
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw new RuleViolationException(NoRun);

    public const string NoRun = "A base model answers here, which was never trained in this project: ask for a first run instead.";
}
