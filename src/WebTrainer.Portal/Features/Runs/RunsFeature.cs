using WebTrainer.Jobs;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Features.Models;

namespace WebTrainer.Portal.Features.Runs;

public static class RunsFeature
{
    public static IServiceCollection AddRuns(this IServiceCollection services)
    {
        services.AddWebTrainerJobs();
        services.PostConfigure<JobsOptions>(WorkerLocation.FillIn);
        return services
            .AddModelCatalog()
            .AddSingleton<SpecParts>()
            .AddSingleton<TrainSpecs>()
            .AddSingleton<RunService>()
            .AddSingleton<TokenCosts>()
            .AddSingleton<RunFeed>()
            .AddSingleton<RunCurves>()
            .AddSingleton<ServerFacts>()
            .AddSingleton(new PagePart(PartOf.Project, typeof(Pages.ProjectRuns)));
    }
}
