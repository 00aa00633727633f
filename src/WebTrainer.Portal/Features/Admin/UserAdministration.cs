using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Identity;
using WebTrainer.Domain;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Projects;

namespace WebTrainer.Portal.Features.Admin;

public sealed record UserView(
    string Id,
    string UserName,
    string DisplayName,
    bool IsAdmin,
    bool ManagesModels,
    string? DirectoryId,
    bool IsDisabled,
    DateTimeOffset CreatedAt,
    bool HasPassword,
    bool HasSecondFactor
);

/// <summary>The server's accounts.</summary>
public sealed class UserAdministration(Authorizer authorizer, UserManager<AppUser> users)
{
    public async Task<IReadOnlyList<UserView>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAdminAsync(caller, cancellationToken);
        return await work
            .Db.Users.OrderBy(u => u.DisplayName)
            .Select(u => new UserView(
                u.Id,
                u.UserName!,
                u.DisplayName,
                u.IsAdmin,
                u.ManagesModels,
                u.DirectoryId,
                u.IsDisabled,
                u.CreatedAt,
                u.PasswordHash != null,
                u.TwoFactorEnabled || work.Db.UserPasskeys.Any(p => p.UserId == u.Id)
            ))
            .ToListAsync(cancellationToken);
    }

    /// <returns>The path of a link by which somebody makes an account, shown this once.</returns>
    public async Task<string> InviteAsync(Caller caller, string note, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAdminAsync(caller, cancellationToken);
        var token = SecretToken.Create();
        var invitation = new Invitation(SecretToken.Hash(token), null, ProjectRole.Annotator, note, caller.UserId, work.Now);
        work.Db.Invitations.Add(invitation);
        work.Audit("invitation.created", invitation.Id, null, new { note });
        await work.SaveAsync(cancellationToken);
        return $"/account/join/{token}";
    }

    /// <summary>Invitations to the server that can still be accepted, oldest first.</summary>
    public async Task<IReadOnlyList<InvitationView>> OpenInvitationsAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAdminAsync(caller, cancellationToken);
        return await work
            .Db.Invitations.Where(i => i.ProjectId == null && i.AcceptedAt == null && i.RevokedAt == null && i.ExpiresAt > work.Now)
            .OrderBy(i => i.CreatedAt)
            .Select(i => new InvitationView(i.Id, i.Role, i.Note, i.CreatedAt, i.ExpiresAt))
            .ToListAsync(cancellationToken);
    }

    public async Task RevokeInvitationAsync(Caller caller, Guid invitationId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAdminAsync(caller, cancellationToken);
        var invitation =
            await work.Db.Invitations.SingleOrDefaultAsync(i => i.Id == invitationId && i.ProjectId == null, cancellationToken)
            ?? throw new NotFoundException("There is no such invitation.");
        invitation.Revoke(work.Now);
        work.Audit("invitation.revoked", invitationId);
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>Shuts an account out, or lets it in again. Open pages and streams end within two seconds, every action at once.</summary>
    public async Task SetDisabledAsync(Caller caller, string userId, bool disabled, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAdminAsync(caller, cancellationToken);
        if (userId == caller.UserId)
        {
            throw new RuleViolationException("Nobody disables their own account.");
        }

        var user = await FindAsync(work, userId, cancellationToken);
        work.Audit(disabled ? "account.disabled" : "account.enabled", userId, new { user.IsDisabled }, new { IsDisabled = disabled });
        user.IsDisabled = disabled;
        user.SecurityStamp = users.GenerateNewAuthenticatorKey();
        await work.SaveAsync(cancellationToken);
    }

    public async Task SetAdminAsync(Caller caller, string userId, bool isAdmin, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAdminAsync(caller, cancellationToken);
        if (userId == caller.UserId)
        {
            throw new RuleViolationException("Nobody takes the administrator's rights from themselves; ask another administrator.");
        }

        var user = await FindAsync(work, userId, cancellationToken);
        work.Audit("account.admin-changed", userId, new { user.IsAdmin }, new { IsAdmin = isAdmin });
        user.IsAdmin = isAdmin;
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>Lets somebody add base models and take them away, or no longer.</summary>
    public async Task SetManagesModelsAsync(Caller caller, string userId, bool managesModels, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAdminAsync(caller, cancellationToken);
        var user = await FindAsync(work, userId, cancellationToken);
        work.Audit("account.models-right-changed", userId, new { user.ManagesModels }, new { ManagesModels = managesModels });
        user.ManagesModels = managesModels;
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>Makes a link by which somebody who lost their password sets a new one; an earlier one no longer works.</summary>
    /// <returns>The path of the link, shown this once.</returns>
    public async Task<string> MakePasswordLinkAsync(Caller caller, string userId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAdminAsync(caller, cancellationToken);
        var user = await FindAsync(work, userId, cancellationToken);
        if (user.PasswordHash is null)
        {
            throw new RuleViolationException($"{user.DisplayName} signs in by the directory and has no password here.");
        }

        foreach (
            var earlier in await work.Db.PasswordResets.Where(r => r.UserId == userId && r.ClosedAt == null).ToListAsync(cancellationToken)
        )
        {
            earlier.Close(work.Now);
        }

        var token = SecretToken.Create();
        work.Db.PasswordResets.Add(new PasswordReset(SecretToken.Hash(token), userId, caller.UserId, work.Now));
        work.Audit("account.password-link-made", userId);
        await work.SaveAsync(cancellationToken);
        return $"/account/reset/{token}";
    }

    /// <summary>Takes the authenticator app, recovery codes and passkeys of somebody who lost them; all their sessions end.</summary>
    public async Task ResetSecondFactorAsync(Caller caller, string userId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAdminAsync(caller, cancellationToken);
        if (userId == caller.UserId)
        {
            throw new RuleViolationException("Take your own second factor away on “Sign-in and security”.");
        }

        var user = await FindAsync(work, userId, cancellationToken);
        user.TwoFactorEnabled = false;
        user.SecurityStamp = users.GenerateNewAuthenticatorKey();
        work.Db.UserTokens.RemoveRange(await work.Db.UserTokens.Where(t => t.UserId == userId).ToListAsync(cancellationToken));
        work.Db.UserPasskeys.RemoveRange(await work.Db.UserPasskeys.Where(p => p.UserId == userId).ToListAsync(cancellationToken));
        foreach (
            var session in await work.Db.UserSessions.Where(s => s.UserId == userId && s.EndedAt == null).ToListAsync(cancellationToken)
        )
        {
            session.End(work.Now);
        }

        work.Audit("account.second-factor-reset", userId);
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>
    /// Notes who somebody is outside this server, as the organisation's directory names them. Two accounts of one person have the same.
    /// </summary>
    public async Task SetDirectoryIdAsync(Caller caller, string userId, string directoryId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAdminAsync(caller, cancellationToken);
        var noted = directoryId.Trim();
        if (noted.Length > AppUser.MaxDirectoryIdLength)
        {
            throw new RuleViolationException($"A person's name in the directory has at most {AppUser.MaxDirectoryIdLength} characters.");
        }

        var user = await FindAsync(work, userId, cancellationToken);
        var before = user.DirectoryId;
        user.DirectoryId = noted.Length == 0 ? null : noted;
        work.Audit("account.directory-noted", userId, new { DirectoryId = before }, new { user.DirectoryId });
        await work.SaveAsync(cancellationToken);
    }

    private static async Task<AppUser> FindAsync(ProjectWork work, string userId, CancellationToken cancellationToken) =>
        await work.Db.Users.SingleOrDefaultAsync(u => u.Id == userId, cancellationToken)
        ?? throw new NotFoundException("There is no such account.");
}
