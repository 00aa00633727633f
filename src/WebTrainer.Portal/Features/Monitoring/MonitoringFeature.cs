using WebTrainer.Pipeline.Cleaning.Finders;
using WebTrainer.Portal.Components.Shared;

namespace WebTrainer.Portal.Features.Monitoring;

public static class MonitoringFeature
{
    public static IServiceCollection AddMonitoring(this IServiceCollection services)
    {
        services.AddOptions<TrafficOptions>().BindConfiguration(TrafficOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        return services
            .AddSingleton(new TextMask())
            .AddSingleton<TrafficLog>()
            .AddHostedService(s => s.GetRequiredService<TrafficLog>())
            .AddSingleton<MonitoringService>()
            .AddSingleton<FeedbackService>()
            .AddSingleton<AlertService>()
            .AddSingleton<AlertWatch>()
            .AddHostedService(s => s.GetRequiredService<AlertWatch>())
            .AddSingleton<TrafficDrift>()
            .AddSingleton<TrafficSamples>()
            .AddSingleton<DriftWatch>()
            .AddHostedService(s => s.GetRequiredService<DriftWatch>())
            .AddSingleton<TrafficAging>()
            .AddHostedService(s => s.GetRequiredService<TrafficAging>())
            .AddSingleton(new PagePart(PartOf.Deployment, typeof(Pages.TrafficPanel)))
            .AddSingleton(new PagePart(PartOf.Deployment, typeof(Pages.DriftOfTraffic)))
            .AddSingleton(new PagePart(PartOf.Deployment, typeof(Pages.Alerts)))
            .AddSingleton<TextKeeper>()
            .AddHostedService(s => s.GetRequiredService<TextKeeper>());
    }
}
