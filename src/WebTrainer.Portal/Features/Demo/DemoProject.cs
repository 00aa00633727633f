using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Data.Identity;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Datasets.Sample;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Demo;

/// <summary>
/// A ready project for a newcomer, made through the same use cases as any other: a goal, published sample data, and a run of a
/// colleague that waits for the newcomer's approval. The colleague is an account that nobody can sign in to.
/// </summary>
public sealed class DemoProject(
    IOptions<PortalOptions> options, IDbContextFactory<AppDb> databases, ProjectService projects, SampleData sample, DatasetService datasets,
    RunService runs, ModelCatalog models, TimeProvider time)
{
    private const string ProjectName = "Demo: messages to a shop";
    private const string ColleagueName = "demo-colleague";
    private const double TestShare = 0.2;
    private const double ValidationShare = 0.15;

    /// <summary>Makes the project if the portal runs as a demo, somebody can lead it, and it is not there yet.</summary>
    public async Task EnsureAsync(CancellationToken ct)
    {
        if (!options.Value.Demo || await LeadAsync(ct) is not { } lead)
            return;
        var project = await projects.CreateAsync(
            lead, ProjectName, "Names the topic of a customer's message. Made as a demo: approve the waiting run, watch it, judge it, try it.", ct);
        await projects.SetGoalAsync(lead, project, null, GoalMetric.Accuracy, 0.8, "Customers' names never leave this server.", ct);
        var imported = await (await sample.StartImportAsync(lead, project, ct)).Completion;
        var split = await datasets.SplitAsync(
            lead, project, imported.DatasetId, imported.Number, new SplitRecipe(ValidationShare, TestShare, 42, null, false), ct);
        await datasets.PublishAsync(lead, project, split.DatasetId, split.Number, ct);
        await SubmitAsColleagueAsync(project, split.Id, ct);
    }

    private async Task<Caller?> LeadAsync(CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        if (await db.Projects.AnyAsync(p => p.Name == ProjectName, ct))
            return null;
        var admin = await db.Users.Where(u => u.IsAdmin && !u.IsDisabled).OrderBy(u => u.CreatedAt).FirstOrDefaultAsync(ct);
        return admin is null ? null : new Caller(admin.Id, admin.DisplayName);
    }

    private async Task SubmitAsColleagueAsync(Guid project, Guid version, CancellationToken ct)
    {
        if (models.Decoders() is not [var model, ..])
            return; // without a base model there is nothing to submit; the run form says so
        await using var db = await databases.CreateDbContextAsync(ct);
        var colleague = new AppUser
        {
            UserName = ColleagueName,
            NormalizedUserName = ColleagueName.ToUpperInvariant(),
            DisplayName = "Sam (demo colleague)",
            CreatedAt = time.GetUtcNow(),
            SecurityStamp = Guid.NewGuid().ToString("N"),
        };
        db.Users.Add(colleague);
        db.Memberships.Add(new Membership(project, colleague.Id, ProjectRole.Engineer, time.GetUtcNow()));
        await db.SaveChangesAsync(ct);
        var caller = new Caller(colleague.Id, colleague.DisplayName);
        var (method, training) = await runs.DefaultsAsync(caller, project, version, model.Id, ct);
        await runs.SubmitAsync(
            caller, project, new RunRequest { Name = "First try", DatasetVersionId = version, BaseModel = model.Id, Method = method, Training = training }, ct);
        colleague.IsDisabled = true;
        await db.SaveChangesAsync(ct);
    }
}
