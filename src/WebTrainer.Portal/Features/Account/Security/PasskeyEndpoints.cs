using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Account.Security;

/// <summary>What a browser needs before it makes a passkey, or signs by one; <c>js/passkeys.js</c> asks for it.</summary>
public static class PasskeyEndpoints
{
    public static void MapPasskeys(this WebApplication app)
    {
        var passkeys = app.MapGroup("/account/passkeys")
            .AddEndpointFilter<SameSiteGuard>()
            .RequireRateLimiting(RateLimits.SignIn)
            .ExcludeFromDescription();
        passkeys.MapPost(
            "/creation",
            async (HttpContext http, AccountSecurity security) => Json(await security.BeginPasskeyAsync(http.User))
        );
        passkeys.MapPost("/request", async (SecondFactorSignIn signIn) => Json(await signIn.BeginPasskeyAsync())).AllowAnonymous();
    }

    private static IResult Json(string options) => Results.Text(options, "application/json");
}
