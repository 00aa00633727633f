using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data.Identity;
using WebTrainer.Domain;
using WebTrainer.Domain.Access;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Account.Security;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Account;

/// <summary>Whether a stolen password alone can add a second factor of the thief's.</summary>
public sealed class SecondFactorChangeTests(WebPortal portal) : IClassFixture<WebPortal>
{
    [Theory]
    [InlineData(false, SignInMethod.Password, true)] // the first one has to be added somehow
    [InlineData(true, SignInMethod.Password, false)]
    [InlineData(true, SignInMethod.SecondFactor, true)]
    [InlineData(true, SignInMethod.Passkey, true)]
    public async Task Session_ChangesSecondFactors_OnlyWhereItBeganWithOne_OnceThereIsOne(bool has, SignInMethod method, bool may)
    {
        var name = $"factor-{has}-{method}".ToLowerInvariant();
        await portal.PersonAsync(name);
        using var scope = portal.Services.CreateScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<AppUser>>();
        var user = (await users.FindByNameAsync(name))!;
        await users.SetTwoFactorEnabledAsync(user, has);
        var principal = new ClaimsPrincipal(
            new ClaimsIdentity(
                [new(ClaimTypes.NameIdentifier, user.Id), new(AppSignInManager.MethodClaim, method.ToString())],
                IdentityConstants.ApplicationScheme
            )
        );
        scope.ServiceProvider.GetRequiredService<IHttpContextAccessor>().HttpContext = new DefaultHttpContext
        {
            User = principal,
            RequestServices = scope.ServiceProvider,
        };
        var security = scope.ServiceProvider.GetRequiredService<AccountSecurity>();
        if (may)
        {
            Assert.NotEmpty((await security.BeginAppAsync(principal)).Key);
        }
        else
        {
            var refused = await Assert.ThrowsAsync<RuleViolationException>(() => security.BeginAppAsync(principal));
            Assert.Contains("second factor", refused.Message, StringComparison.Ordinal);
        }
    }
}
