using Microsoft.EntityFrameworkCore.Diagnostics;

namespace WebTrainer.Portal.Access;

public static class AccessServices
{
    /// <summary>Registers the check of rights at each use, and the watch over what stands on one for long.</summary>
    public static IServiceCollection AddAccess(this IServiceCollection services) =>
        services
            .AddSingleton<RefusalLog>()
            .AddSingleton<ReadLog>()
            .AddSingleton<Authorizer>()
            .AddSingleton<AccessChanges>()
            .AddSingleton<ISaveChangesInterceptor>(provider => provider.GetRequiredService<AccessChanges>())
            .AddSingleton<RightsWatch>()
            .AddSingleton<SignInThrottle>()
            .AddSingleton<KnownDevices>()
            .AddSingleton<AddedModels>()
            .AddSingleton<Quotas>()
            .AddHostedService(provider => provider.GetRequiredService<RightsWatch>());
}
