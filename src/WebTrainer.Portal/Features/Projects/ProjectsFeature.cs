namespace WebTrainer.Portal.Features.Projects;

public static class ProjectsFeature
{
    public static IServiceCollection AddProjects(this IServiceCollection services) =>
        services.AddSingleton<ProjectService>().AddSingleton<DeputyService>().AddSingleton<ProjectPath>();
}
