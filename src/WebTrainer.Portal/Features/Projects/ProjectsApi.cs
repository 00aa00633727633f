using Microsoft.AspNetCore.Http.HttpResults;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Projects;

public sealed record NewProject(string Name, string? Description);

public sealed record CreatedId(Guid Id);

/// <summary><c>/api/v1/projects</c>.</summary>
public static class ProjectsApi
{
    public static void MapProjectsApi(this IEndpointRouteBuilder api)
    {
        var projects = api.MapGroup("/projects").WithTags("Projects");
        projects
            .MapGet(
                "",
                async (ProjectService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.ListMineAsync(Caller.From(http.User), cancellationToken))
            )
            .WithSummary("The projects you are a member of");
        projects.MapPost("", CreateAsync).WithSummary("Create a project that you lead");
        projects
            .MapGet(
                "/{projectId:guid}",
                async (Guid projectId, ProjectService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.GetAsync(Caller.From(http.User), projectId, cancellationToken))
            )
            .WithSummary("One project");
        projects
            .MapGet(
                "/{projectId:guid}/steps",
                async (Guid projectId, ProjectPath path, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await path.ReadAsync(Caller.From(http.User), projectId, cancellationToken))
            )
            .WithSummary("What is done, and what comes next");
        MapDeputies(projects.MapGroup("/{projectId:guid}/deputies"));
    }

    private static void MapDeputies(RouteGroupBuilder deputies)
    {
        deputies
            .MapGet(
                "",
                async (Guid projectId, DeputyService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.ListAsync(Caller.From(http.User), projectId, cancellationToken))
            )
            .WithSummary("Who approves in a lead's place, and until when");
        deputies
            .MapPost(
                "",
                async (Guid projectId, NewDeputy deputy, DeputyService service, HttpContext http, CancellationToken cancellationToken) =>
                {
                    var id = await service.NameAsync(Caller.From(http.User), projectId, deputy, cancellationToken);
                    return TypedResults.Created($"/api/v1/projects/{projectId}/deputies", new CreatedId(id));
                }
            )
            .WithSummary("Name who approves in your own place while you are away");
        deputies
            .MapDelete(
                "/{deputyId:guid}",
                async (Guid projectId, Guid deputyId, DeputyService service, HttpContext http, CancellationToken cancellationToken) =>
                {
                    await service.EndAsync(Caller.From(http.User), projectId, deputyId, cancellationToken);
                    return TypedResults.NoContent();
                }
            )
            .WithSummary("End it at once; what was approved stands");
    }

    private static async Task<Created<CreatedId>> CreateAsync(
        NewProject project,
        ProjectService service,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        var id = await service.CreateAsync(Caller.From(http.User), project.Name, project.Description ?? "", cancellationToken);
        return TypedResults.Created($"/api/v1/projects/{id}", new CreatedId(id));
    }
}
