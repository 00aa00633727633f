using WebTrainer.Portal.Features.Deployments.Checking;
using WebTrainer.Portal.Features.Deployments.Keys;
using WebTrainer.Portal.Features.Deployments.OpenAi;
using WebTrainer.Portal.Features.Deployments.Routing;
using WebTrainer.Portal.Features.Deployments.Versions;

namespace WebTrainer.Portal.Features.Deployments;

public static class DeploymentsFeature
{
    public static IServiceCollection AddDeployments(this IServiceCollection services)
    {
        services.AddOptions<EndpointOptions>().BindConfiguration(EndpointOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        return services
            .AddSingleton<ApiKeyService>()
            .AddSingleton<ServedModels>()
            .AddSingleton<EncoderModels>()
            .AddSingleton<KeyLimits>()
            .AddSingleton<KeyGate>()
            .AddSingleton<KeyUse>()
            .AddHostedService(s => s.GetRequiredService<KeyUse>())
            .AddSingleton<LiveRoutes>()
            .AddSingleton<AnswersMeter>()
            .AddSingleton<Asking>()
            .AddSingleton<OldAndNewTests>()
            .AddSingleton<Evidence>()
            .AddSingleton<ReplayCheck>()
            .AddSingleton<DeploymentService>();
    }
}
