using WebTrainer.Domain.Deployments;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Deployments.Versions;

/// <summary>A version with what people need beside it.</summary>
/// <param name="Settings">Null where they can't be read or are not those of their hash.</param>
/// <param name="Check">What the newest check of these settings found; null where none was made.</param>
public sealed record VersionView(
    DeploymentVersion Version,
    DeploymentSettings? Settings,
    ReplayReport? Check,
    string ChangedByName,
    string? ApprovedByName
)
{
    public const string Damaged =
        "The settings in the database are not those of their hash: they were changed or damaged there. Nothing answers by them; make a new version.";

    /// <summary>Of two who approve, the first; null where none has, or one is enough.</summary>
    public string? FirstApprovedByName { get; init; }

    /// <summary>How far it has come, in a word.</summary>
    public string State => Version.State.ToString().ToLowerInvariant();
}

/// <summary>An endpoint with its versions, the newest first.</summary>
public sealed record DeploymentView(Deployment Deployment, IReadOnlyList<VersionView> Versions)
{
    public VersionView? Live => Of(Deployment.LiveVersionId);
    public VersionView? Candidate => Of(Deployment.CandidateVersionId);
    public VersionView? Previous => Of(Deployment.PreviousVersionId);

    private VersionView? Of(Guid? id) => Versions.FirstOrDefault(v => v.Version.Id == id);
}
