using WebTrainer.Models;

namespace WebTrainer.Portal.Features.Models;

public static class ModelsFeature
{
    public static IServiceCollection AddModels(this IServiceCollection services) =>
        services
            .AddSingleton<ModelUse>()
            .AddSingleton<ModelLibrary>()
            .AddSingleton(_ => EncoderPackage.OfMachine())
            .AddSingleton<ModelDownloads>()
            .AddHostedService<FirstEncoder>();
}
