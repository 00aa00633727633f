using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Projects;

namespace WebTrainer.Portal.Access;

/// <summary>Accounts, memberships, tokens and keys as they are at one moment, and the rules of access applied to them.</summary>
internal sealed class Standings
{
    private readonly Dictionary<string, Account> _accounts;
    private readonly Dictionary<Guid, SignInMethod> _sessions;
    private readonly ILookup<(string UserId, Guid ProjectId), string> _standIns;
    private readonly HashSet<Guid> _tokens,
        _keys;

    private Standings(
        Dictionary<string, Account> accounts,
        Dictionary<Guid, SignInMethod> sessions,
        ILookup<(string UserId, Guid ProjectId), string> standIns,
        HashSet<Guid> tokens,
        HashSet<Guid> keys
    ) => (_accounts, _sessions, _standIns, _tokens, _keys) = (accounts, sessions, standIns, tokens, keys);

    /// <summary>Of whom a second factor is asked.</summary>
    public SecondFactorRule SecondFactor { get; init; }

    /// <summary>Reads all that is needed to judge these callers and keys, in as many queries for a hundred as for one.</summary>
    public static async Task<Standings> ReadAsync(
        AppDb db,
        IReadOnlyCollection<Caller> callers,
        IReadOnlyCollection<Guid> keys,
        SecondFactorRule secondFactor,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var users = callers.Select(c => c.UserId).Distinct().ToList();
        var sessions = callers.Where(c => c.SessionId is not null).Select(c => c.SessionId!.Value).Distinct().ToList();
        var tokens = callers.Where(c => c.TokenId is not null).Select(c => c.TokenId!.Value).Distinct().ToList();
        var accounts =
            users.Count == 0
                ? []
                : await db
                    .Users.AsNoTracking()
                    .Where(u => users.Contains(u.Id) && !u.IsDisabled)
                    .Select(u => new Account(
                        u.Id,
                        u.SecurityStamp,
                        u.IsAdmin,
                        db.Memberships.Where(m => m.UserId == u.Id).Select(m => new Member(m.ProjectId, m.Role)).ToList()
                    ))
                    .ToDictionaryAsync(a => a.UserId, cancellationToken);
        var standIns = users.Count == 0 ? [] : await Deputies.NowAsync(db, users, now, cancellationToken);
        var going =
            sessions.Count == 0
                ? []
                : await db
                    .UserSessions.Where(s => sessions.Contains(s.Id) && s.EndedAt == null)
                    .Select(s => new { s.Id, s.Method })
                    .ToDictionaryAsync(s => s.Id, s => s.Method, cancellationToken);
        var living =
            tokens.Count == 0
                ? []
                : await db
                    .PersonalAccessTokens.Where(t => tokens.Contains(t.Id) && t.RevokedAt == null && t.ExpiresAt > now)
                    .Select(t => t.Id)
                    .ToHashSetAsync(cancellationToken);
        var inUse =
            keys.Count == 0
                ? []
                : await db
                    .ApiKeys.Where(k => keys.Contains(k.Id) && k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now))
                    .Select(k => k.Id)
                    .ToHashSetAsync(cancellationToken);
        return new Standings(accounts, going, standIns.ToLookup(d => (d.UserId, d.ProjectId), d => d.LeadId), living, inUse)
        {
            SecondFactor = secondFactor,
        };
    }

    /// <exception cref="ForbiddenException">The account, session or token has ended.</exception>
    public void DemandAlive(Caller caller)
    {
        if (!_accounts.TryGetValue(caller.UserId, out var account))
        {
            throw new ForbiddenException("This account can't be used any more.");
        }

        if (caller.SessionStamp is { } stamp && stamp != account.Stamp)
        {
            throw new ForbiddenException("This session was ended. Sign in again.");
        }

        if (caller.SessionId is { } session && !_sessions.ContainsKey(session))
        {
            throw new ForbiddenException("This session was ended. Sign in again.");
        }

        if (caller.TokenId is { } token && !_tokens.Contains(token))
        {
            throw new ForbiddenException("This access token was revoked or has expired.");
        }
    }

    /// <summary>Demands more than a password where the server asks for it; programs act by tokens that were made after it.</summary>
    /// <exception cref="ForbiddenException">The session is by a password alone, or has ended.</exception>
    public void DemandStrong(Caller caller)
    {
        DemandAlive(caller);
        if (IsTooWeak(caller))
        {
            throw new ForbiddenException(
                "This server asks you for a second factor. Open “Sign-in and security” in the menu of your account and set one up, then sign in with it."
            );
        }
    }

    /// <summary>The session is by a password alone, and the server asks its owner for more.</summary>
    public bool IsTooWeak(Caller caller) =>
        caller.SessionId is { } session
        && _sessions.GetValueOrDefault(session) == SignInMethod.Password
        && SecondFactor switch
        {
            SecondFactorRule.Optional => false,
            SecondFactorRule.Everybody => true,
            _ => _accounts[caller.UserId] is var account
                && (
                    account.IsAdmin
                    || account.Memberships.Exists(m => m.Role == ProjectRole.Lead || _standIns.Contains((caller.UserId, m.ProjectId)))
                ),
        };

    /// <returns>The caller's role in the project.</returns>
    /// <exception cref="NotFoundException">No such project for this caller.</exception>
    /// <exception cref="ForbiddenException">A member without this right.</exception>
    public ProjectRole Demand(Caller caller, Guid projectId, Permission permission)
    {
        DemandStrong(caller);
        if (_accounts[caller.UserId].Memberships.SingleOrDefault(m => m.ProjectId == projectId) is not { } member)
        {
            throw new NotFoundException("There is no such project, or you are not a member of it.");
        }

        caller.DemandScope(TokenScopes.Of(permission));
        return member.Role.Allows(permission) || (Deputy.May(permission) && StandsInFor(caller, projectId).Any())
            ? member.Role
            : throw new ForbiddenException($"Your role in this project is {member.Role}; it may not do this. Ask a lead of the project.");
    }

    /// <summary>User ids of the leads in whose place the caller approves in a project.</summary>
    public IEnumerable<string> StandsInFor(Caller caller, Guid projectId) => _standIns[(caller.UserId, projectId)];

    /// <exception cref="ForbiddenException">No administrator.</exception>
    public void DemandAdmin(Caller caller)
    {
        DemandStrong(caller);
        if (!_accounts[caller.UserId].IsAdmin)
        {
            throw new ForbiddenException("Only administrators of this server may do this.");
        }
    }

    /// <exception cref="ForbiddenException">The key was revoked, or has expired.</exception>
    public void DemandKey(Guid key)
    {
        if (!_keys.Contains(key))
        {
            throw new ForbiddenException("This key was revoked or has expired.");
        }
    }

    private sealed record Account(string UserId, string? Stamp, bool IsAdmin, List<Member> Memberships);

    private sealed record Member(Guid ProjectId, ProjectRole Role);
}
