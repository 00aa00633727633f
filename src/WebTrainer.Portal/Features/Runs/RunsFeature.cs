using WebTrainer.Data.Files;
using WebTrainer.Jobs;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Features.Runs.Approving;
using WebTrainer.Portal.Features.Runs.Waiting;

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
            .AddSingleton<RunEvidence>()
            .AddSingleton<SelfApproval>()
            .AddSingleton<SelfApprovalWatch>()
            .AddHostedService(p => p.GetRequiredService<SelfApprovalWatch>())
            .AddSingleton<RunFeed>()
            .AddSingleton<RunCurves>()
            .AddSingleton(p => new RowGroups(p.GetRequiredService<FileStore>(), p.GetService<ImportLimits>() ?? new()))
            .AddSingleton<PrivacyLosses>()
            .AddSingleton<QueueService>()
            .AddSingleton<ServerFacts>()
            .AddSingleton(new PagePart(PartOf.Project, typeof(Pages.ProjectRuns)))
            .AddSingleton(new PagePart(PartOf.Version, typeof(Pages.VersionPrivacyPanel)));
    }
}
