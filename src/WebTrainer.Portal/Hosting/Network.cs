using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace WebTrainer.Portal.Hosting;

/// <summary>Which requests reach the portal at all, and what is believed of where they came from.</summary>
public static class Network
{
    public static IServiceCollection AddPortalNetwork(this IServiceCollection services)
    {
        services.AddOptions<NetworkOptions>().BindConfiguration(NetworkOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<NetworkOptions>>(Believe);
        return services.AddSingleton<HostGate>().AddSingleton<OriginGate>().AddHostCookies();
    }

    /// <summary>Behind the headers of security, which refusals carry too; before everything that reads cookies.</summary>
    public static void UseGates(this WebApplication app)
    {
        app.Use(app.Services.GetRequiredService<HostGate>().InvokeAsync);
        app.Use(app.Services.GetRequiredService<OriginGate>().InvokeAsync);
        app.UseHostCookies();
    }

    // Nobody is believed who is not named: the framework would believe whatever comes from this machine itself.
    private static void Believe(ForwardedHeadersOptions forwarded, IOptions<NetworkOptions> network)
    {
        forwarded.ForwardedHeaders =
            network.Value.KnownProxies.Count == 0
                ? ForwardedHeaders.None
                : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        forwarded.ForwardLimit = null; // through as many as are named, and no further
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var proxy in network.Value.KnownProxies)
        {
            forwarded.KnownIPNetworks.Add(NetworkOptions.ProxyOf(proxy)!.Value);
        }
    }
}
