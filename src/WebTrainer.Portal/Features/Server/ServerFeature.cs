namespace WebTrainer.Portal.Features.Server;

public static class ServerFeature
{
    public static IServiceCollection AddServer(this IServiceCollection services) => services.AddSingleton<ServerService>();
}
