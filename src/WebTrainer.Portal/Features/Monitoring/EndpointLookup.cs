using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Deployments;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Monitoring;

internal static class EndpointLookup
{
    /// <summary>An endpoint of the project, to be read.</summary>
    /// <exception cref="NotFoundException">The project has none of this id.</exception>
    public static async Task<Deployment> EndpointAsync(this ProjectWork work, Guid deploymentId, CancellationToken cancellationToken) =>
        await work
            .Db.Deployments.AsNoTracking()
            .SingleOrDefaultAsync(d => d.Id == deploymentId && d.ProjectId == work.ProjectId, cancellationToken)
        ?? throw new NotFoundException("The project has no such endpoint.");
}
