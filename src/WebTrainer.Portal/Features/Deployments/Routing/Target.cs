using WebTrainer.Domain.Deployments;
using WebTrainer.Portal.Features.Deployments.Versions;

namespace WebTrainer.Portal.Features.Deployments.Routing;

/// <summary>What answers a request.</summary>
/// <param name="Name">As the request names it.</param>
/// <param name="Model">What is asked.</param>
/// <param name="Deployment">The endpoint; null where a run or base is asked by its own name.</param>
/// <param name="Version">The version that answers; null as above.</param>
/// <param name="Settings">Of the version; null as above.</param>
public sealed record Target(
    string Name,
    CallableModel Model,
    Deployment? Deployment = null,
    DeploymentVersion? Version = null,
    DeploymentSettings? Settings = null
)
{
    /// <summary>A candidate that is to answer too, without being heard; null where none is.</summary>
    public Target? Shadow { get; init; }
}
