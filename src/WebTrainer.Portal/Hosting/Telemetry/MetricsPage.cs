using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Hosting.Telemetry;

/// <summary><c>/metrics</c> in Prometheus' text, for whoever has the token; without one in the settings there is no such page.</summary>
public static class MetricsPage
{
    private const string Path = "/metrics";

    /// <summary>Before the sign-in of people, which it has nothing to do with.</summary>
    public static void UseMetricsPage(this WebApplication app)
    {
        var token = app.Services.GetRequiredService<IOptions<TelemetryOptions>>().Value.MetricsToken;
        if (token.Length == 0)
        {
            return;
        }

        var expected = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        app.UseWhen(
            http => http.Request.Path.Equals(Path, StringComparison.OrdinalIgnoreCase),
            page =>
            {
                page.Use((http, next) => Has(http, expected) ? next(http) : RefuseAsync(http));
                page.UseOpenTelemetryPrometheusScrapingEndpoint(Path);
            }
        );
    }

    // By hashes of one length, so that the time of the answer tells nothing of the token.
    private static bool Has(HttpContext http, byte[] expected) =>
        BearerToken.Of(http.Request) is { } given
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), expected);

    private static Task RefuseAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        http.Response.Headers.WWWAuthenticate = "Bearer";
        return http.Response.WriteAsync("Send the token of Telemetry:MetricsToken as Authorization: Bearer …", http.RequestAborted);
    }
}
