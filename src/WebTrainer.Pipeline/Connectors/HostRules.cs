using System.Net;
using System.Net.Sockets;

namespace WebTrainer.Pipeline.Connectors;

/// <summary>Which addresses lie outside the server's own network (IANA's registries of special addresses, RFC 6890).</summary>
public static class HostRules
{
    private static readonly IPNetwork[] s_special =
    [
        .. new[]
        {
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "::/128",
            "::1/128",
            "64:ff9b::/96",
            "64:ff9b:1::/48",
            "100::/64",
            "2001::/23",
            "2001:db8::/32",
            "2002::/16",
            "fc00::/7",
            "fe80::/10",
            "fec0::/10",
            "ff00::/8",
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>
    /// Whether everybody may reach the address: no loopback, private, link-local or otherwise special one, and none hidden in an IPv6
    /// address.
    /// </summary>
    public static bool IsPublic(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (
            address.AddressFamily == AddressFamily.InterNetworkV6
            && address.GetAddressBytes().AsSpan(0, 12).ContainsAnyExcept((byte)0) == false
        )
        {
            return false;
        }

        return !Array.Exists(s_special, network => network.Contains(address));
    }

    /// <summary>Whether the administrator named the host, with this port or with none.</summary>
    public static bool IsNamed(ConnectorOptions options, string host, int port)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.AllowedHosts.Any(allowed =>
            allowed.Equals(host, StringComparison.OrdinalIgnoreCase) || allowed.Equals($"{host}:{port}", StringComparison.OrdinalIgnoreCase)
        );
    }
}
