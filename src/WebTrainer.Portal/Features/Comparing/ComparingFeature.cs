namespace WebTrainer.Portal.Features.Comparing;

public static class ComparingFeature
{
    public static IServiceCollection AddComparing(this IServiceCollection services) => services.AddSingleton<ComparisonService>();
}
