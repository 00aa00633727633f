using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace WebTrainer.Portal.Hosting;

/// <summary>How often one address may try what can be guessed.</summary>
public static class RateLimits
{
    public const string SignIn = "sign-in";

    public static IServiceCollection AddPortalRateLimits(this IServiceCollection services)
    {
        services.AddRateLimiter(options =>
        {
            options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            options.OnRejected = async (context, ct) =>
                await context.HttpContext.Response.WriteAsync("Too many tries from this address. Wait a minute and try again.", ct);
            options.AddPolicy(SignIn, http => HttpMethods.IsPost(http.Request.Method) ? PerAddress(http) : RateLimitPartition.GetNoLimiter("read"));
        });
        return services;
    }

    private static RateLimitPartition<string> PerAddress(HttpContext http)
    {
        var tries = http.RequestServices.GetRequiredService<IOptions<PortalOptions>>().Value.SignInTriesPerMinute;
        return RateLimitPartition.GetFixedWindowLimiter(
            http.Connection.RemoteIpAddress?.ToString() ?? "unknown",
            _ => new FixedWindowRateLimiterOptions { PermitLimit = tries, Window = TimeSpan.FromMinutes(1) });
    }
}
