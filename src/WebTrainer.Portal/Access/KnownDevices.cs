using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace WebTrainer.Portal.Access;

/// <summary>
/// Remembers, by a signed cookie, on which devices an account has been used: its owner is let try there however many guess elsewhere
/// (OWASP's device cookies). The cookie opens nothing; a password is still asked for.
/// </summary>
public sealed class KnownDevices(IDataProtectionProvider protection)
{
    private const string Cookie = "webtrainer-device";
    private const int MaxAccounts = 10;
    private static readonly TimeSpan s_lifetime = TimeSpan.FromDays(180);
    private readonly ITimeLimitedDataProtector _protector = protection
        .CreateProtector("WebTrainer.KnownDevices")
        .ToTimeLimitedDataProtector();

    /// <summary>The device's own number; null where no account has been used on it.</summary>
    public string? NumberOf(HttpContext http) => Read(http)?.Number;

    /// <param name="userId">The account that is tried; null where there is none of the name.</param>
    public SignInPlace PlaceOf(HttpContext http, string? userId) =>
        Read(http) is { } device && userId is not null && device.Accounts.Contains(userId)
            ? new SignInPlace("device " + device.Number, IsKnown: true)
            : new SignInPlace(NetworkPlace.Of(http.Connection.RemoteIpAddress), IsKnown: false);

    /// <summary>Notes that the account was used on this device.</summary>
    public void Remember(HttpContext http, string userId)
    {
        var before = Read(http);
        var device = new Device(
            before?.Number ?? RandomNumberGenerator.GetHexString(32),
            [.. (before?.Accounts ?? []).Where(id => id != userId).Append(userId).TakeLast(MaxAccounts)]
        );
        http.Response.Cookies.Append(
            Cookie,
            _protector.Protect(JsonSerializer.Serialize(device), s_lifetime),
            new CookieOptions
            {
                HttpOnly = true,
                IsEssential = true,
                MaxAge = s_lifetime,
                SameSite = SameSiteMode.Lax,
                Secure = http.Request.IsHttps,
            }
        );
    }

    private Device? Read(HttpContext http)
    {
        if (http.Request.Cookies[Cookie] is not { Length: > 0 } value)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<Device>(_protector.Unprotect(value));
        }
        catch (CryptographicException)
        {
            return null; // made elsewhere, too old, or by hand
        }
    }

    private sealed record Device(string Number, IReadOnlyList<string> Accounts);
}
