using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Models;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Models;

public static class ModelsFeature
{
    /// <summary>What models there are: the ground of every feature that uses one.</summary>
    public static IServiceCollection AddModelCatalog(this IServiceCollection services)
    {
        services.TryAddSingleton(p => new ModelCatalog(
            Path.GetFullPath(
                p.GetRequiredService<IOptions<PortalOptions>>().Value.ModelsFolder,
                p.GetRequiredService<IHostEnvironment>().ContentRootPath
            ),
            p.GetRequiredService<DataFolder>().Models
        ));
        services.TryAddSingleton<ModelHashes>();
        return services;
    }

    public static IServiceCollection AddModels(this IServiceCollection services) =>
        services
            .AddModelCatalog()
            .AddSingleton<ModelUse>()
            .AddSingleton<ModelLibrary>()
            .AddSingleton(_ => EncoderPackage.OfMachine())
            .AddSingleton<ModelDownloads>()
            .AddHostedService<FirstEncoder>();
}
