using WebTrainer.Portal.Features.Deployments.OpenAi;

namespace WebTrainer.Portal.Features.Deployments;

public static class DeploymentsFeature
{
    public static IServiceCollection AddDeployments(this IServiceCollection services)
    {
        services.AddOptions<EndpointOptions>().BindConfiguration(EndpointOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        return services.AddSingleton<ApiKeyService>().AddSingleton<ServedModels>().AddSingleton<KeyLimits>().AddSingleton<KeyGate>();
    }
}
