using Microsoft.AspNetCore.Http.HttpResults;
using WebTrainer.Domain.Deployments;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Deployments.Checking;
using WebTrainer.Portal.Features.Deployments.Keys;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Deployments.Versions;

/// <summary>A version as the API shows it.</summary>
/// <param name="Problem">Why its settings are not given; null where they are.</param>
public sealed record VersionResource(
    Guid Id,
    int Number,
    string State,
    string SettingsSha256,
    DeploymentSettings? Settings,
    ReplayReport? Check,
    DateTimeOffset ChangedAt,
    string ChangedBy,
    DateTimeOffset? ApprovedAt,
    string? ApprovedBy,
    string? Reason,
    DateTimeOffset? LiveAt,
    DateTimeOffset? RetiredAt,
    string? Problem
)
{
    public static VersionResource Of(VersionView view) =>
        new(
            view.Version.Id,
            view.Version.Number,
            view.State,
            view.Version.SettingsSha256,
            view.Settings,
            view.Check,
            view.Version.ChangedAt,
            view.ChangedByName,
            view.Version.ApprovedAt,
            view.ApprovedByName,
            view.Version.Reason,
            view.Version.LiveAt,
            view.Version.RetiredAt,
            view.Settings is null ? VersionView.Damaged : null
        );
}

/// <summary>An endpoint as the API shows it.</summary>
/// <param name="LiveVersion">Number of the version that answers; null for none.</param>
/// <param name="CandidateVersion">Number of the version that is tried; null for none.</param>
public sealed record DeploymentResource(
    Guid Id,
    string Name,
    string Purpose,
    int? LiveVersion,
    int? PreviousVersion,
    int? CandidateVersion,
    string? TrialMode,
    int TrialPercent,
    int? ContentDays,
    DateTimeOffset CreatedAt,
    DateTimeOffset? RetiredAt,
    IReadOnlyList<VersionResource> Versions
)
{
    public static DeploymentResource Of(DeploymentView view)
    {
        var deployment = view.Deployment;
        return new DeploymentResource(
            deployment.Id,
            deployment.Name,
            deployment.Purpose,
            view.Live?.Version.Number,
            view.Previous?.Version.Number,
            view.Candidate?.Version.Number,
            view.Candidate is null ? null : deployment.TrialMode.ToString().ToLowerInvariant(),
            deployment.TrialPercent,
            deployment.ContentDays,
            deployment.CreatedAt,
            deployment.RetiredAt,
            [.. view.Versions.Select(VersionResource.Of)]
        );
    }
}

public sealed record NewDeployment(string Name, VersionRequest Version, string Purpose = "");

public sealed record VersionApproval(string SettingsSha256, string? Reason = null);

public sealed record TrialRequest(Guid VersionId, TrialMode Mode, int Percent);

public sealed record ContentRequest(int? Days);

public sealed record MadeKey(string Key);

/// <summary><c>/api/v1/projects/{projectId}/deployments</c> and <c>…/keys</c>.</summary>
public static class DeploymentsApi
{
    public static void MapDeploymentsApi(this IEndpointRouteBuilder api)
    {
        MapEndpoints(api.MapGroup("/projects/{projectId:guid}/deployments").WithTags("Deployments"));
        MapVersions(api.MapGroup("/projects/{projectId:guid}/deployments/{deploymentId:guid}").WithTags("Deployments"));
        MapKeys(api.MapGroup("/projects/{projectId:guid}/keys").WithTags("Deployments"));
    }

    private static void MapEndpoints(RouteGroupBuilder group)
    {
        group
            .MapGet(
                "",
                async (Guid projectId, DeploymentService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(
                        (await service.ListAsync(Caller.From(http.User), projectId, cancellationToken)).Select(DeploymentResource.Of)
                    )
            )
            .WithSummary("Endpoints of the project with their versions");
        group
            .MapPost(
                "",
                async (
                    Guid projectId,
                    NewDeployment form,
                    DeploymentService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                {
                    var caller = Caller.From(http.User);
                    var id = await service.CreateAsync(caller, projectId, form.Name, form.Purpose, form.Version, cancellationToken);
                    return TypedResults.Ok(DeploymentResource.Of(await service.GetAsync(caller, projectId, id, cancellationToken)));
                }
            )
            .WithSummary("Make an endpoint with a first draft");
    }

    private static void MapVersions(RouteGroupBuilder group)
    {
        group
            .MapGet(
                "",
                async (
                    Guid projectId,
                    Guid deploymentId,
                    DeploymentService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    TypedResults.Ok(
                        DeploymentResource.Of(await service.GetAsync(Caller.From(http.User), projectId, deploymentId, cancellationToken))
                    )
            )
            .WithSummary("An endpoint with its versions");
        group
            .MapPost(
                "/versions",
                (
                    Guid projectId,
                    Guid deploymentId,
                    VersionRequest form,
                    DeploymentService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    ThenShownAsync(
                        service,
                        http,
                        projectId,
                        deploymentId,
                        caller => service.AddVersionAsync(caller, projectId, deploymentId, form, cancellationToken),
                        cancellationToken
                    )
            )
            .WithSummary("Draft another version");
        group
            .MapPut(
                "/versions/{versionId:guid}",
                (
                    Guid projectId,
                    Guid deploymentId,
                    Guid versionId,
                    VersionRequest form,
                    DeploymentService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    ThenShownAsync(
                        service,
                        http,
                        projectId,
                        deploymentId,
                        caller => service.ChangeAsync(caller, projectId, deploymentId, versionId, form, cancellationToken),
                        cancellationToken
                    )
            )
            .WithSummary("Change a version that has answered nobody; its check and approval are lost");
        group
            .MapPost(
                "/versions/{versionId:guid}/check",
                async (
                    Guid projectId,
                    Guid deploymentId,
                    Guid versionId,
                    ReplayCheck check,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) => TypedResults.Ok(await check.CheckAsync(Caller.From(http.User), projectId, deploymentId, versionId, cancellationToken))
            )
            .WithSummary("Show that what is served is what was trained");
        group
            .MapGet(
                "/versions/{versionId:guid}/evidence",
                async (
                    Guid projectId,
                    Guid deploymentId,
                    Guid versionId,
                    DeploymentService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    TypedResults.Ok(
                        await service.EvidenceAsync(Caller.From(http.User), projectId, deploymentId, versionId, cancellationToken)
                    )
            )
            .WithSummary("What an approver decides on");
        group
            .MapPost(
                "/versions/{versionId:guid}/approve",
                (
                    Guid projectId,
                    Guid deploymentId,
                    Guid versionId,
                    VersionApproval form,
                    DeploymentService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    ThenShownAsync(
                        service,
                        http,
                        projectId,
                        deploymentId,
                        caller =>
                            service.ApproveAsync(
                                caller,
                                projectId,
                                deploymentId,
                                versionId,
                                form.SettingsSha256,
                                form.Reason,
                                cancellationToken
                            ),
                        cancellationToken
                    )
            )
            .WithSummary("Approve exactly the settings with this hash");
        group
            .MapPost(
                "/versions/{versionId:guid}/promote",
                (
                    Guid projectId,
                    Guid deploymentId,
                    Guid versionId,
                    DeploymentService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    ThenShownAsync(
                        service,
                        http,
                        projectId,
                        deploymentId,
                        caller => service.PromoteAsync(caller, projectId, deploymentId, versionId, cancellationToken),
                        cancellationToken
                    )
            )
            .WithSummary("Let an approved version answer");
        group
            .MapPost(
                "/roll-back",
                (Guid projectId, Guid deploymentId, DeploymentService service, HttpContext http, CancellationToken cancellationToken) =>
                    ThenShownAsync(
                        service,
                        http,
                        projectId,
                        deploymentId,
                        caller => service.RollBackAsync(caller, projectId, deploymentId, cancellationToken),
                        cancellationToken
                    )
            )
            .WithSummary("Go back to the version that answered before");
        group
            .MapPost(
                "/trial",
                (
                    Guid projectId,
                    Guid deploymentId,
                    TrialRequest form,
                    DeploymentService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    ThenShownAsync(
                        service,
                        http,
                        projectId,
                        deploymentId,
                        caller =>
                            service.TryAsync(caller, projectId, deploymentId, form.VersionId, form.Mode, form.Percent, cancellationToken),
                        cancellationToken
                    )
            )
            .WithSummary("Try an approved version on a share of the requests, or in the shadow");
        group
            .MapDelete(
                "/trial",
                (Guid projectId, Guid deploymentId, DeploymentService service, HttpContext http, CancellationToken cancellationToken) =>
                    ThenShownAsync(
                        service,
                        http,
                        projectId,
                        deploymentId,
                        caller => service.EndTrialAsync(caller, projectId, deploymentId, cancellationToken),
                        cancellationToken
                    )
            )
            .WithSummary("End the trial");
        group
            .MapPut(
                "/content",
                (
                    Guid projectId,
                    Guid deploymentId,
                    ContentRequest form,
                    DeploymentService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                    ThenShownAsync(
                        service,
                        http,
                        projectId,
                        deploymentId,
                        caller => service.KeepContentAsync(caller, projectId, deploymentId, form.Days, cancellationToken),
                        cancellationToken
                    )
            )
            .WithSummary("Say for how many days texts are kept, personal data masked; null for not at all");
        group
            .MapPost(
                "/retire",
                (Guid projectId, Guid deploymentId, DeploymentService service, HttpContext http, CancellationToken cancellationToken) =>
                    ThenShownAsync(
                        service,
                        http,
                        projectId,
                        deploymentId,
                        caller => service.RetireAsync(caller, projectId, deploymentId, cancellationToken),
                        cancellationToken
                    )
            )
            .WithSummary("End an endpoint for good");
    }

    private static void MapKeys(RouteGroupBuilder group)
    {
        group
            .MapGet(
                "",
                async (Guid projectId, ApiKeyService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.ListAsync(Caller.From(http.User), projectId, cancellationToken))
            )
            .WithSummary("Keys of the project with what they may and what they used this month");
        group
            .MapPost(
                "",
                async (Guid projectId, NewKey form, ApiKeyService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(new MadeKey(await service.CreateAsync(Caller.From(http.User), projectId, form, cancellationToken)))
            )
            .WithSummary("Make a key; it is shown this once");
        group
            .MapDelete(
                "/{keyId:guid}",
                async (Guid projectId, Guid keyId, ApiKeyService service, HttpContext http, CancellationToken cancellationToken) =>
                {
                    await service.RevokeAsync(Caller.From(http.User), projectId, keyId, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary("Revoke a key");
    }

    private static async Task<Ok<DeploymentResource>> ThenShownAsync(
        DeploymentService service,
        HttpContext http,
        Guid projectId,
        Guid deploymentId,
        Func<Caller, Task> act,
        CancellationToken cancellationToken
    )
    {
        var caller = Caller.From(http.User);
        await act(caller);
        return TypedResults.Ok(DeploymentResource.Of(await service.GetAsync(caller, projectId, deploymentId, cancellationToken)));
    }
}
