using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Features.Runs.Approving;
using WebTrainer.Portal.Tests.Shared;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Runs;

/// <summary>What a lead sees before deciding on a run.</summary>
public sealed class RunEvidenceTests : ResultsTest
{
    protected override IServiceCollection AddMore(IServiceCollection services) => services.AddProjects();

    private RunService Runs => Portal.Get<RunService>();

    private Task<RunEvidenceCard> CardAsync(Guid run) => Portal.Get<RunEvidence>().OfAsync(Lead, Project, run, Ct);

    [Fact]
    public async Task Card_OfTheFirstRun_SaysWhoAsks_WhatIsNotKnown_AndWhichGoalsItServes()
    {
        await Portal.Get<ProjectService>().SetGoalAsync(Lead, Project, null, GoalMetric.Accuracy, 0.9, "", Ct);
        var card = await CardAsync(Run);
        Assert.Equal(("engineer", await HashAsync(Run)), (card.AskedByName, card.SpecSha256));
        Assert.Equal((Rows, null, null), (card.Data.Rows, card.Data.PersonalRows, card.Data.LeakRows));
        Assert.Contains(("Personal data", "nobody has looked"), card.Data.Points);
        Assert.Equal((null, null, null), (card.Cost.Seconds, card.Cost.HoursLeft, card.Before));
        Assert.Equal((GoalMetric.Accuracy, null), (Assert.Single(card.Goals).Goal.Metric, card.Goals[0].State));
    }

    [Fact]
    public async Task Card_SaysWhatWasFoundInTheRows()
    {
        await ChangeAsync<DatasetVersion>(
            v => v.Id == Version,
            v =>
            {
                v.NotePersonalData(2);
                v.NoteLeaks(1, """{"words":13,"rows":1,"findings":[],"evaluationSets":[]}""");
                v.AcceptLeaks("A set phrase.", Lead.UserId, Portal.Clock.GetUtcNow());
            }
        );
        var points = (await CardAsync(Run)).Data.Points;
        Assert.Contains(("Personal data", "2 rows"), points);
        Assert.Contains(("Leaks", "1 row, answered for: “A set phrase.”"), points);
    }

    [Fact]
    public async Task Card_AfterAnApproval_SaysWhatIsOtherInSettingsAndRows()
    {
        await Runs.ApproveAsync(Lead, Project, Run, await HashAsync(Run), Ct);
        var again = await SubmitAsync(Version, new TrainingSettings { MicroBatch = 2, Epochs = 7 });
        var card = await CardAsync(again);
        Assert.Equal((Run, "lead"), (card.Before!.RunId, card.Before.ApprovedByName));
        Assert.StartsWith("the same rows", card.Before.RowsInWords, StringComparison.Ordinal);
        Assert.Equal("7", Assert.Single(card.Differences).Now);

        var other = await Portal.AddVersionAsync(
            Project,
            Enumerable
                .Range(1, Rows + 1)
                .Select(i =>
                    CanonicalRow.Create(
                        $"row{i:000}",
                        i + 1,
                        null,
                        i == 1 ? "Other" : $"Question {i}",
                        i % 2 == 0 ? "even" : "odd",
                        i % 2 == 0 ? "even" : "odd"
                    )
                ),
            "Others",
            VersionKind.Split
        );
        await ChangeAsync<DatasetVersion>(v => v.Id == other.Id, v => v.Publish(SnapshotOf(v), Lead.UserId, Portal.Clock.GetUtcNow()));
        var rows = (await CardAsync(await SubmitAsync(other.Id, new TrainingSettings { MicroBatch = 2 }))).Before!.Rows!;
        Assert.Equal((2, 1, 1, Rows - 2), (rows.Added, rows.Removed, rows.Changed, rows.Same));
    }

    [Fact]
    public async Task Card_HoldsTheCostAgainstWhatIsLeftOfTheMonth()
    {
        await ChangeAsync<Project>(
            p => p.Id == Project,
            p =>
            {
                p.SetShare(1, 2);
                p.SetPrice(3, "EUR");
            }
        );
        var now = Portal.Clock.GetUtcNow();
        await using (var db = Portal.OpenDb())
        {
            var job = new Job(Project, Domain.Runs.Run.JobKind, Engineer.UserId, now);
            db.AddRange(job, new DeviceUse(job, "cpu", now.AddMinutes(-90), now));
            await db.SaveChangesAsync(Ct);
            await db.Runs.ExecuteUpdateAsync(set => set.SetProperty(r => r.PlannedSeconds, 3600), Ct);
        }

        var cost = (await CardAsync(Run)).Cost;
        Assert.Equal((3, 0.5, 1.5), (cost.Amount, cost.HoursLeft, cost.AmountLeft));
        Assert.True(cost.PassesBudget);
    }

    [Fact]
    public async Task Card_IsForThoseWhoSeeResults_AndNotOfSettingsThatWereChanged()
    {
        await Assert.ThrowsAsync<NotFoundException>(async () =>
            await Portal.Get<RunEvidence>().OfAsync(await Portal.AddUserAsync("eve"), Project, Run, Ct)
        );
        await using (var db = Portal.OpenDb())
        {
            await db.Runs.ExecuteUpdateAsync(set => set.SetProperty(r => r.Spec, r => r.Spec.Replace("42", "43")), Ct);
        }

        Assert.Equal(StoredSpec.Changed, (await Assert.ThrowsAsync<RuleViolationException>(() => CardAsync(Run))).Message);
    }

    private async Task<Guid> SubmitAsync(Guid version, TrainingSettings training) =>
        await Runs.SubmitAsync(
            Engineer,
            Project,
            new RunRequest
            {
                DatasetVersionId = version,
                BaseModel = "tiny",
                Training = training,
            },
            Ct
        );

    private string SnapshotOf(DatasetVersion version) =>
        System.Text.Json.JsonSerializer.Serialize(
            new DatasetFiles
            {
                Train = new DatasetFile(Portal.Get<Data.Files.FileStore>().PathOf(version.Sha256), version.Sha256, version.Rows),
            },
            ProtocolJson.Line
        );

    private async Task<string> HashAsync(Guid run)
    {
        await using var db = Portal.OpenDb();
        return await db.Runs.Where(r => r.Id == run).Select(r => r.SpecSha256).SingleAsync(Ct);
    }

    private async Task ChangeAsync<T>(System.Linq.Expressions.Expression<Func<T, bool>> which, Action<T> change)
        where T : class
    {
        await using var db = Portal.OpenDb();
        change(await db.Set<T>().SingleAsync(which, Ct));
        await db.SaveChangesAsync(Ct);
    }
}
