using WebTrainer.Jobs;

namespace WebTrainer.Portal.Features.Runs;

public static class RunsFeature
{
    public static IServiceCollection AddRuns(this IServiceCollection services)
    {
        services.AddWebTrainerJobs();
        services.PostConfigure<JobsOptions>(WorkerLocation.FillIn);
        return services
            .AddSingleton<ModelCatalog>()
            .AddSingleton<ModelHashes>()
            .AddSingleton<SpecBuilder>()
            .AddSingleton<RunService>()
            .AddSingleton<RunFeed>()
            .AddSingleton<RunCurves>()
            .AddSingleton<ServerFacts>();
    }
}
