using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using WebTrainer.Data.Identity;

namespace WebTrainer.Portal.Access;

/// <summary>Puts the display name into the cookie; rights are never in it.</summary>
public sealed class AppClaims(UserManager<AppUser> users, IOptions<IdentityOptions> options)
    : UserClaimsPrincipalFactory<AppUser>(users, options)
{
    protected override async Task<ClaimsIdentity> GenerateClaimsAsync(AppUser user)
    {
        var identity = await base.GenerateClaimsAsync(user);
        identity.AddClaim(new Claim(Caller.DisplayNameClaim, user.DisplayName));
        return identity;
    }
}
