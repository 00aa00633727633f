namespace WebTrainer.Portal.Features.Finding;

public static class FindingFeature
{
    public static IServiceCollection AddFinding(this IServiceCollection services) => services.AddSingleton<FindService>();
}
