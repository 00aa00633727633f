using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Notices;

/// <summary><c>/api/v1/projects/{projectId}/webhooks</c> and <c>…/notices</c>, and <c>/api/v1/notices</c> of the caller.</summary>
public static class NoticesApi
{
    public static void MapNoticesApi(this IEndpointRouteBuilder api)
    {
        MapWebhooks(api.MapGroup("/projects/{projectId:guid}/webhooks").WithTags("Notices"));
        MapDead(api.MapGroup("/projects/{projectId:guid}/notices").WithTags("Notices"));
        MapOwn(api.MapGroup("/notices/wishes").WithTags("Notices"));
    }

    private static void MapWebhooks(RouteGroupBuilder webhooks)
    {
        webhooks
            .MapGet(
                "",
                async (Guid projectId, WebhookService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.ListAsync(Caller.From(http.User), projectId, cancellationToken))
            )
            .WithSummary("Addresses that are told of what happens in the project");
        webhooks
            .MapPost(
                "",
                async (Guid projectId, NewWebhook webhook, WebhookService service, HttpContext http, CancellationToken cancellationToken) =>
                {
                    var made = await service.AddAsync(Caller.From(http.User), projectId, webhook, cancellationToken);
                    return TypedResults.Created($"/api/v1/projects/{projectId}/webhooks", made);
                }
            )
            .WithSummary("Add an address; the key of its signatures is given this once");
        webhooks
            .MapPost(
                "/{webhookId:guid}/key",
                async (Guid projectId, Guid webhookId, WebhookService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.RenewAsync(Caller.From(http.User), projectId, webhookId, cancellationToken))
            )
            .WithSummary("Make a new key of its signatures, given this once");
        webhooks
            .MapDelete(
                "/{webhookId:guid}",
                async (Guid projectId, Guid webhookId, WebhookService service, HttpContext http, CancellationToken cancellationToken) =>
                {
                    await service.RemoveAsync(Caller.From(http.User), projectId, webhookId, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary("Remove it with what is on its way to it");
    }

    private static void MapDead(RouteGroupBuilder notices)
    {
        notices
            .MapGet(
                "/dead",
                async (Guid projectId, WebhookService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.DeadAsync(Caller.From(http.User), projectId, cancellationToken))
            )
            .WithSummary("Notices that never arrived, and why");
        notices
            .MapPost(
                "/{deliveryId:guid}/send-again",
                async (Guid projectId, Guid deliveryId, WebhookService service, HttpContext http, CancellationToken cancellationToken) =>
                {
                    await service.SendAgainAsync(Caller.From(http.User), projectId, deliveryId, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary("Have a notice that never arrived tried from the beginning");
    }

    private static void MapOwn(RouteGroupBuilder wishes)
    {
        wishes
            .MapGet(
                "",
                async (PreferenceService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.GetAsync(Caller.From(http.User), cancellationToken))
            )
            .WithSummary("What you want to be told by mail, and when not");
        wishes
            .MapPut(
                "",
                async (MailWishes given, PreferenceService service, HttpContext http, CancellationToken cancellationToken) =>
                {
                    var caller = Caller.From(http.User);
                    await service.SetAsync(caller, given, cancellationToken);
                    return TypedResults.Ok(await service.GetAsync(caller, cancellationToken));
                }
            )
            .WithSummary("Replace what you want to be told by mail, and when not");
    }
}
