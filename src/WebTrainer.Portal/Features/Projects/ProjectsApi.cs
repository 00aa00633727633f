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
