using System.Buffers.Text;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Data.Identity;
using WebTrainer.Domain;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Audit;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Account.Security;

public sealed record PasskeyView(string Id, string Name, DateTimeOffset CreatedAt);

public sealed record SessionView(Guid Id, string Device, SignInMethod Method, DateTimeOffset BeganAt, DateTimeOffset SeenAt, bool IsThis);

/// <param name="RecoveryCodes">How many are left.</param>
/// <param name="IsLocal">They sign in by what this server knows of them, and not at a directory.</param>
public sealed record SecurityView(
    bool IsLocal,
    bool HasApp,
    int RecoveryCodes,
    IReadOnlyList<PasskeyView> Passkeys,
    IReadOnlyList<SessionView> Sessions
);

/// <summary>What somebody signs in with beside a password, and where they are signed in; each person their own.</summary>
/// <remarks>Scoped, and of plain pages: changes give the browser a new cookie.</remarks>
public sealed class AccountSecurity(
    AppDb db,
    UserManager<AppUser> users,
    AppSignInManager signIn,
    SignInThrottle throttle,
    UrlEncoder encoder,
    TimeProvider time
)
{
    private const string Issuer = "WebTrainer";
    private const int RecoveryCodeCount = 10;
    private const int MostPasskeys = 20;
    private const int MaxPasskeyName = 60;

    /// <summary>A code has a million values: guessing is slowed as that of passwords is.</summary>
    private static readonly SignInPlace s_confirming = new("confirming a code", IsKnown: true);

    public async Task<SecurityView> ReadAsync(ClaimsPrincipal principal, CancellationToken cancellationToken)
    {
        var user = await FindAsync(principal);
        var passkeys = await users.GetPasskeysAsync(user);
        var sessions = await db
            .UserSessions.AsNoTracking()
            .Where(s => s.UserId == user.Id && s.EndedAt == null)
            .OrderByDescending(s => s.SeenAt)
            .ToListAsync(cancellationToken);
        return new SecurityView(
            user.PasswordHash is not null && await signIn.CanSignInAsync(user),
            user.TwoFactorEnabled,
            await users.CountRecoveryCodesAsync(user),
            [.. passkeys.Select(p => new PasskeyView(IdOf(p.CredentialId), p.Name ?? "Passkey", p.CreatedAt)).OrderBy(p => p.CreatedAt)],
            [.. sessions.Select(s => new SessionView(s.Id, s.Device, s.Method, s.BeganAt, s.SeenAt, s.Id == signIn.SessionId))]
        );
    }

    /// <summary>The key for an authenticator app that is not confirmed yet, and the address in its QR code (Key Uri Format).</summary>
    public async Task<(string Key, string Address)> BeginAppAsync(ClaimsPrincipal principal)
    {
        var user = await FindToChangeAsync(principal);
        var key = await users.GetAuthenticatorKeyAsync(user);
        if (string.IsNullOrEmpty(key))
        {
            Check(await users.ResetAuthenticatorKeyAsync(user));
            await signIn.RefreshSignInAsync(user);
            key = await users.GetAuthenticatorKeyAsync(user);
        }

        return (key!, $"otpauth://totp/{Issuer}:{encoder.Encode(user.UserName!)}?secret={key}&issuer={Issuer}&digits=6");
    }

    /// <summary>The app shows that it has the key. From now on a code is asked for at each sign-in; other sessions end.</summary>
    /// <returns>Recovery codes, shown this once.</returns>
    /// <exception cref="RuleViolationException">The code is not the app's.</exception>
    public async Task<IReadOnlyList<string>> ConfirmAppAsync(ClaimsPrincipal principal, string code, CancellationToken cancellationToken)
    {
        var user = await FindToChangeAsync(principal);
        await CheckCodeAsync(user, code);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        Check(await users.SetTwoFactorEnabledAsync(user, true));
        var codes = await users.GenerateNewTwoFactorRecoveryCodesAsync(user, RecoveryCodeCount) ?? [];
        await signIn.EndOthersAsync(user, cancellationToken);
        await NoteAsync(user, "account.app-confirmed", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signIn.Shows(SignInMethod.SecondFactor);
        await signIn.RefreshSignInAsync(user);
        return [.. codes];
    }

    /// <summary>No code is asked for any more; the app's key and the recovery codes are forgotten, and other sessions end.</summary>
    /// <param name="code">Of the app, so that nobody who finds an open page can do it.</param>
    public async Task RemoveAppAsync(ClaimsPrincipal principal, string code, CancellationToken cancellationToken)
    {
        var user = await FindLocalAsync(principal);
        await CheckCodeAsync(user, code);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        Check(await users.SetTwoFactorEnabledAsync(user, false));
        Check(await users.ResetAuthenticatorKeyAsync(user));
        await users.GenerateNewTwoFactorRecoveryCodesAsync(user, 0);
        await signIn.EndOthersAsync(user, cancellationToken);
        await NoteAsync(user, "account.app-removed", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signIn.Shows(SignInMethod.Password);
        await signIn.RefreshSignInAsync(user);
    }

    /// <returns>New recovery codes, shown this once; the earlier ones no longer work.</returns>
    public async Task<IReadOnlyList<string>> NewRecoveryCodesAsync(
        ClaimsPrincipal principal,
        string code,
        CancellationToken cancellationToken
    )
    {
        var user = await FindLocalAsync(principal);
        await CheckCodeAsync(user, code);
        var codes = await users.GenerateNewTwoFactorRecoveryCodesAsync(user, RecoveryCodeCount) ?? [];
        await NoteAsync(user, "account.recovery-codes-made", cancellationToken);
        return [.. codes];
    }

    /// <summary>What the browser makes a passkey by (JSON of <c>PublicKeyCredentialCreationOptions</c>).</summary>
    public async Task<string> BeginPasskeyAsync(ClaimsPrincipal principal)
    {
        var user = await FindToChangeAsync(principal);
        return await signIn.MakePasskeyCreationOptionsAsync(
            new PasskeyUserEntity
            {
                Id = user.Id,
                Name = user.UserName!,
                DisplayName = user.DisplayName,
            }
        );
    }

    /// <param name="credential">What the browser made (JSON).</param>
    /// <param name="name">For its owner to know it by.</param>
    /// <exception cref="RuleViolationException">It is no passkey for this account and server.</exception>
    public async Task AddPasskeyAsync(ClaimsPrincipal principal, string credential, string name, CancellationToken cancellationToken)
    {
        var user = await FindToChangeAsync(principal);
        if ((await users.GetPasskeysAsync(user)).Count >= MostPasskeys)
        {
            throw new RuleViolationException($"You have {MostPasskeys} passkeys, and no more are kept. Remove one first.");
        }

        var attested = await signIn.PerformPasskeyAttestationAsync(credential);
        if (!attested.Succeeded || attested.UserEntity.Id != user.Id)
        {
            throw new RuleViolationException("The browser's passkey was not taken. Try again, or use another device.");
        }

        name = name.Trim();
        attested.Passkey.Name = name.Length == 0 ? "Passkey" : name[..Math.Min(name.Length, MaxPasskeyName)];
        Check(await users.AddOrUpdatePasskeyAsync(user, attested.Passkey));
        await NoteAsync(user, "account.passkey-added", cancellationToken);
        signIn.Shows(SignInMethod.Passkey);
        await signIn.RefreshSignInAsync(user);
    }

    public async Task RemovePasskeyAsync(ClaimsPrincipal principal, string id, CancellationToken cancellationToken)
    {
        var user = await FindToChangeAsync(principal);
        if (!Base64Url.IsValid(id))
        {
            throw new NotFoundException("There is no such passkey.");
        }

        Check(await users.RemovePasskeyAsync(user, Base64Url.DecodeFromChars(id)));
        await NoteAsync(user, "account.passkey-removed", cancellationToken);
    }

    /// <summary>Ends one of the person's sessions. Its open pages end within two seconds.</summary>
    public async Task EndSessionAsync(ClaimsPrincipal principal, Guid sessionId, CancellationToken cancellationToken)
    {
        var user = await FindAsync(principal);
        var session =
            await db.UserSessions.SingleOrDefaultAsync(s => s.Id == sessionId && s.UserId == user.Id, cancellationToken)
            ?? throw new NotFoundException("There is no such session.");
        session.End(time.GetUtcNow());
        await NoteAsync(user, "account.session-ended", cancellationToken);
    }

    private async Task CheckCodeAsync(AppUser user, string code)
    {
        throttle.Begin(user.NormalizedUserName!, s_confirming);
        var plain = code.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        if (!await users.VerifyTwoFactorTokenAsync(user, users.Options.Tokens.AuthenticatorTokenProvider, plain))
        {
            throw new RuleViolationException(
                "The code is not the one that the app shows now. Look whether the clock of your device is right."
            );
        }

        throttle.Succeeded(user.NormalizedUserName!, s_confirming);
    }

    private async Task<AppUser> FindAsync(ClaimsPrincipal principal) =>
        await users.GetUserAsync(principal) ?? throw new ForbiddenException("Sign in first.");

    private async Task<AppUser> FindLocalAsync(ClaimsPrincipal principal)
    {
        var user = await FindAsync(principal);
        return await signIn.CanSignInAsync(user)
            ? user
            : throw new RuleViolationException("You sign in by the directory, which asks for a second factor itself.");
    }

    /// <summary>Who has a second factor shows it before another is added or taken away: a stolen password alone must not do it.</summary>
    private async Task<AppUser> FindToChangeAsync(ClaimsPrincipal principal)
    {
        var user = await FindLocalAsync(principal);
        return signIn.IsStrong || !user.TwoFactorEnabled && (await users.GetPasskeysAsync(user)).Count == 0
            ? user
            : throw new RuleViolationException("You have a second factor already. Sign in with it, then change this.");
    }

    private async Task NoteAsync(AppUser user, string action, CancellationToken cancellationToken)
    {
        db.Audit.Add(new AuditEntry(time.GetUtcNow(), user.Id, user.DisplayName, null, action, user.Id, null, null));
        await db.SaveChangesAsync(cancellationToken);
    }

    private static string IdOf(byte[] credential) => Base64Url.EncodeToString(credential);

    private static void Check(IdentityResult result)
    {
        if (!result.Succeeded)
        {
            throw new RuleViolationException(string.Join(" ", result.Errors.Select(e => e.Description)));
        }
    }
}
