using Microsoft.AspNetCore.Http.HttpResults;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Runs.Waiting;

/// <param name="Priority">Among the project's own jobs.</param>
public sealed record JobRank(JobPriority Priority);

/// <summary><c>/api/v1/projects/{projectId}/queue</c>.</summary>
public static class QueueApi
{
    public static void MapQueueApi(this IEndpointRouteBuilder api)
    {
        var queue = api.MapGroup("/projects/{projectId:guid}/queue").WithTags("Queue");
        queue.MapGet("", ListAsync).WithSummary("The project's waiting jobs: place in line, about when each begins, and why it waits");
        queue.MapPut("/{jobId:guid}", RankAsync).WithSummary("Rank a waiting job among the project's own; leads do");
    }

    private static async Task<Ok<IReadOnlyList<QueueStanding>>> ListAsync(
        Guid projectId,
        QueueService service,
        HttpContext http,
        CancellationToken cancellationToken
    ) => TypedResults.Ok(await service.ListAsync(Caller.From(http.User), projectId, cancellationToken));

    private static async Task<NoContent> RankAsync(
        Guid projectId,
        Guid jobId,
        JobRank rank,
        QueueService service,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        await service.RankAsync(Caller.From(http.User), projectId, jobId, rank.Priority, cancellationToken);
        return TypedResults.NoContent();
    }
}
