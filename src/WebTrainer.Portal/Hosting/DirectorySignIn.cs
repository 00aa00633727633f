using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Identity;
using Microsoft.Identity.Web;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Hosting;

/// <summary>
/// The way to the organisation's directory and back: OpenID Connect with a code and PKCE, by ASP.NET Core's own handler or, for Entra ID,
/// Microsoft.Identity.Web's. Who came back is told to <c>/account/directory/done</c>, which decides what they are here.
/// </summary>
public static class DirectorySignIn
{
    /// <summary>Of what a directory says in one word.</summary>
    private const int MostCodeLength = 60;

    public const string Scheme = OpenIdConnectDefaults.AuthenticationScheme;

    /// <summary>Where people land who came back without being signed in there.</summary>
    public const string FailedPath = "/account/sign-in?problem=refused";

    private const string IdToken = "id_token";

    /// <exception cref="StartFailureException">The settings can't be read.</exception>
    public static AuthOptions AddAuthOptions(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AuthOptions>().BindConfiguration(AuthOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        try
        {
            return configuration.GetSection(AuthOptions.Section).Get<AuthOptions>() ?? new AuthOptions();
        }
        catch (InvalidOperationException fault)
        {
            throw new StartFailureException($"A setting of {AuthOptions.Section} is wrong: {fault.Message}", fault);
        }
    }

    public static void AddDirectory(this AuthenticationBuilder builder, AuthOptions auth, IConfiguration configuration)
    {
        // Settings that lack something are refused at the start, by sentences; a handler would only say that it can't be made.
        if (!auth.HasDirectory || auth.Validate(new(auth)).Any())
        {
            return;
        }

        if (auth.Mode == AuthMode.EntraId)
        {
            builder.AddMicrosoftIdentityWebApp(EntraSection(configuration), Scheme, cookieScheme: null);
            builder.Services.Configure<OpenIdConnectOptions>(Scheme, options => SetEntra(options, auth.EntraId));
        }
        else
        {
            builder.AddOpenIdConnect(Scheme, options => SetOidc(options, auth));
        }

        builder.Services.Configure<OpenIdConnectOptions>(Scheme, Set);
    }

    // Its own default is the cloud that nearly all have.
    private static IConfigurationSection EntraSection(IConfiguration configuration)
    {
        var section = configuration.GetSection($"{AuthOptions.Section}:{nameof(AuthOptions.EntraId)}");
        section["Instance"] ??= "https://login.microsoftonline.com/";
        return section;
    }

    private static void SetEntra(OpenIdConnectOptions options, EntraOptions entra)
    {
        if (entra.MetadataAddress.Length > 0)
        {
            options.MetadataAddress = entra.MetadataAddress;
        }

        if (entra.ValidIssuer.Length > 0)
        {
            options.TokenValidationParameters.ValidIssuer = entra.ValidIssuer;
        }

        options.RequireHttpsMetadata = entra.RequireHttps;
    }

    private static void SetOidc(OpenIdConnectOptions options, AuthOptions auth)
    {
        options.Authority = auth.Oidc.Authority;
        options.ClientId = auth.Oidc.ClientId;
        options.ClientSecret = auth.Oidc.ClientSecret.Length > 0 ? auth.Oidc.ClientSecret : null;
        options.RequireHttpsMetadata = auth.Oidc.RequireHttps;
        options.MapInboundClaims = false;
        options.GetClaimsFromUserInfoEndpoint = true; // many providers tell names and groups only there
        foreach (var scope in auth.Oidc.Scopes)
        {
            options.Scope.Add(scope);
        }

        foreach (var claim in (string[])["name", "preferred_username", "email", "roles", auth.GroupsClaim])
        {
            options.ClaimActions.MapJsonKey(claim, claim);
        }
    }

    private static void Set(OpenIdConnectOptions options)
    {
        options.ResponseType = OpenIdConnectResponseType.Code;
        // By query: a form that another site posts comes without this site's cookies, which are Lax.
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.SaveTokens = true;
        options.SignInScheme = IdentityConstants.ExternalScheme;
        options.SignOutScheme = IdentityConstants.ApplicationScheme;
        options.Events.OnTicketReceived = context =>
        {
            // Only what ends the session there is kept; what could ask the directory in somebody's name is not.
            var hint = context.Properties?.GetTokenValue(IdToken);
            context.Properties?.StoreTokens(hint is null ? [] : [new AuthenticationToken { Name = IdToken, Value = hint }]);
            return Task.CompletedTask;
        };
        options.Events.OnRemoteFailure = context =>
        {
            context
                .HttpContext.RequestServices.GetRequiredService<ILogger<AuthOptions>>()
                // its own words may hold who it was
                .LogWarning("A sign-in by the directory failed: {Fault} {Code}", context.Failure?.GetType().Name, CodeOf(context.Request));
            context.Response.Redirect(FailedPath);
            context.HandleResponse();
            return Task.CompletedTask;
        };
    }

    /// <summary>The protocol's word for what failed (RFC 6749, 4.1.2.1); empty where the directory gave none of its form.</summary>
    private static string CodeOf(HttpRequest request) =>
        request.Query["error"].ToString() is { Length: > 0 and <= MostCodeLength } code
        && code.All(c => char.IsAsciiLetterLower(c) || c == '_')
            ? code
            : "";

    /// <summary>
    /// The directory's address that ends somebody's session there, and leads back; null where it has none or can't be reached.
    /// </summary>
    public static async Task<string?> SignOutAddressAsync(HttpContext http, string back)
    {
        try
        {
            await http.SignOutAsync(Scheme, new AuthenticationProperties { RedirectUri = back });
        }
        catch (Exception fault) when (IsUnreachable(fault))
        {
            return null;
        }

        // The page says where it goes; a form that leads elsewhere is stopped by the browser (form-action 'self').
        var address = http.Response.Headers.Location.ToString();
        http.Response.Headers.Remove("Location");
        http.Response.StatusCode = StatusCodes.Status200OK;
        return Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? address : null;
    }

    /// <summary>The directory, or what it says of itself, could not be had.</summary>
    public static bool IsUnreachable(Exception fault) =>
        fault is InvalidOperationException or HttpRequestException or IOException or TaskCanceledException;
}
