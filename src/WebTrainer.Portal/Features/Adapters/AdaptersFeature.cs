using WebTrainer.Portal.Components.Shared;

namespace WebTrainer.Portal.Features.Adapters;

public static class AdaptersFeature
{
    public static IServiceCollection AddAdapters(this IServiceCollection services) =>
        services.AddSingleton<AdapterImports>().AddSingleton<AdapterUse>().AddSingleton(new PagePart(PartOf.Models, typeof(AdapterPanel)));
}
