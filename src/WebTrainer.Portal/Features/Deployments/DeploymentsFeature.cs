namespace WebTrainer.Portal.Features.Deployments;

public static class DeploymentsFeature
{
    public static IServiceCollection AddDeployments(this IServiceCollection services) => services
        .AddSingleton<ApiKeyService>()
        .AddSingleton<ServedModels>();
}
