using Microsoft.AspNetCore.Http.HttpResults;
using WebTrainer.Domain.Searches;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Hosting;
using WebTrainer.Search.Importance;

namespace WebTrainer.Portal.Features.Searches;

/// <summary>A trial as the API shows it.</summary>
/// <param name="Values">By setting, as they were tried.</param>
/// <param name="Value">What it reached: the loss, or 1 less the accuracy; lower is better.</param>
public sealed record TrialResource(
    int Number,
    Guid? RunId,
    string Outcome,
    IReadOnlyDictionary<string, string> Values,
    double? Value,
    string? Reason
);

/// <summary>A search as the API shows it.</summary>
/// <param name="Problem">Why its settings and trials are not given; null where they are.</param>
public sealed record SearchResource(
    Guid Id,
    int Number,
    string Name,
    string State,
    string Approval,
    string SpecSha256,
    string? Note,
    double SpentMinutes,
    int? BestTrial,
    double? BestValue,
    DateTimeOffset SubmittedAt,
    DateTimeOffset? EndedAt,
    SearchRequest? Request,
    IReadOnlyList<TrialResource> Trials,
    IReadOnlyList<SettingShare> Importance,
    string? Problem
)
{
    public static SearchResource Of(SearchView view)
    {
        var search = view.Search;
        return new SearchResource(
            search.Id,
            search.Number,
            search.Name,
            search.State.ToString().ToLowerInvariant(),
            search.Approval.ToString().ToLowerInvariant(),
            search.SpecSha256,
            search.Note,
            view.SpentSeconds / 60,
            view.Best?.Number,
            view.Best?.Value,
            search.SubmittedAt,
            search.EndedAt,
            view.Problem is null ? view.Request : null,
            view.Problem is null ? [.. search.Trials.OrderBy(t => t.Number).Select(t => Of(t, view))] : [],
            SettingImportance.Of(view.Request.Space, view.Trials),
            view.Problem
        );
    }

    private static TrialResource Of(SearchTrial trial, SearchView view) =>
        new(
            trial.Number,
            trial.RunId,
            trial.Outcome.ToString().ToLowerInvariant(),
            view.Request.Space.Parameters.Where(p => view.Trials[trial.Number].Point.ContainsKey(p.Name))
                .ToDictionary(p => p.Name, p => p.Write(view.Trials[trial.Number].Point[p.Name])),
            trial.Value,
            trial.Reason
        );
}

/// <summary><c>/api/v1/projects/{projectId}/searches</c>.</summary>
public static class SearchesApi
{
    public static void MapSearchesApi(this IEndpointRouteBuilder api)
    {
        var searches = api.MapGroup("/projects/{projectId:guid}/searches").WithTags("Searches");
        searches.MapGet("", ListAsync).WithSummary("All searches of the project");
        searches.MapPost("", SubmitAsync).AnswersWithWhatItMade().WithSummary("Submit a search over settings for approval");
        searches.MapGet("/{searchId:guid}", GetAsync).WithSummary("One search with its trials and the importance of settings");
        searches
            .MapPost(
                "/{searchId:guid}/approve",
                async (
                    Guid projectId,
                    Guid searchId,
                    Approval approval,
                    SearchService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                {
                    await service.ApproveAsync(Caller.From(http.User), projectId, searchId, approval.SpecSha256, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary("Approve the search with this hash and all trials within its bounds; not your own");
        searches
            .MapPost(
                "/{searchId:guid}/reject",
                async (
                    Guid projectId,
                    Guid searchId,
                    Rejection rejection,
                    SearchService service,
                    HttpContext http,
                    CancellationToken cancellationToken
                ) =>
                {
                    await service.RejectAsync(Caller.From(http.User), projectId, searchId, rejection.Reason, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary("Reject a search, with a reason");
        MapControl(searches, "pause", (s, c, p, id, cancellationToken) => s.PauseAsync(c, p, id, cancellationToken), "Begin no new trial");
        MapControl(
            searches,
            "continue",
            (s, c, p, id, cancellationToken) => s.ContinueAsync(c, p, id, cancellationToken),
            "Go on after a pause"
        );
        MapControl(
            searches,
            "stop",
            (s, c, p, id, cancellationToken) => s.StopAsync(c, p, id, cancellationToken),
            "End the search and the trials that run"
        );
        searches
            .MapPost("/{searchId:guid}/trials/{trial:int}/run-again", RunAgainAsync)
            .AnswersWithWhatItMade()
            .WithSummary("Submit a run with this trial's settings on all rows");
    }

    private static async Task<Ok<IEnumerable<SearchResource>>> ListAsync(
        Guid projectId,
        SearchService service,
        HttpContext http,
        CancellationToken cancellationToken
    ) => TypedResults.Ok((await service.ListAsync(Caller.From(http.User), projectId, cancellationToken)).Select(SearchResource.Of));

    private static async Task<Ok<SearchResource>> GetAsync(
        Guid projectId,
        Guid searchId,
        SearchService service,
        HttpContext http,
        CancellationToken cancellationToken
    ) => TypedResults.Ok(SearchResource.Of(await service.GetAsync(Caller.From(http.User), projectId, searchId, cancellationToken)));

    private static async Task<Created<SearchResource>> SubmitAsync(
        Guid projectId,
        SearchRequest request,
        SearchService service,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var caller = Caller.From(http.User);
        var id = await service.SubmitAsync(caller, projectId, request, cancellationToken);
        return TypedResults.Created(
            $"/api/v1/projects/{projectId}/searches/{id}",
            SearchResource.Of(await service.GetAsync(caller, projectId, id, cancellationToken))
        );
    }

    private static async Task<Created<RunResource>> RunAgainAsync(
        Guid projectId,
        Guid searchId,
        int trial,
        SearchService service,
        RunService runs,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var caller = Caller.From(http.User);
        var id = await service.RunAgainAsync(caller, projectId, searchId, trial, cancellationToken);
        return TypedResults.Created(
            $"/api/v1/projects/{projectId}/runs/{id}",
            RunResource.Of(await runs.GetAsync(caller, projectId, id, cancellationToken))
        );
    }

    private static void MapControl(
        RouteGroupBuilder searches,
        string verb,
        Func<SearchService, Caller, Guid, Guid, CancellationToken, Task> act,
        string summary
    ) =>
        searches
            .MapPost(
                "/{searchId:guid}/" + verb,
                async (Guid projectId, Guid searchId, SearchService service, HttpContext http, CancellationToken cancellationToken) =>
                {
                    await act(service, Caller.From(http.User), projectId, searchId, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary(summary);
}
