using System.ComponentModel.DataAnnotations;
using System.Net;

namespace WebTrainer.Portal.Hosting;

/// <summary>Settings of section <c>Network</c>: by which names people reach the portal, and what stands before it.</summary>
public sealed class NetworkOptions : IValidatableObject
{
    public const string Section = "Network";
    private const string AnySubdomain = "*.";

    /// <summary>
    /// Names that the portal answers to, as <c>webtrainer.example.org</c> or <c>*.example.org</c>, beside this machine's own: those of the
    /// addresses it listens on, its host name and the loopback's.
    /// </summary>
    public IList<string> AllowedHosts { get; init; } = [];

    /// <summary>
    /// Addresses or networks (<c>10.0.0.0/8</c>) of proxies before the portal, whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c>
    /// are believed.
    /// </summary>
    public IList<string> KnownProxies { get; init; } = [];

    /// <summary>Whether a name is among those of <see cref="AllowedHosts"/>.</summary>
    public bool Names(string host) =>
        AllowedHosts.Any(allowed =>
            allowed.StartsWith(AnySubdomain, StringComparison.Ordinal)
                ? host.EndsWith(allowed[1..], StringComparison.OrdinalIgnoreCase) && host.Length >= allowed.Length
                : string.Equals(host, allowed, StringComparison.OrdinalIgnoreCase)
        );

    /// <summary>A proxy's address or network; null where the text is none.</summary>
    public static IPNetwork? ProxyOf(string text) =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : null;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var host in AllowedHosts.Where(host => !IsHost(host)))
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(AllowedHosts)}: '{host}' is no host. Give names without http:// and port, as webtrainer.example.org or *.example.org.",
                [nameof(AllowedHosts)]
            );
        }

        foreach (var proxy in KnownProxies.Where(proxy => ProxyOf(proxy) is null))
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(KnownProxies)}: '{proxy}' is no address or network. Give them as 10.0.0.7 or 10.0.0.0/8.",
                [nameof(KnownProxies)]
            );
        }
    }

    private static bool IsHost(string host) =>
        Uri.CheckHostName((host.StartsWith(AnySubdomain, StringComparison.Ordinal) ? host[AnySubdomain.Length..] : host).Trim('[', ']'))
        != UriHostNameType.Unknown;
}
