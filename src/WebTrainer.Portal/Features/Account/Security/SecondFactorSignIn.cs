using Microsoft.AspNetCore.Identity;
using WebTrainer.Data;
using WebTrainer.Data.Identity;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Audit;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Account.Security;

/// <summary>Sign-in by a code after the password, or by a passkey in its stead.</summary>
public sealed class SecondFactorSignIn(AppDb db, AppSignInManager signIn, SignInThrottle throttle, KnownDevices devices, TimeProvider time)
{
    /// <summary>Codes are guessed apart from passwords: who knows the password has no free tries left over.</summary>
    private static readonly SignInPlace s_codes = new("signing in by a code", IsKnown: true);

    /// <summary>Whether a password was right just now and a code is awaited.</summary>
    public async Task<bool> IsAwaitedAsync() => await signIn.GetTwoFactorAuthenticationUserAsync() is not null;

    /// <param name="code">Of the authenticator app, or a recovery code, which works once.</param>
    /// <exception cref="ForbiddenException">It is neither, or the password must be given again.</exception>
    /// <exception cref="TooManyTriesException">It is too early for another try.</exception>
    public async Task SignInAsync(string code, CancellationToken cancellationToken)
    {
        var user =
            await signIn.GetTwoFactorAuthenticationUserAsync()
            ?? throw new ForbiddenException("Too much time has gone by. Sign in with your password again.");
        throttle.Begin(user.NormalizedUserName!, s_codes);
        var plain = code.Replace(" ", "", StringComparison.Ordinal);
        var result = plain.All(char.IsAsciiDigit)
            ? await signIn.TwoFactorAuthenticatorSignInAsync(plain, isPersistent: false, rememberClient: false)
            : await ByRecoveryCodeAsync(plain);
        if (!result.Succeeded)
        {
            await NoteAsync(user, "account.sign-in-failed", null, cancellationToken);
            throw new ForbiddenException("The code is not right.");
        }

        throttle.Succeeded(user.NormalizedUserName!, s_codes);
        await DoneAsync(user, SignInMethod.SecondFactor, cancellationToken);
    }

    /// <summary>What the browser finds a passkey by; it asks nobody's name.</summary>
    public Task<string> BeginPasskeyAsync() => signIn.MakePasskeyRequestOptionsAsync(null);

    /// <param name="credential">What the browser signed (JSON).</param>
    /// <exception cref="ForbiddenException">It is nobody's who may come in.</exception>
    public async Task SignInByPasskeyAsync(string credential, CancellationToken cancellationToken)
    {
        signIn.Shows(SignInMethod.Passkey);
        var result = await signIn.PasskeySignInAsync(credential);
        var user = signIn.SignedIn;
        if (!result.Succeeded || user is null)
        {
            throw new ForbiddenException("This passkey was not taken. Use another one, or your password.");
        }

        await DoneAsync(user, SignInMethod.Passkey, cancellationToken);
    }

    private Task<SignInResult> ByRecoveryCodeAsync(string code)
    {
        signIn.Shows(SignInMethod.SecondFactor);
        return signIn.TwoFactorRecoveryCodeSignInAsync(code);
    }

    private Task DoneAsync(AppUser user, SignInMethod method, CancellationToken cancellationToken)
    {
        devices.Remember(signIn.Context, user.Id);
        return NoteAsync(user, "account.signed-in", $$"""{"method":"{{method}}"}""", cancellationToken);
    }

    private Task NoteAsync(AppUser user, string action, string? after, CancellationToken cancellationToken)
    {
        db.Audit.Add(new AuditEntry(time.GetUtcNow(), user.Id, user.DisplayName, null, action, user.Id, null, after));
        return db.SaveChangesAsync(cancellationToken);
    }
}
