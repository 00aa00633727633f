using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.CookiePolicy;
using Microsoft.AspNetCore.Http.Features;

namespace WebTrainer.Portal.Hosting;

/// <summary>
/// Behind TLS every cookie is named <c>__Host-…</c>, which browsers take from this very host alone and send by TLS alone: none can be
/// planted from a neighbouring host or a connection without TLS. Without TLS browsers refuse such names, so plain ones are used there.
/// </summary>
public static class HostCookies
{
    private const string Prefix = "__Host-";

    public static IServiceCollection AddHostCookies(this IServiceCollection services) =>
        services.Configure<CookiePolicyOptions>(options =>
        {
            options.Secure = CookieSecurePolicy.SameAsRequest;
            options.HttpOnly = HttpOnlyPolicy.Always;
            options.MinimumSameSitePolicy = SameSiteMode.Lax;
            options.OnAppendCookie = cookie =>
                (cookie.CookieName, cookie.CookieOptions.Path) = (Sent(cookie.Context, cookie.CookieName), "/");
            options.OnDeleteCookie = cookie =>
                (cookie.CookieName, cookie.CookieOptions.Path) = (Sent(cookie.Context, cookie.CookieName), "/");
        });

    /// <summary>The parts of the program go on knowing cookies by their plain names.</summary>
    public static void UseHostCookies(this WebApplication app)
    {
        app.Use(
            (http, next) =>
            {
                if (http.Request.IsHttps)
                {
                    http.Features.Set<IRequestCookiesFeature>(new RequestCookiesFeature(new Received(http.Request.Cookies)));
                }

                return next(http);
            }
        );
        app.UseCookiePolicy();
    }

    private static string Sent(HttpContext http, string name) => http.Request.IsHttps ? Prefix + name : name;

    /// <summary>Those with the prefix, without it; others are somebody else's.</summary>
    private sealed class Received(IRequestCookieCollection all) : IRequestCookieCollection
    {
        private readonly Dictionary<string, string> _own = all.Where(cookie => cookie.Key.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(cookie => cookie.Key[Prefix.Length..], cookie => cookie.Value, StringComparer.Ordinal);

        public string? this[string key] => _own.GetValueOrDefault(key);

        public int Count => _own.Count;

        public ICollection<string> Keys => _own.Keys;

        public bool ContainsKey(string key) => _own.ContainsKey(key);

        public bool TryGetValue(string key, [NotNullWhen(true)] out string? value) => _own.TryGetValue(key, out value);

        public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _own.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
