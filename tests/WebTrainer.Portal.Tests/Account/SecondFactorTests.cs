using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Account;

/// <summary>Of whom more than a password is asked, where the rights are looked at.</summary>
public sealed class SecondFactorTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SecondFactorRule.Optional, ProjectRole.Lead, SignInMethod.Password, true)]
    [InlineData(SecondFactorRule.LeadsAndAdministrators, ProjectRole.Lead, SignInMethod.Password, false)]
    [InlineData(SecondFactorRule.LeadsAndAdministrators, ProjectRole.Lead, SignInMethod.SecondFactor, true)]
    [InlineData(SecondFactorRule.LeadsAndAdministrators, ProjectRole.Lead, SignInMethod.Passkey, true)]
    [InlineData(SecondFactorRule.LeadsAndAdministrators, ProjectRole.Lead, SignInMethod.Directory, true)]
    [InlineData(SecondFactorRule.LeadsAndAdministrators, ProjectRole.Engineer, SignInMethod.Password, true)]
    [InlineData(SecondFactorRule.Everybody, ProjectRole.Engineer, SignInMethod.Password, false)]
    public async Task Session_ByAPasswordAlone_OpensNothingWhereMoreIsAsked(
        SecondFactorRule rule,
        ProjectRole role,
        SignInMethod method,
        bool opens
    )
    {
        await using var portal = await TestPortal.StartAsync(services => services.Configure<AuthOptions>(auth => auth.SecondFactor = rule));
        var (owner, person) = (await portal.AddUserAsync("owner"), await portal.AddUserAsync("person"));
        var project = await portal.AddProjectAsync(owner, (person, role));
        var caller = person with { SessionId = await BeginAsync(portal, person, method) };
        var authorizer = portal.Get<Authorizer>();

        Assert.Equal(!opens, await authorizer.NeedsSecondFactorAsync(caller, Ct));
        if (opens)
        {
            await using var work = await authorizer.OpenAsync(caller, project, Permission.ViewResults, Ct);
        }
        else
        {
            var refusal = await Assert.ThrowsAsync<ForbiddenException>(() =>
                authorizer.OpenAsync(caller, project, Permission.ViewResults, Ct)
            );
            Assert.Contains("second factor", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Session_ThatWasEnded_OpensNothing_AndOthersGoOn()
    {
        await using var portal = await TestPortal.StartAsync();
        var person = await portal.AddUserAsync("person");
        var (ended, goesOn) = (
            await BeginAsync(portal, person, SignInMethod.Password),
            await BeginAsync(portal, person, SignInMethod.Password)
        );
        await using (var db = portal.OpenDb())
        {
            (await db.UserSessions.FindAsync([ended], Ct))!.End(portal.Clock.GetUtcNow());
            await db.SaveChangesAsync(Ct);
        }

        var authorizer = portal.Get<Authorizer>();
        await Assert.ThrowsAsync<ForbiddenException>(() =>
            authorizer.OpenOwnAsync(person with { SessionId = ended }, TokenScopes.Read, Ct)
        );
        await using var work = await authorizer.OpenOwnAsync(person with { SessionId = goesOn }, TokenScopes.Read, Ct);
    }

    private static async Task<Guid> BeginAsync(TestPortal portal, Caller person, SignInMethod method)
    {
        var session = new UserSession(person.UserId, method, "Firefox on Linux", portal.Clock.GetUtcNow());
        await using var db = portal.OpenDb();
        db.UserSessions.Add(session);
        await db.SaveChangesAsync(Ct);
        return session.Id;
    }
}
