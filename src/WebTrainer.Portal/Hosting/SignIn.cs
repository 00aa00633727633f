using System.Data.Common;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Data.Identity;
using WebTrainer.Domain.Access;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Hosting;

/// <summary>A cookie for people, who sign in by an account of this server or by a directory; access tokens for their programs.</summary>
public static class SignIn
{
    private const string CookieOrToken = "CookieOrToken";
    private const int MinPasswordLength = 12;

    /// <summary>A session's last request is noted no more often.</summary>
    private static readonly TimeSpan s_seenResolution = TimeSpan.FromMinutes(1);

    public static IServiceCollection AddPortalSignIn(this IServiceCollection services, IConfiguration configuration)
    {
        var auth = services.AddAuthOptions(configuration);
        var authentication = services
            .AddAuthentication(options =>
            {
                options.DefaultScheme = CookieOrToken;
                options.DefaultSignInScheme = IdentityConstants.ApplicationScheme;
                options.DefaultSignOutScheme = IdentityConstants.ApplicationScheme;
            })
            .AddPolicyScheme(
                CookieOrToken,
                null,
                options =>
                    options.ForwardDefaultSelector = context =>
                        BearerToken.Of(context.Request) is null ? IdentityConstants.ApplicationScheme : AccessTokenHandler.SchemeName
            )
            .AddScheme<AuthenticationSchemeOptions, AccessTokenHandler>(AccessTokenHandler.SchemeName, null);
        authentication.AddIdentityCookies();
        authentication.AddDirectory(auth, configuration);
        services.AddHttpContextAccessor();
        services
            .AddIdentityCore<AppUser>(options =>
            {
                options.Password.RequiredLength = MinPasswordLength;
                options.Password.RequireDigit = false;
                options.Password.RequireLowercase = false;
                options.Password.RequireUppercase = false;
                options.Password.RequireNonAlphanumeric = false;
                options.Password.RequiredUniqueChars = 4;
            })
            .AddEntityFrameworkStores<AppDb>()
            .AddSignInManager<AppSignInManager>()
            .AddClaimsPrincipalFactory<AppClaims>()
            .AddDefaultTokenProviders();
        services.Configure<IdentityPasskeyOptions>(options =>
        {
            // It stands for a password and a second factor: the device must know its owner, and finds the account by itself.
            options.UserVerificationRequirement = "required";
            options.ResidentKeyRequirement = "required";
            options.ValidateOrigin = context => ValueTask.FromResult(IsOwn(context));
        });
        services.ConfigureApplicationCookie(options =>
        {
            options.Cookie.Name = "webtrainer";
            options.Cookie.HttpOnly = true;
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.ExpireTimeSpan = TimeSpan.FromHours(12);
            options.SlidingExpiration = true;
            options.LoginPath = "/account/sign-in";
            options.AccessDeniedPath = "/account/denied";
            options.ReturnUrlParameter = "returnUrl";
            options.Events.OnValidatePrincipal = EndDeadSessionsAsync;
            options.Events.OnRedirectToLogin = context => AnswerPrograms(context, StatusCodes.Status401Unauthorized);
            options.Events.OnRedirectToAccessDenied = context => AnswerPrograms(context, StatusCodes.Status403Forbidden);
        });
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, HeldSignIn>();
        services.AddSingleton<SetupLink>();
        return services.AddAccess();
    }

    // The framework compares with the header Origin, which browsers leave out of a form where pages send no referrer, as ours do. The
    // address of the request is this server's: no other host is answered.
    private static bool IsOwn(PasskeyOriginValidationContext context) =>
        !context.CrossOrigin
        && Uri.TryCreate(context.Origin, UriKind.Absolute, out var origin)
        && Uri.TryCreate($"{context.HttpContext.Request.Scheme}://{context.HttpContext.Request.Host}", UriKind.Absolute, out var here)
        && Uri.Compare(origin, here, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    // At each request: a copy of a cookie is dead as soon as its owner has signed out. The framework's own validator would also send
    // a new cookie with each answer, and forbid browsers to keep styles and scripts.
    private static async Task EndDeadSessionsAsync(Microsoft.AspNetCore.Authentication.Cookies.CookieValidatePrincipalContext context)
    {
        var services = context.HttpContext.RequestServices;
        var user = await services.GetRequiredService<SignInManager<AppUser>>().ValidateSecurityStampAsync(context.Principal);
        if (
            user is null or { IsDisabled: true }
            || Caller.SessionOf(context.Principal!) is not { } session
            || !await IsGoingOnAsync(services, session, context.HttpContext.RequestAborted)
        )
        {
            context.RejectPrincipal();
        }
    }

    private static async Task<bool> IsGoingOnAsync(IServiceProvider services, Guid id, CancellationToken cancellationToken)
    {
        var (db, now) = (services.GetRequiredService<AppDb>(), services.GetRequiredService<TimeProvider>().GetUtcNow());
        var seen = await db
            .UserSessions.Where(s => s.Id == id && s.EndedAt == null)
            .Select(s => (DateTimeOffset?)s.SeenAt)
            .SingleOrDefaultAsync(cancellationToken);
        if (now - seen > s_seenResolution)
        {
            await NoteAsync(services, db, id, now, cancellationToken);
        }

        return seen is not null;
    }

    /// <summary>A database that is busy or full keeps nobody out.</summary>
    private static async Task NoteAsync(
        IServiceProvider services,
        AppDb db,
        Guid id,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await db.UserSessions.Where(s => s.Id == id).ExecuteUpdateAsync(set => set.SetProperty(s => s.SeenAt, now), cancellationToken);
        }
        catch (DbException fault)
        {
            services.GetRequiredService<ILogger<UserSession>>().LogWarning(fault, "When session {Session} was last used is not noted", id);
        }
    }

    // A program wants a status, a person a page.
    private static Task AnswerPrograms(
        Microsoft.AspNetCore.Authentication.RedirectContext<Microsoft.AspNetCore.Authentication.Cookies.CookieAuthenticationOptions> context,
        int status
    )
    {
        if (ProgramPaths.Contains(context.HttpContext))
        {
            context.Response.StatusCode = status;
        }
        else
        {
            context.Response.Redirect(context.RedirectUri);
        }

        return Task.CompletedTask;
    }
}
