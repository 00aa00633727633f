using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace WebTrainer.Portal.Hosting;

/// <summary>
/// Answers only requests that name this server: the name comes back in redirects and documents, and a name that somebody else owns can be
/// led to this server's address, past the browser's walls between sites.
/// </summary>
public sealed class HostGate(IServer server, IOptions<NetworkOptions> options, ILogger<HostGate> logger)
{
    private static readonly string[] s_loopback = ["localhost", "127.0.0.1", "[::1]"];
    private readonly Lazy<HashSet<string>> _own = new(() => OwnNames(server));

    public Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (Knows(http.Request.Host.Host, http.Connection.LocalIpAddress))
        {
            return next(http);
        }

        logger.LogWarning(
            "A request for another host was refused. Name each host by which people reach this server in Network:AllowedHosts"
        );
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        return http.Response.WriteAsync(
            "This server is not known by the name in your address. Use the address that you were given, or ask the operator to add the name to Network:AllowedHosts.",
            http.RequestAborted
        );
    }

    private bool Knows(string host, IPAddress? reached) =>
        _own.Value.Contains(host)
        || options.Value.Names(host)
        // By number it can be reached wherever it listens, and no name that somebody else owns is involved.
        || reached is not null && IPAddress.TryParse(host.Trim('[', ']'), out var number) && number.MapToIPv6().Equals(reached.MapToIPv6());

    /// <summary>Names of the loopback, of this machine and of the addresses that the server listens on; known once it does.</summary>
    private static HashSet<string> OwnNames(IServer server) =>
        new(
            [
                .. s_loopback,
                Environment.MachineName,
                .. server
                    .Features.Get<IServerAddressesFeature>()
                    ?.Addresses.Select(BindingAddress.Parse)
                    .Where(address => !address.IsUnixPipe)
                    .Select(address => address.Host)
                    ?? [],
            ],
            StringComparer.OrdinalIgnoreCase
        );
}
