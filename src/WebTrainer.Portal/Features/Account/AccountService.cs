using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Data.Identity;
using WebTrainer.Domain;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Audit;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Account;

/// <summary>How an account comes to be and how its owner signs in.</summary>
/// <remarks>Scoped: it uses the request's own database context, as Identity does.</remarks>
public sealed class AccountService(
    AppDb db,
    UserManager<AppUser> users,
    AppSignInManager signIn,
    IPasswordHasher<AppUser> hasher,
    SetupLink setup,
    SignInThrottle throttle,
    KnownDevices devices,
    IOptions<AuthOptions> auth,
    TimeProvider time
)
{
    private const string WrongNameOrPassword = "The name or the password is not right.";

    /// <summary>A session of the account, wherever it is.</summary>
    private static readonly SignInPlace s_changing = new("changing the password", IsKnown: true);

    /// <summary>
    /// Signs in; the answer is the same, and takes as long, for an unknown name, a wrong password and a disabled account.
    /// </summary>
    /// <returns>False where a second factor is asked for first.</returns>
    /// <exception cref="ForbiddenException">It did not work.</exception>
    /// <exception cref="TooManyTriesException">It is too early for another try.</exception>
    public async Task<bool> SignInAsync(string userName, string password, CancellationToken cancellationToken)
    {
        var name = users.NormalizeName(userName.Trim()) ?? "";
        var user = await users.FindByNameAsync(name);
        var place = devices.PlaceOf(signIn.Context, user?.Id);
        throttle.Begin(name, place);
        if (user is null || !await signIn.CanSignInAsync(user))
        {
            hasher.HashPassword(new AppUser(), password); // as slow as a real check
            // A name that nobody has may be a password in the wrong field: it is not written down.
            db.Audit.Add(
                new AuditEntry(
                    time.GetUtcNow(),
                    user?.Id ?? "",
                    user?.DisplayName ?? "somebody unknown",
                    null,
                    "account.sign-in-failed",
                    user?.Id ?? "",
                    null,
                    null
                )
            );
            await db.SaveChangesAsync(cancellationToken);
            throw new ForbiddenException(WrongNameOrPassword);
        }

        var result = await signIn.PasswordSignInAsync(user, password, isPersistent: false, lockoutOnFailure: false);
        if (!result.Succeeded && !result.RequiresTwoFactor)
        {
            db.Audit.Add(new AuditEntry(time.GetUtcNow(), user.Id, user.DisplayName, null, "account.sign-in-failed", user.Id, null, null));
            await db.SaveChangesAsync(cancellationToken);
            throw new ForbiddenException(WrongNameOrPassword);
        }

        throttle.Succeeded(name, place);
        if (result.RequiresTwoFactor)
        {
            return false;
        }

        devices.Remember(signIn.Context, user.Id);
        db.Audit.Add(new AuditEntry(time.GetUtcNow(), user.Id, user.DisplayName, null, "account.signed-in", user.Id, null, null));
        await db.SaveChangesAsync(cancellationToken);
        return true;
    }

    /// <summary>Ends the session; a copy of its cookie is dead too.</summary>
    /// <param name="everywhere">Every session of this account ends, on every machine.</param>
    public async Task SignOutAsync(System.Security.Claims.ClaimsPrincipal principal, bool everywhere, CancellationToken cancellationToken)
    {
        if (await users.GetUserAsync(principal) is { } user)
        {
            db.Audit.Add(new AuditEntry(time.GetUtcNow(), user.Id, user.DisplayName, null, "account.signed-out", user.Id, null, null));
            if (everywhere)
            {
                await users.UpdateSecurityStampAsync(user);
                await signIn.EndOthersAsync(user, cancellationToken);
            }

            if (signIn.SessionId is { } id && await db.UserSessions.FindAsync([id], cancellationToken) is { } session)
            {
                session.End(time.GetUtcNow());
            }

            await db.SaveChangesAsync(cancellationToken);
        }

        await signIn.SignOutAsync();
    }

    /// <summary>Makes the first administrator, by the link that the server printed.</summary>
    public async Task SetUpAsync(string token, string userName, string displayName, string password, CancellationToken cancellationToken)
    {
        if (!setup.Accepts(token) || !MakesAdministrators)
        {
            throw new NotFoundException("This set-up link was used or is not the newest one. Start the server again to get a new one.");
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.Users.AnyAsync(cancellationToken))
        {
            throw new ConflictException("There is an administrator already.");
        }

        var user = await CreateUserAsync(userName, displayName, password, isAdmin: true);
        db.Audit.Add(new AuditEntry(time.GetUtcNow(), user.Id, user.DisplayName, null, "account.first-admin-created", user.Id, null, null));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        setup.Close();
        await signIn.SignInAsync(user, isPersistent: false);
        devices.Remember(signIn.Context, user.Id);
    }

    /// <summary>Whether the first account is still to be made.</summary>
    public async Task<bool> NobodyHasOneAsync(CancellationToken cancellationToken) => !await db.Users.AnyAsync(cancellationToken);

    public bool IsSetupLink(string token) => MakesAdministrators && setup.Accepts(token);

    /// <summary>Whether people have accounts of this server, with passwords; else they come from a directory.</summary>
    public bool HasLocalAccounts => !auth.Value.HasDirectory;

    /// <summary>Whether somebody's session in this browser is by the directory.</summary>
    public bool IsByDirectory(System.Security.Claims.ClaimsPrincipal principal) =>
        auth.Value.HasDirectory && principal.HasClaim(AppSignInManager.MethodClaim, nameof(SignInMethod.Directory));

    private bool MakesAdministrators => HasLocalAccounts || auth.Value.LocalAdministrators;

    /// <summary>What an invitation is for, if it is still open.</summary>
    public async Task<(string? ProjectName, ProjectRole Role)?> FindInvitationAsync(string token, CancellationToken cancellationToken)
    {
        var invitation = await OpenInvitationAsync(token, cancellationToken);
        if (invitation is null)
        {
            return null;
        }

        var project = await db
            .Projects.Where(p => p.Id == invitation.ProjectId)
            .Select(p => p.Name)
            .SingleOrDefaultAsync(cancellationToken);
        return (project, invitation.Role);
    }

    /// <summary>Makes an account by an invitation, and its project's membership with it.</summary>
    public async Task JoinAsNewAsync(
        string token,
        string userName,
        string displayName,
        string password,
        CancellationToken cancellationToken
    )
    {
        if (!HasLocalAccounts)
        {
            throw new ForbiddenException($"People sign in by {auth.Value.DirectoryName} here. Sign in, then open the invitation again.");
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var invitation = await OpenInvitationAsync(token, cancellationToken) ?? throw InvitationGone();
        var user = await CreateUserAsync(userName, displayName, password, isAdmin: false);
        await AcceptAsync(invitation, user, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await signIn.SignInAsync(user, isPersistent: false);
        devices.Remember(signIn.Context, user.Id);
    }

    /// <summary>Takes an invitation with the account that is signed in.</summary>
    /// <returns>The project joined.</returns>
    public async Task<Guid?> JoinAsync(Caller caller, string token, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var invitation = await OpenInvitationAsync(token, cancellationToken) ?? throw InvitationGone();
        var user = await db.Users.SingleAsync(u => u.Id == caller.UserId && !u.IsDisabled, cancellationToken);
        if (await db.Memberships.AnyAsync(m => m.ProjectId == invitation.ProjectId && m.UserId == user.Id, cancellationToken))
        {
            throw new RuleViolationException("You are already a member of this project.");
        }

        await AcceptAsync(invitation, user, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return invitation.ProjectId;
    }

    /// <summary>Changes the password of whoever is signed in; their other sessions end with it.</summary>
    /// <param name="endTokens">Their access tokens end too.</param>
    /// <exception cref="TooManyTriesException">It is too early for another try.</exception>
    public async Task ChangePasswordAsync(
        System.Security.Claims.ClaimsPrincipal principal,
        string current,
        string next,
        bool endTokens,
        CancellationToken cancellationToken
    )
    {
        var user = await users.GetUserAsync(principal) ?? throw new ForbiddenException("Sign in first.");
        // By the account alone: who has taken over a session may try from any place.
        throttle.Begin(user.NormalizedUserName!, s_changing);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        Check(await users.ChangePasswordAsync(user, current, next));
        throttle.Succeeded(user.NormalizedUserName!, s_changing);
        await signIn.EndOthersAsync(user, cancellationToken);
        if (endTokens)
        {
            await EndTokensAsync(user, cancellationToken);
        }

        db.Audit.Add(
            new AuditEntry(
                time.GetUtcNow(),
                user.Id,
                user.DisplayName,
                null,
                "account.password-changed",
                user.Id,
                null,
                $$"""{"tokensEnded":{{(endTokens ? "true" : "false")}}}"""
            )
        );
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await signIn.RefreshSignInAsync(user);
    }

    /// <summary>Whose password a link sets; null where it was used, withdrawn or has expired.</summary>
    public async Task<string?> NameOfResetAsync(string token, CancellationToken cancellationToken) =>
        await OpenResetAsync(token, cancellationToken) is { } reset
            ? (await db.Users.SingleAsync(u => u.Id == reset.UserId, cancellationToken)).UserName
            : null;

    /// <summary>Sets a new password by an administrator's link, once. All sessions end; a second factor is still asked for.</summary>
    public async Task ResetPasswordAsync(string token, string password, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var reset = await OpenResetAsync(token, cancellationToken) ?? throw ResetGone();
        var user = await db.Users.SingleAsync(u => u.Id == reset.UserId, cancellationToken);
        reset.Close(time.GetUtcNow());
        Check(await users.ResetPasswordAsync(user, await users.GeneratePasswordResetTokenAsync(user), password));
        await signIn.EndOthersAsync(user, cancellationToken);
        db.Audit.Add(new AuditEntry(time.GetUtcNow(), user.Id, user.DisplayName, null, "account.password-reset", user.Id, null, null));
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            throw ResetGone();
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<PasswordReset?> OpenResetAsync(string token, CancellationToken cancellationToken)
    {
        var hash = SecretToken.Hash(token);
        var reset = await db.PasswordResets.SingleOrDefaultAsync(r => r.TokenHash == hash, cancellationToken);
        return reset?.IsOpen(time.GetUtcNow()) == true ? reset : null;
    }

    private static NotFoundException ResetGone() => new("This link was used or has expired. Ask an administrator for a new one.");

    private async Task EndTokensAsync(AppUser user, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (
            var token in await db.PersonalAccessTokens.Where(t => t.UserId == user.Id && t.RevokedAt == null).ToListAsync(cancellationToken)
        )
        {
            token.Revoke(now);
        }
    }

    private async Task AcceptAsync(Invitation invitation, AppUser user, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        invitation.Accept(user.Id, now);
        if (invitation.ProjectId is { } projectId)
        {
            db.Memberships.Add(new Membership(projectId, user.Id, invitation.Role, now));
        }

        db.Audit.Add(
            new AuditEntry(
                now,
                user.Id,
                user.DisplayName,
                invitation.ProjectId,
                "invitation.accepted",
                invitation.Id.ToString(),
                null,
                $$"""{"role":"{{invitation.Role}}"}"""
            )
        );
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            throw InvitationGone();
        }
    }

    private async Task<Invitation?> OpenInvitationAsync(string token, CancellationToken cancellationToken)
    {
        var hash = SecretToken.Hash(token);
        var invitation = await db.Invitations.SingleOrDefaultAsync(i => i.TokenHash == hash, cancellationToken);
        return invitation?.IsOpen(time.GetUtcNow()) == true ? invitation : null;
    }

    private async Task<AppUser> CreateUserAsync(string userName, string displayName, string password, bool isAdmin)
    {
        displayName = displayName.Trim();
        if (displayName.Length is 0 or > AppUser.MaxDisplayNameLength)
        {
            throw new RuleViolationException($"Your name has 1 to {AppUser.MaxDisplayNameLength} characters.");
        }

        var user = new AppUser
        {
            UserName = userName.Trim(),
            DisplayName = displayName,
            IsAdmin = isAdmin,
            CreatedAt = time.GetUtcNow(),
            LockoutEnabled = true,
        };
        Check(await users.CreateAsync(user, password));
        return user;
    }

    private static void Check(IdentityResult result)
    {
        if (!result.Succeeded)
        {
            throw new RuleViolationException(string.Join(" ", result.Errors.Select(e => e.Description)));
        }
    }

    private static NotFoundException InvitationGone() => new("This invitation was used, withdrawn or has expired. Ask for a new one.");
}
