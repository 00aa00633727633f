using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Domain;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Robustness;

/// <summary>A project that separates people: leads are made by administrators, and no lead takes that back.</summary>
public sealed class SeparationTests : IAsyncLifetime
{
    private TestPortal _portal = null!;
    private Caller _lead = null!,
        _engineer = null!,
        _admin = null!;
    private Guid _project;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private ProjectService Projects => _portal.Get<ProjectService>();

    public async ValueTask InitializeAsync()
    {
        _portal = await TestPortal.StartAsync(services => services.AddProjects());
        (_lead, _engineer, _admin) = (
            await _portal.AddUserAsync("lea"),
            await _portal.AddUserAsync("eli"),
            await _portal.AddUserAsync("ada")
        );
        _project = await _portal.AddProjectAsync(_lead, (_engineer, ProjectRole.Engineer), (_admin, ProjectRole.Lead));
        await using var db = _portal.OpenDb();
        await db.Users.Where(u => u.Id == _admin.UserId).ExecuteUpdateAsync(set => set.SetProperty(u => u.IsAdmin, true), Ct);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Lead_MakesLeads_UntilTheProjectSeparatesPeople()
    {
        await Projects.InviteAsync(_lead, _project, ProjectRole.Lead, "", Ct);
        await Projects.InviteAsync(_lead, _project, ProjectRole.Reviewer, "", Ct);
        await Projects.SeparateAsync(_admin, _project, true, Ct);
        Assert.Equal(ProjectRole.Reviewer, Assert.Single(await Projects.OpenInvitationsAsync(_lead, _project, Ct)).Role);
        await Assert.ThrowsAsync<RuleViolationException>(() => Projects.InviteAsync(_lead, _project, ProjectRole.Lead, "", Ct));
        await Assert.ThrowsAsync<RuleViolationException>(() =>
            Projects.ChangeRoleAsync(_lead, _project, _engineer.UserId, ProjectRole.Lead, Ct)
        );
        await Projects.ChangeRoleAsync(_lead, _project, _engineer.UserId, ProjectRole.Reviewer, Ct);
        await Projects.ChangeRoleAsync(_admin, _project, _engineer.UserId, ProjectRole.Lead, Ct);
    }

    [Fact]
    public async Task Lead_ChangesTheSeparationOfNoProject()
    {
        await Assert.ThrowsAsync<ForbiddenException>(() => Projects.SeparateAsync(_lead, _project, true, Ct));
        await Projects.SeparateAsync(_admin, _project, true, Ct);
        await Assert.ThrowsAsync<ForbiddenException>(() => Projects.SeparateAsync(_lead, _project, false, Ct));
        Assert.Equal((true, false), await Projects.SeparationAsync(_lead, _project, Ct));
        Assert.Equal((true, true), await Projects.SeparationAsync(_admin, _project, Ct));
    }
}
