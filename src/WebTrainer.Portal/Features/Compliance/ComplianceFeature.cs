using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Features.Compliance.Checklists;
using WebTrainer.Portal.Features.Compliance.Packs;

namespace WebTrainer.Portal.Features.Compliance;

public static class ComplianceFeature
{
    public static IServiceCollection AddCompliance(this IServiceCollection services) =>
        services
            .AddSingleton<PolicyService>()
            .AddSingleton<ChecklistService>()
            .AddSingleton<PackService>()
            .AddSingleton(new PagePart(PartOf.Run, typeof(Pages.RunPack)));
}
