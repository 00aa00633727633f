using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Domain.Policies;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Admin;
using WebTrainer.Portal.Features.Compliance;
using WebTrainer.Portal.Features.Deployments;
using WebTrainer.Portal.Features.Monitoring;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Tests.Shared;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Compliance;

/// <summary>A project with a run that waits, and two further leads.</summary>
public abstract class ComplianceTest : ResultsTest
{
    protected override IServiceCollection AddMore(IServiceCollection services) =>
        services.AddAdministration().AddMonitoring().AddDeployments().AddCompliance().AddSingleton<AuditSigner>();

    protected PolicyService Policies => Portal.Get<PolicyService>();

    protected RunService Runs => Portal.Get<RunService>();

    protected Task SetAsync(ProjectPolicy policy) => Policies.SetAsync(Lead, Project, policy, Ct);

    protected async Task<Caller> AddLeadAsync(string name)
    {
        var person = await Portal.AddUserAsync(name);
        await using var db = Portal.OpenDb();
        db.Memberships.Add(new Membership(Project, person.UserId, ProjectRole.Lead, Portal.Clock.GetUtcNow()));
        await db.SaveChangesAsync(Ct);
        return person;
    }

    protected RunRequest Request(PrivacySpec? privacy = null) =>
        new()
        {
            DatasetVersionId = Version,
            BaseModel = "tiny",
            Training = new TrainingSettings { MicroBatch = 2 },
            Privacy = privacy,
        };

    protected async Task<string> HashAsync(Guid run)
    {
        await using var db = Portal.OpenDb();
        return await db.Runs.Where(r => r.Id == run).Select(r => r.SpecSha256).SingleAsync(Ct);
    }

    protected async Task NoteAsync(Action<Domain.Datasets.DatasetVersion> note)
    {
        await using var db = Portal.OpenDb();
        note(await db.DatasetVersions.SingleAsync(v => v.Id == Version, Ct));
        await db.SaveChangesAsync(Ct);
    }

    protected async Task<IReadOnlyList<string>> ActionsAsync()
    {
        await using var db = Portal.OpenDb();
        return await db.Audit.OrderBy(a => a.Id).Select(a => a.Action).ToListAsync(Ct);
    }
}
