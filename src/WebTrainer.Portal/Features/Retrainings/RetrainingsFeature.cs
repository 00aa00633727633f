using WebTrainer.Portal.Components.Shared;

namespace WebTrainer.Portal.Features.Retrainings;

public static class RetrainingsFeature
{
    public static IServiceCollection AddRetrainings(this IServiceCollection services) =>
        services
            .AddSingleton<RetrainingSchedules>()
            .AddHostedService(s => s.GetRequiredService<RetrainingSchedules>())
            .AddSingleton<RetrainingService>()
            .AddSingleton<RetrainingSteps>()
            .AddSingleton<RetrainingWatch>()
            .AddHostedService(s => s.GetRequiredService<RetrainingWatch>())
            .AddTransient<ScheduledRetraining>()
            .AddSingleton(new PagePart(PartOf.Deployment, typeof(Pages.RetrainingPanel)));
}
