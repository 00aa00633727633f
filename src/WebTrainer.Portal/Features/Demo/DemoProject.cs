using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Data.Identity;
using WebTrainer.Domain.Projects;
using WebTrainer.Models;
using WebTrainer.Pipeline.Import;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Datasets.Sample;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Demo;

/// <summary>
/// A ready project for a newcomer, made through the same use cases as any other: a goal, published sample data, and runs of a
/// colleague that wait for the newcomer's approval: an encoder as soon as this server has one, and a decoder to compare it with. The
/// colleague is an account that nobody can sign in to.
/// </summary>
public sealed class DemoProject(
    IOptions<PortalOptions> options,
    IDbContextFactory<AppDb> databases,
    ProjectService projects,
    SampleData sample,
    DatasetSplits splits,
    DatasetPublishing publishing,
    RunService runs,
    ModelCatalog models,
    TimeProvider time
) : IDisposable
{
    public const string DatasetName = "Demo: messages to a shop",
        FileName = "shop-messages.csv",
        EncoderRun = "First try, with an encoder",
        DecoderRun = "The same with a model that writes";
    private const string ProjectName = "Demo: messages to a shop";
    private const string ColleagueName = "demo-colleague",
        ColleagueTitle = "Sam (demo colleague)";
    private const double TestShare = 0.25;
    private const double ValidationShare = 0.1;
    private const double Target = 0.8;

    private static readonly ColumnMapping s_mapping = new()
    {
        Shape = DataShape.Label,
        Text = "text",
        Label = "topic",
    };

    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Makes what is missing of the project, if the portal runs as a demo and somebody can lead it.</summary>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.Demo)
        {
            return;
        }

        await _one.WaitAsync(cancellationToken);
        try
        {
            if (await LeadAsync(cancellationToken) is not { } lead)
            {
                return;
            }

            var project = await FindAsync(cancellationToken) ?? await MakeAsync(lead, cancellationToken);
            await SubmitMissingAsync(project, cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<Guid> MakeAsync(Caller lead, CancellationToken cancellationToken)
    {
        var project = await projects.CreateAsync(
            lead,
            ProjectName,
            "Names the topic of a customer's message. Made as a demo: approve the waiting run, watch it, judge it, try it.",
            cancellationToken
        );
        await projects.SetGoalAsync(
            lead,
            project,
            null,
            GoalMetric.Accuracy,
            Target,
            "Customers' names never leave this server.",
            cancellationToken
        );
        var imported = await (await sample.StartImportAsync(lead, project, FileName, DatasetName, s_mapping, cancellationToken)).Completion;
        var split = await splits.SplitAsync(
            lead,
            project,
            imported.DatasetId,
            imported.Number,
            new SplitRecipe(ValidationShare, TestShare, 42, null, false),
            cancellationToken
        );
        await publishing.PublishAsync(lead, project, split.DatasetId, split.Number, cancellationToken);
        await AddColleagueAsync(project, cancellationToken);
        return project;
    }

    private async Task<Guid?> FindAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Projects.Where(p => p.Name == ProjectName).Select(p => (Guid?)p.Id).FirstOrDefaultAsync(cancellationToken);
    }

    private async Task<Caller?> LeadAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var admin = await db.Users.Where(u => u.IsAdmin && !u.IsDisabled).OrderBy(u => u.CreatedAt).FirstOrDefaultAsync(cancellationToken);
        return admin is null ? null : new Caller(admin.Id, admin.DisplayName);
    }

    private async Task AddColleagueAsync(Guid project, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var colleague = new AppUser
        {
            UserName = ColleagueName,
            NormalizedUserName = ColleagueName.ToUpperInvariant(),
            DisplayName = ColleagueTitle,
            CreatedAt = time.GetUtcNow(),
            SecurityStamp = Guid.NewGuid().ToString("N"),
            IsDisabled = true,
        };
        db.Users.Add(colleague);
        db.Memberships.Add(new Membership(project, colleague.Id, ProjectRole.Engineer, time.GetUtcNow()));
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>
    /// The encoder may arrive minutes after the project was made; what somebody has deleted or rejected is not made again.
    /// </summary>
    private async Task SubmitMissingAsync(Guid project, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var made = await db.Runs.Where(r => r.ProjectId == project).Select(r => r.Name).ToListAsync(cancellationToken);
        var published = await db
            .DatasetVersions.Where(v => v.ProjectId == project && v.Dataset!.Name == DatasetName && v.PublishedAt != null)
            .OrderBy(v => v.Number)
            .FirstOrDefaultAsync(cancellationToken);
        var colleague = await db.Users.FirstOrDefaultAsync(u => u.UserName == ColleagueName, cancellationToken);
        if (published is null || colleague is null)
        {
            return;
        }

        List<(string Name, BaseModel? Base)> wanted =
        [
            (EncoderRun, models.Tunable().FirstOrDefault(m => m.IsEncoder)),
            (DecoderRun, models.Tunable().FirstOrDefault(m => !m.IsEncoder)),
        ];
        foreach (var (name, model) in wanted.Where(run => run.Base is not null && !made.Contains(run.Name)))
        {
            await SubmitAsync(db, colleague, project, published.Id, name, model!, cancellationToken);
        }
    }

    private async Task SubmitAsync(
        AppDb db,
        AppUser colleague,
        Guid project,
        Guid version,
        string name,
        BaseModel model,
        CancellationToken cancellationToken
    )
    {
        var caller = new Caller(colleague.Id, colleague.DisplayName);
        colleague.IsDisabled = false;
        await db.SaveChangesAsync(cancellationToken);
        try
        {
            var proposed = await runs.DefaultsAsync(caller, project, version, model.Id, cancellationToken);
            await runs.SubmitAsync(
                caller,
                project,
                new RunRequest
                {
                    Name = name,
                    DatasetVersionId = version,
                    BaseModel = model.Id,
                }.With(proposed),
                cancellationToken
            );
        }
        finally
        {
            colleague.IsDisabled = true;
            await db.SaveChangesAsync(CancellationToken.None); // an account that nobody can sign in to stays so, whatever happened
        }
    }
}
