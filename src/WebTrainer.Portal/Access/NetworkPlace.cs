using System.Net;
using System.Net.Sockets;

namespace WebTrainer.Portal.Access;

/// <summary>What counts as one place in the network: an address, or with IPv6 all addresses that one household or host has.</summary>
public static class NetworkPlace
{
    private const int HostBytes = 8;

    public static string Of(IPAddress? address)
    {
        if (address is null)
        {
            return "unknown";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6 && !IPAddress.IsLoopback(address)
            ? new IPAddress([.. address.GetAddressBytes()[..HostBytes], .. new byte[HostBytes]]) + "/64"
            : address.ToString();
    }
}
