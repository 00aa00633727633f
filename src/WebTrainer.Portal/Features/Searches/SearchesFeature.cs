namespace WebTrainer.Portal.Features.Searches;

public static class SearchesFeature
{
    public static IServiceCollection AddSearches(this IServiceCollection services) =>
        services
            .AddSingleton<RowSubset>()
            .AddSingleton<SearchConductor>()
            .AddHostedService(s => s.GetRequiredService<SearchConductor>())
            .AddSingleton<SearchService>();
}
