using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Data.Identity;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Audit;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Account.Directory;

/// <summary>Somebody was shown to be who they are, and may not come in all the same.</summary>
/// <param name="problem">As the sign-in page knows it.</param>
public sealed class DirectoryRefusalException(string problem) : Exception($"Sign-in by the directory was refused: {problem}.")
{
    public string Problem => problem;
}

/// <summary>
/// Signs in whom the directory vouches for: an account is made at the first time, and names, administrator's rights and roles in projects
/// are at each sign-in what the directory and the rules of the page Accounts say.
/// </summary>
/// <remarks>Scoped: it uses the request's own database context, as Identity does.</remarks>
public sealed class DirectoryAccounts(
    AppDb db,
    UserManager<AppUser> users,
    AppSignInManager signIn,
    IOptions<AuthOptions> auth,
    TimeProvider time
)
{
    private const string RolesClaim = "roles";

    /// <summary>Names that are tried where somebody has the one wanted.</summary>
    private const int MostNames = 100;

    /// <param name="tokens">What ends the session at the directory; kept in the cookie.</param>
    /// <exception cref="DirectoryRefusalException">The account is shut out, or what it may do can't be known.</exception>
    public async Task SignInAsync(DirectoryPerson person, IEnumerable<AuthenticationToken> tokens, CancellationToken cancellationToken)
    {
        var rules = await db.DirectoryRules.AsNoTracking().ToListAsync(cancellationToken);
        if (person.HasTooManyGroups && AsksForGroups(rules))
        {
            throw new DirectoryRefusalException("groups");
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var user = await FindAsync(person, cancellationToken) ?? await MakeAsync(person);
        if (user.IsDisabled)
        {
            Note(user, null, "account.sign-in-failed");
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            throw new DirectoryRefusalException("disabled");
        }

        await FollowAsync(user, person, rules, cancellationToken);
        Note(user, null, "account.signed-in", after: new { Method = SignInMethod.Directory.ToString() });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        var properties = new AuthenticationProperties();
        properties.StoreTokens(tokens);
        signIn.Shows(SignInMethod.Directory);
        await signIn.SignInAsync(user, properties);
    }

    private bool AsksForGroups(List<DirectoryRule> rules) =>
        auth.Value.AdministratorGroups.Count > 0 || rules.Exists(rule => rule.Claim == auth.Value.GroupsClaim);

    /// <summary>
    /// By the directory's own number of them, or, once, by what an administrator noted on an account that was there before.
    /// </summary>
    private async Task<AppUser?> FindAsync(DirectoryPerson person, CancellationToken cancellationToken)
    {
        if (await users.FindByLoginAsync(person.Issuer, person.Subject) is { } known)
        {
            return known;
        }

        var noted = await db.Users.Where(u => u.DirectoryId == person.DirectoryId).Take(2).ToListAsync(cancellationToken);
        if (noted is not [var account] || (await users.GetLoginsAsync(account)).Count > 0)
        {
            return null;
        }

        await LinkAsync(account, person);
        Note(account, null, "account.directory-linked");
        return account;
    }

    private async Task<AppUser> MakeAsync(DirectoryPerson person)
    {
        var user = new AppUser
        {
            UserName = await FreeNameAsync(person.UserName),
            DisplayName = Cut(person.DisplayName, AppUser.MaxDisplayNameLength),
            Email = person.Email,
            DirectoryId = Cut(person.DirectoryId, AppUser.MaxDirectoryIdLength),
            CreatedAt = time.GetUtcNow(),
            LockoutEnabled = true,
        };
        Check(await users.CreateAsync(user));
        await LinkAsync(user, person);
        Note(user, null, "account.made-from-directory");
        return user;
    }

    private async Task LinkAsync(AppUser user, DirectoryPerson person) =>
        Check(await users.AddLoginAsync(user, new UserLoginInfo(person.Issuer, person.Subject, auth.Value.DirectoryName)));

    /// <summary>Nobody gets an account that is there by a name alone: it may be another person's.</summary>
    private async Task<string> FreeNameAsync(string wanted)
    {
        var name = new string([.. wanted.Where(c => users.Options.User.AllowedUserNameCharacters.Contains(c, StringComparison.Ordinal))]);
        name = name.Length == 0 ? "person" : Cut(name, AppUser.MaxDisplayNameLength);
        for (var i = 1; i <= MostNames; i++)
        {
            var free = i == 1 ? name : $"{name}-{i}";
            if (await users.FindByNameAsync(free) is null)
            {
                return free;
            }
        }

        throw new DirectoryRefusalException("name");
    }

    private async Task FollowAsync(AppUser user, DirectoryPerson person, List<DirectoryRule> rules, CancellationToken cancellationToken)
    {
        var name = Cut(person.DisplayName, AppUser.MaxDisplayNameLength);
        if (user.DisplayName != name || user.Email != person.Email)
        {
            Note(user, null, "account.followed-directory", new { user.DisplayName }, new { DisplayName = name });
            (user.DisplayName, user.Email, user.NormalizedEmail) = (name, person.Email, users.NormalizeEmail(person.Email));
        }

        FollowAdministration(user, person, rules);
        await FollowProjectsAsync(user, person, rules, cancellationToken);
    }

    /// <summary>Where neither settings nor rules say who administers, what was set by hand stays.</summary>
    private void FollowAdministration(AppUser user, DirectoryPerson person, List<DirectoryRule> rules)
    {
        var ruled = rules.FindAll(rule => rule.ProjectId is null);
        if (ruled.Count == 0 && auth.Value.AdministratorGroups.Count == 0)
        {
            return;
        }

        var administers =
            ruled.Exists(rule => person.Has(rule.Claim, rule.Value))
            || auth.Value.AdministratorGroups.Any(group => person.Has(auth.Value.GroupsClaim, group) || person.Has(RolesClaim, group));
        if (administers != user.IsAdmin)
        {
            Note(user, null, "account.admin-changed", new { user.IsAdmin }, new { IsAdmin = administers });
            user.IsAdmin = administers;
        }
    }

    /// <summary>The highest role of all rules that fit; a membership by invitation is left alone where none does.</summary>
    private async Task FollowProjectsAsync(
        AppUser user,
        DirectoryPerson person,
        List<DirectoryRule> rules,
        CancellationToken cancellationToken
    )
    {
        var said = rules
            .Where(rule => rule.ProjectId is not null && person.Has(rule.Claim, rule.Value))
            .GroupBy(rule => rule.ProjectId!.Value)
            .ToDictionary(project => project.Key, project => project.Max(rule => rule.Role));
        var members = await db.Memberships.Where(m => m.UserId == user.Id).ToDictionaryAsync(m => m.ProjectId, cancellationToken);
        foreach (var (project, role) in said)
        {
            if (!members.TryGetValue(project, out var member))
            {
                member = new Membership(project, user.Id, role, time.GetUtcNow());
                db.Memberships.Add(member);
                Note(user, project, "member.from-directory", after: new { Role = role.ToString() });
            }
            else if (member.Role != role)
            {
                Note(user, project, "member.role-changed", new { Role = member.Role.ToString() }, new { Role = role.ToString() });
            }

            member.FollowDirectory(role);
        }

        foreach (var gone in members.Values.Where(m => m.FromDirectory && !said.ContainsKey(m.ProjectId)))
        {
            db.Memberships.Remove(gone);
            Note(user, gone.ProjectId, "member.removed", new { Role = gone.Role.ToString() });
        }
    }

    private void Note(AppUser user, Guid? project, string action, object? before = null, object? after = null) =>
        db.Audit.Add(new AuditEntry(time.GetUtcNow(), user.Id, user.DisplayName, project, action, user.Id, Json(before), Json(after)));

    private static string? Json(object? value) => value is null ? null : JsonSerializer.Serialize(value, JsonSerializerOptions.Web);

    private static string Cut(string text, int characters) => text.Length <= characters ? text : text[..characters];

    private static void Check(IdentityResult result)
    {
        if (!result.Succeeded)
        {
            throw new InvalidOperationException(string.Join(" ", result.Errors.Select(e => e.Code)));
        }
    }
}
