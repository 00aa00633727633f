using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Runs.Approving;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Hosting.Description;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs;

/// <param name="SpecSha256">Hash of the settings that the approver has seen, from the run.</param>
public sealed record Approval(string SpecSha256);

public sealed record Rejection(string Reason);

/// <summary>A run as the API shows it.</summary>
/// <param name="DatasetVersionId">What it learned from; null where the adapter was brought in.</param>
/// <param name="Spec">Its settings; null where the adapter was brought in, since nobody here knows them.</param>
/// <param name="Problem">Why its settings are not given; null where they are.</param>
/// <param name="ImportedFrom">Where an adapter came from that was brought in: its archive's name, or its name on the hub.</param>
public sealed record RunResource(
    Guid Id,
    int Number,
    string Name,
    string Status,
    string SpecSha256,
    Guid? DatasetVersionId,
    int Step,
    int TotalSteps,
    double Progress,
    double? SecondsLeft,
    string? FailureCause,
    string? FailureAdvice,
    DateTimeOffset SubmittedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    TrainSpec? Spec,
    string? Problem,
    string? ImportedFrom
)
{
    public static RunResource Of(RunView view)
    {
        var (run, job) = (view.Run, view.Run.Job);
        return new RunResource(
            run.Id,
            run.Number,
            run.Name,
            (job?.State.ToString() ?? run.Approval.ToString()).ToLowerInvariant(),
            run.SpecSha256,
            run.DatasetVersionId,
            job?.Step ?? 0,
            job?.TotalSteps ?? 0,
            job?.Progress ?? 0,
            job?.SecondsLeft,
            job?.FailureCause,
            job?.FailureAdvice,
            run.SubmittedAt,
            job?.StartedAt,
            job?.EndedAt,
            view.Problem is null && !run.IsImported ? view.Spec : null,
            view.Problem,
            run.ImportedFrom
        );
    }
}

/// <summary><c>/api/v1/projects/{projectId}/runs</c>.</summary>
public static class RunsApi
{
    public static void MapRunsApi(this IEndpointRouteBuilder api)
    {
        var runs = api.MapGroup("/projects/{projectId:guid}/runs").WithTags("Runs");
        runs.MapGet("", ListAsync).WithSummary("All runs of the project");
        runs.MapPost("", SubmitAsync).AnswersWithWhatItMade().WithSummary("Submit a run for approval");
        runs.MapPost("/plan", PlanAsync).WithSummary("What a run would do and take: tokens, first batch, memory, minutes");
        runs.MapGet("/{runId:guid}", GetAsync).WithSummary("One run");
        runs.MapGet(
                "/{runId:guid}/evidence",
                async (Guid projectId, Guid runId, RunEvidence evidence, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await evidence.OfAsync(Caller.From(http.User), projectId, runId, cancellationToken))
            )
            .WithSummary("What whoever approves should know: data, cost, budget, goals, and what is other than in the last approved run");
        runs.MapPost("/{runId:guid}/approve", ApproveAsync).WithSummary("Approve the settings with this hash; not your own run");
        runs.MapPost("/{runId:guid}/reject", RejectAsync).WithSummary("Reject a run, with a reason");
        runs.MapPost(
                "/{runId:guid}/plan",
                async (Guid projectId, Guid runId, RunService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.PlanOfAsync(Caller.From(http.User), projectId, runId, cancellationToken))
            )
            .WithSummary("What a submitted run would do and take, measured on its own settings");
        MapControl(
            runs,
            "withdraw",
            (s, c, p, r, cancellationToken) => s.WithdrawAsync(c, p, r, cancellationToken),
            "Take back your own run before anybody has decided"
        );
        MapControl(runs, "pause", (s, c, p, r, cancellationToken) => s.PauseAsync(c, p, r, cancellationToken), "Pause");
        MapControl(runs, "continue", (s, c, p, r, cancellationToken) => s.ContinueAsync(c, p, r, cancellationToken), "Go on after a pause");
        MapControl(runs, "stop", (s, c, p, r, cancellationToken) => s.StopAsync(c, p, r, cancellationToken), "Stop now");
        MapControl(
            runs,
            "stop-and-save",
            (s, c, p, r, cancellationToken) => s.StopAndSaveAsync(c, p, r, cancellationToken),
            "Stop after this step and keep the adapter"
        );
        MapControl(
            runs,
            "resume",
            (s, c, p, r, cancellationToken) => s.ResumeAsync(c, p, r, cancellationToken),
            "Go on from the last checkpoint"
        );
        runs.MapGet("/{runId:guid}/events", Events).WithSummary("Events as JSON: everything so far").Produces<IReadOnlyList<JsonElement>>();
        runs.MapGet("/{runId:guid}/events/stream", Stream)
            .GivesFile("text/event-stream")
            .WithSummary(
                "Events as server-sent events, from the first, or behind Last-Event-ID, to the end of the run; waits for its approval"
            );
        runs.MapGet("/{runId:guid}/metrics.csv", MetricsAsync).GivesFile("text/csv").WithSummary("The curves as CSV, one row a point");
    }

    public static void MapRunsHub(this IEndpointRouteBuilder app) => app.MapHub<RunsHub>("/hubs/runs");

    private static async Task<Ok<IEnumerable<RunResource>>> ListAsync(
        Guid projectId,
        RunService service,
        HttpContext http,
        CancellationToken cancellationToken
    ) => TypedResults.Ok((await service.ListAsync(Caller.From(http.User), projectId, cancellationToken)).Select(RunResource.Of));

    private static async Task<Created<RunResource>> SubmitAsync(
        Guid projectId,
        RunRequest request,
        RunService service,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var caller = Caller.From(http.User);
        var id = await service.SubmitAsync(caller, projectId, request, cancellationToken);
        return TypedResults.Created(
            $"/api/v1/projects/{projectId}/runs/{id}",
            RunResource.Of(await service.GetAsync(caller, projectId, id, cancellationToken))
        );
    }

    private static async Task<Ok<RunPlan>> PlanAsync(
        Guid projectId,
        RunRequest request,
        RunService service,
        HttpContext http,
        CancellationToken cancellationToken
    ) => TypedResults.Ok(await service.PlanAsync(Caller.From(http.User), projectId, request, cancellationToken));

    private static async Task<Ok<RunResource>> GetAsync(
        Guid projectId,
        Guid runId,
        RunService service,
        HttpContext http,
        CancellationToken cancellationToken
    ) => TypedResults.Ok(RunResource.Of(await service.GetAsync(Caller.From(http.User), projectId, runId, cancellationToken)));

    private static async Task<NoContent> ApproveAsync(
        Guid projectId,
        Guid runId,
        Approval approval,
        RunService service,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        await service.ApproveAsync(Caller.From(http.User), projectId, runId, approval.SpecSha256, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> RejectAsync(
        Guid projectId,
        Guid runId,
        Rejection rejection,
        RunService service,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        await service.RejectAsync(Caller.From(http.User), projectId, runId, rejection.Reason, cancellationToken);
        return TypedResults.NoContent();
    }

    private static void MapControl(
        IEndpointRouteBuilder runs,
        string verb,
        Func<RunService, Caller, Guid, Guid, CancellationToken, Task> act,
        string summary
    ) =>
        runs.MapPost(
                "/{runId:guid}/" + verb,
                async (Guid projectId, Guid runId, RunService service, HttpContext http, CancellationToken cancellationToken) =>
                {
                    await act(service, Caller.From(http.User), projectId, runId, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary(summary);

    private static async Task<Ok<List<object>>> Events(
        Guid projectId,
        Guid runId,
        RunFeed feed,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        await foreach (var update in feed.WatchRunAsync(Caller.From(http.User), projectId, runId, cancellationToken))
        {
            return TypedResults.Ok(InOrder(update).Select(e => e.Value).ToList());
        }

        return TypedResults.Ok(new List<object>());
    }

    private static ServerSentEventsResult<object> Stream(
        Guid projectId,
        Guid runId,
        RunFeed feed,
        HttpContext http,
        IHostApplicationLifetime server,
        [FromHeader(Name = "Last-Event-ID")] long? lastEventId = null
    ) =>
        TypedResults.ServerSentEvents(
            StreamAsync(feed, Caller.From(http.User), projectId, runId, lastEventId ?? 0, server, http.RequestAborted)
        );

    /// <param name="last">The last event that the client has: it goes on behind it.</param>
    /// <param name="server">One that stops doesn't wait for who watches; they come back with what they had last.</param>
    private static async IAsyncEnumerable<SseItem<object>> StreamAsync(
        RunFeed feed,
        Caller caller,
        Guid projectId,
        Guid runId,
        long last,
        IHostApplicationLifetime server,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(server.ApplicationStopping, cancellationToken);
        cancellationToken = watching.Token;
        var decided = await feed.ApprovalAsync(caller, projectId, runId, cancellationToken);
        var wasWaited = decided == ApprovalState.Submitted;
        if (wasWaited)
        {
            yield return new(new { state = "submitted" }, "waiting");
            (decided, var ended) = await OrRefusalAsync(feed.WhenDecidedAsync(caller, projectId, runId, cancellationToken), begun: true);
            if (ended is not null)
            {
                yield return new(new { reason = ended }, "refused");
                yield break;
            }
        }

        if (decided != ApprovalState.Approved)
        {
            yield return new(new { state = decided.ToString().ToLowerInvariant() }, "end");
            yield break;
        }

        await using var updates = feed.WatchRunAsync(caller, projectId, runId, cancellationToken).GetAsyncEnumerator(cancellationToken);
        for (var begun = wasWaited; ; begun = true)
        {
            var (hasNext, refusal) = await OrRefusalAsync(updates.MoveNextAsync().AsTask(), begun);
            var update = hasNext ? updates.Current : null;
            if (refusal is not null)
            {
                yield return new(new { reason = refusal }, "refused");
            }

            if (update is null)
            {
                yield break;
            }

            foreach (var (seq, type, value) in InOrder(update).Where(e => e.Seq > last))
            {
                yield return new(value, type) { EventId = seq.ToString(System.Globalization.CultureInfo.InvariantCulture) };
            }

            if (update.Job.HasEnded)
            {
                yield return new(new { state = update.Job.State.ToString().ToLowerInvariant() }, "end");
                yield break;
            }
        }
    }

    // Once the answer has begun, a status can say nothing any more: the stream itself says why it ends.
    private static async Task<(T? Value, string? Refusal)> OrRefusalAsync<T>(Task<T> value, bool begun)
    {
        try
        {
            return (await value, null);
        }
        catch (Exception ex) when (begun && RefusalHandler.StatusOf(ex) is not null)
        {
            return (default, RefusalHandler.SentenceOf(ex));
        }
    }

    private static IEnumerable<(long Seq, string Type, object Value)> InOrder(Jobs.Feed.JobUpdate update) =>
        update
            .Metrics.Select(m => (m.Seq, m.ValidationLoss is null ? "step" : "validation", (object)m))
            .Concat(update.Events.Select(e => (e.Seq, e.Type, (object)JsonSerializer.Deserialize<JsonElement>(e.Json))))
            .OrderBy(e => e.Seq);

    private static async Task<FileContentHttpResult> MetricsAsync(
        Guid projectId,
        Guid runId,
        RunCurves curves,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var metrics =
            (await curves.ReadAsync(Caller.From(http.User), projectId, [runId], cancellationToken)).GetValueOrDefault(runId)
            ?? throw new NotFoundException("There is no such run in this project.");
        var rows = metrics.Select(m =>
            (IEnumerable<string?>)
                (
                    (object?[])
                        [
                            m.Step,
                            m.Epoch,
                            m.Loss,
                            m.ValidationLoss,
                            m.Accuracy,
                            m.LearningRate,
                            m.GradientNorm,
                            m.TokensPerSecond,
                            m.MemoryBytes,
                            m.Tokens,
                            m.Time.ToString("O"),
                        ]
                ).Select(v => Convert.ToString(v, System.Globalization.CultureInfo.InvariantCulture))
        );
        return CsvFile.Of(rows.Prepend(s_metricColumns), "metrics.csv");
    }

    private static readonly string[] s_metricColumns =
    [
        "step",
        "epoch",
        "loss",
        "validation_loss",
        "accuracy",
        "learning_rate",
        "gradient_norm",
        "tokens_per_second",
        "memory_bytes",
        "tokens",
        "time",
    ];
}
