using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Hosting;

/// <summary>How often one address, or one device that an account has been used on, may try what can be guessed.</summary>
public static class RateLimits
{
    public const string SignIn = "sign-in";
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    public static IServiceCollection AddPortalRateLimits(this IServiceCollection services)
    {
        services.AddRateLimiter(options =>
        {
            options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            options.OnRejected = async (context, cancellationToken) =>
            {
                context.HttpContext.Response.Headers.RetryAfter = s_window.TotalSeconds.ToString(CultureInfo.InvariantCulture);
                await context.HttpContext.Response.WriteAsync(
                    "Too many tries from this address. Wait a minute and try again.",
                    cancellationToken
                );
            };
            options.AddPolicy(
                SignIn,
                http => HttpMethods.IsPost(http.Request.Method) ? PerPlace(http) : RateLimitPartition.GetNoLimiter("read")
            );
        });
        return services;
    }

    private static RateLimitPartition<string> PerPlace(HttpContext http)
    {
        var tries = http.RequestServices.GetRequiredService<IOptions<PortalOptions>>().Value.SignInTriesPerMinute;
        // People of one house share an address; a device that was signed in is not held up by what others try there.
        var place =
            http.RequestServices.GetRequiredService<KnownDevices>().NumberOf(http) ?? NetworkPlace.Of(http.Connection.RemoteIpAddress);
        return RateLimitPartition.GetFixedWindowLimiter(
            place,
            _ => new FixedWindowRateLimiterOptions { PermitLimit = tries, Window = s_window }
        );
    }
}
