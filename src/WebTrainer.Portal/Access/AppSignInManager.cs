using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Data.Identity;
using WebTrainer.Domain.Access;

namespace WebTrainer.Portal.Access;

/// <summary>Notes each sign-in, however it came about, as a session that its owner sees and can end.</summary>
public sealed class AppSignInManager(
    UserManager<AppUser> users,
    IHttpContextAccessor http,
    IUserClaimsPrincipalFactory<AppUser> claims,
    IOptions<IdentityOptions> options,
    ILogger<SignInManager<AppUser>> logger,
    IAuthenticationSchemeProvider schemes,
    IUserConfirmation<AppUser> confirmation,
    IOptions<AuthOptions> auth,
    AppDb db,
    TimeProvider time
) : SignInManager<AppUser>(users, http, claims, options, logger, schemes, confirmation)
{
    /// <summary>How the session's owner showed who they are.</summary>
    public const string MethodClaim = "wt:method";

    private SignInMethod? _shown;

    /// <summary>What the next sign-in of this request is by, where Identity's own claims don't say it.</summary>
    public void Shows(SignInMethod method) => _shown = method;

    /// <summary>Who was signed in in this request; null for nobody.</summary>
    public AppUser? SignedIn { get; private set; }

    /// <summary>This request's session is by more than a password.</summary>
    public bool IsStrong => Context.User.FindFirstValue(MethodClaim) is { } method && method != nameof(SignInMethod.Password);

    /// <summary>The session of this request; null where nobody is signed in, or by a token.</summary>
    public Guid? SessionId => Caller.SessionOf(Context.User);

    /// <summary>
    /// Whether somebody may sign in by what this server knows of them, a password or a passkey. Where people come from a directory, that is
    /// for administrators, if at all.
    /// </summary>
    public override async Task<bool> CanSignInAsync(AppUser user) =>
        !user.IsDisabled && (!auth.Value.HasDirectory || auth.Value.LocalAdministrators && user.IsAdmin) && await base.CanSignInAsync(user);

    /// <summary>Ends all sessions of an account but this request's own; whoever calls it saves.</summary>
    public async Task EndOthersAsync(AppUser user, CancellationToken cancellationToken)
    {
        var own = SessionId;
        foreach (var session in await db.UserSessions.Where(s => s.UserId == user.Id && s.EndedAt == null).ToListAsync(cancellationToken))
        {
            if (session.Id != own)
            {
                session.End(time.GetUtcNow());
            }
        }
    }

    public override async Task SignInWithClaimsAsync(
        AppUser user,
        AuthenticationProperties? authenticationProperties,
        IEnumerable<Claim> additionalClaims
    )
    {
        var said = additionalClaims.Where(claim => claim.Type is not (Caller.SessionClaim or MethodClaim)).ToList();
        var session = await GoesOnAsync(user) ?? Begin(user, _shown ?? MethodOf(said));
        if (_shown is { } shown && session.Method != shown)
        {
            session.Strengthen(shown);
        }

        await db.SaveChangesAsync(Context.RequestAborted);
        SignedIn = user;
        await base.SignInWithClaimsAsync(
            user,
            authenticationProperties,
            [.. said, new Claim(Caller.SessionClaim, session.Id.ToString()), new Claim(MethodClaim, session.Method.ToString())]
        );
    }

    /// <summary>The cookie is written anew in the same session, as after a new password; nobody else's session is gone on with.</summary>
    private async Task<UserSession?> GoesOnAsync(AppUser user) =>
        SessionId is { } id
        && await db.UserSessions.FindAsync([id], Context.RequestAborted) is { EndedAt: null } session
        && session.UserId == user.Id
            ? session
            : null;

    private UserSession Begin(AppUser user, SignInMethod method)
    {
        var session = new UserSession(user.Id, method, DeviceWords.Of(Context.Request.Headers.UserAgent.ToString()), time.GetUtcNow());
        db.UserSessions.Add(session);
        return session;
    }

    private static SignInMethod MethodOf(List<Claim> said) =>
        said.Exists(claim => claim is { Type: "amr", Value: "mfa" }) ? SignInMethod.SecondFactor : SignInMethod.Password;
}
