using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace WebTrainer.EndToEnd.Support;

/// <summary>Somebody in the directory.</summary>
public sealed record DirectoryEntry(string Name, params string[] Groups);

/// <summary>
/// An organisation's directory: a real OpenID Connect provider (OpenIddict) on this machine, at which people choose who they are instead of
/// giving a password.
/// </summary>
public sealed class DirectoryServer : IAsyncDisposable
{
    public const string ClientId = "webtrainer";
    public const string TenantId = "00000000-0000-0000-0000-000000000001";
    public const string ClientSecret = "a secret of the tests";

    /// <summary>Holds who is signed in at the directory.</summary>
    private const string Cookie = "directory-session";

    private readonly WebApplication _app;

    private DirectoryServer(WebApplication app) => _app = app;

    /// <summary>By their user names; what is changed holds from the next sign-in on.</summary>
    public ConcurrentDictionary<string, DirectoryEntry> People { get; } = new();

    public string Address => _app.Urls.First();

    public static async Task<DirectoryServer> StartAsync()
    {
        var (builder, database) = (WebApplication.CreateSlimBuilder(), $"{Guid.NewGuid()}");
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddDbContext<DbContext>(options => options.UseInMemoryDatabase(database).UseOpenIddict());
        builder
            .Services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<DbContext>())
            .AddServer(server =>
            {
                server.SetAuthorizationEndpointUris("authorize").SetTokenEndpointUris("token").SetEndSessionEndpointUris("end");
                server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange().RegisterScopes(Scopes.Profile, Scopes.Email);
                server.AddEphemeralEncryptionKey().AddEphemeralSigningKey();
                server
                    .UseAspNetCore()
                    .EnableAuthorizationEndpointPassthrough()
                    .EnableTokenEndpointPassthrough()
                    .EnableEndSessionEndpointPassthrough()
                    .DisableTransportSecurityRequirement();
            });
        var server = new DirectoryServer(builder.Build());
        server._app.MapMethods("/authorize", ["GET", "POST"], server.Authorize);
        // By the one type it would be a bare handler, whose result nobody writes.
        server._app.MapPost("/token", (Delegate)TokenAsync);
        server._app.MapMethods("/end", ["GET", "POST"], End);
        server._app.MapGet("/choose", Choose);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Registers the portal, as an administrator of the directory does.</summary>
    public async Task RegisterAsync(PortalProcess portal)
    {
        using var scope = _app.Services.CreateScope();
        await scope
            .ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>()
            .CreateAsync(
                new OpenIddictApplicationDescriptor
                {
                    ClientId = ClientId,
                    ClientSecret = ClientSecret,
                    RedirectUris = { new Uri(portal.Address + "/signin-oidc") },
                    PostLogoutRedirectUris = { new Uri(portal.Address + "/signout-callback-oidc") },
                    Permissions =
                    {
                        Permissions.Endpoints.Authorization,
                        Permissions.Endpoints.Token,
                        Permissions.Endpoints.EndSession,
                        Permissions.GrantTypes.AuthorizationCode,
                        Permissions.ResponseTypes.Code,
                        Permissions.Scopes.Profile,
                        Permissions.Scopes.Email,
                        Permissions.Prefixes.Scope + Scopes.OfflineAccess,
                    },
                }
            );
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private IResult Authorize(HttpContext http)
    {
        if (http.Request.Cookies[Cookie] is not { Length: > 0 } user || !People.TryGetValue(user, out var entry))
        {
            var back = Uri.EscapeDataString($"/authorize{http.Request.QueryString}");
            var links = People.Keys.Order().Select(name => $"<li><a href=\"/choose?user={name}&amp;back={back}\">{name}</a></li>");
            return Results.Content(
                $"<!DOCTYPE html><title>Directory</title><h1>Who are you?</h1><ul>{string.Concat(links)}</ul>",
                "text/html"
            );
        }

        var identity = new ClaimsIdentity("directory", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, "subject-of-" + user);
        identity.SetClaim(Claims.Name, entry.Name);
        identity.SetClaim(Claims.PreferredUsername, user);
        identity.SetClaim("oid", "object-of-" + user);
        identity.SetClaim("tid", TenantId);
        identity.SetClaims("groups", [.. entry.Groups]);
        var principal = new ClaimsPrincipal(identity);
        principal.SetScopes(http.GetOpenIddictServerRequest()!.GetScopes());
        principal.SetDestinations(_ => [Destinations.IdentityToken, Destinations.AccessToken]);
        return Results.SignIn(principal, authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    private static IResult Choose(HttpContext http, string user, string back)
    {
        http.Response.Cookies.Append(Cookie, user);
        return Results.LocalRedirect(back);
    }

    private static async Task<IResult> TokenAsync(HttpContext http)
    {
        var came = await http.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        return Results.SignIn(came.Principal!, authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    private static IResult End(HttpContext http)
    {
        http.Response.Cookies.Delete(Cookie);
        return Results.SignOut(
            new AuthenticationProperties { RedirectUri = "/" },
            [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]
        );
    }
}
