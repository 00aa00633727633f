using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Account.Directory;

/// <summary>The two addresses between this server and the directory. Without one in the settings there are none.</summary>
public static class DirectoryEndpoints
{
    public const string SignInPath = "/account/directory/sign-in";
    private const string DonePath = "/account/directory/done";
    private const string SignInPage = "/account/sign-in";

    public static void MapDirectory(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<AuthOptions>>().Value.HasDirectory)
        {
            return;
        }

        app.MapGet(SignInPath, GoAsync).AllowAnonymous().ExcludeFromDescription();
        app.MapGet(DonePath, DoneAsync).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task GoAsync(HttpContext http, ILogger<AuthOptions> logger, string? returnUrl = null)
    {
        var done = $"{DonePath}?returnUrl={Uri.EscapeDataString(LocalAddress.OrHome(returnUrl))}";
        try
        {
            await http.ChallengeAsync(DirectorySignIn.Scheme, new AuthenticationProperties { RedirectUri = done });
        }
        catch (Exception fault) when (DirectorySignIn.IsUnreachable(fault))
        {
            logger.LogError(fault, "The directory can't be reached, or what it says of itself can't be read");
            http.Response.Redirect($"{SignInPage}?problem=unreachable");
        }
    }

    private static async Task<IResult> DoneAsync(
        HttpContext http,
        DirectoryAccounts accounts,
        CancellationToken cancellationToken,
        string? returnUrl = null
    )
    {
        var came = await http.AuthenticateAsync(IdentityConstants.ExternalScheme);
        await http.SignOutAsync(IdentityConstants.ExternalScheme);
        if (came.Principal is null || DirectoryPerson.From(came.Principal) is not { } person)
        {
            return Results.LocalRedirect(DirectorySignIn.FailedPath);
        }

        try
        {
            await accounts.SignInAsync(person, came.Properties?.GetTokens() ?? [], cancellationToken);
            return Results.LocalRedirect(LocalAddress.OrHome(returnUrl));
        }
        catch (DirectoryRefusalException refusal)
        {
            return Results.LocalRedirect($"{SignInPage}?problem={refusal.Problem}");
        }
    }
}
