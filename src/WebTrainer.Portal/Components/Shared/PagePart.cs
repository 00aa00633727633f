namespace WebTrainer.Portal.Components.Shared;

/// <summary>Whose page a part stands on.</summary>
public enum PartOf
{
    /// <summary>Given <c>ProjectId</c> and <c>RunId</c>.</summary>
    Run,

    /// <summary>Given <c>ProjectId</c> and <c>EvaluationId</c>.</summary>
    Evaluation,

    /// <summary>Given <c>ProjectId</c>.</summary>
    Project,

    /// <summary>Of a dataset. Given <c>ProjectId</c> and <c>VersionId</c>.</summary>
    Version,

    /// <summary>Given <c>ProjectId</c> and <c>DeploymentId</c>.</summary>
    Deployment,

    /// <summary>
    /// The page of base models. Given <c>ProjectId</c>, and <c>MayManage</c>: whether who looks may change what is there.
    /// </summary>
    Models,
}

/// <summary>
/// What a feature shows on the page of another that stands below it and doesn't know it: a verdict on a run's page, judges on an
/// evaluation's, outcomes on a project's. Registered beside the feature's services.
/// </summary>
/// <param name="Component">A component whose parameters are those of <paramref name="Page"/>.</param>
public sealed record PagePart(PartOf Page, Type Component);
