namespace WebTrainer.Portal.Features.Playground;

public static class PlaygroundFeature
{
    public static IServiceCollection AddPlayground(this IServiceCollection services) => services.AddSingleton<PlaygroundService>();
}
