using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Domain;
using WebTrainer.Domain.Policies;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Home;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Features.Runs.Approving;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Compliance;

/// <summary>Who must approve what: by its cost, by what was approved before, and in whose place.</summary>
public sealed class ApprovalRulesTests : ComplianceTest
{
    /// <summary>Of a device hour, so that a run of an hour costs as much.</summary>
    private const double Price = 10;

    protected override IServiceCollection AddMore(IServiceCollection services) => base.AddMore(services).AddProjects().AddHome();

    private DeputyService Standins => Portal.Get<DeputyService>();

    private DateOnly Today => DateOnly.FromDateTime(Portal.Clock.GetUtcNow().UtcDateTime);

    [Fact]
    public async Task Rules_ThatGoByCost_NeedAPrice_AndMustNotContradictEachOther()
    {
        Assert.Contains(
            "price of a device hour",
            await RefusedAsync(() => SetAsync(new() { TwoApproversAbove = 5 })),
            StringComparison.Ordinal
        );
        await PriceAsync();
        await SetAsync(new() { TwoApproversAbove = 5, SelfApprovedBelow = 5 });
        await RefusedAsync(() => SetAsync(new() { TwoApproversAbove = 5, SelfApprovedBelow = 6 }));
        await RefusedAsync(() => SetAsync(new() { TwoApprovers = true, SelfApprovedBelow = 1 }));
        await RefusedAsync(() => SetAsync(new() { TwoApproversAbove = double.NaN }));
    }

    [Theory]
    [InlineData(0.4, 1)]
    [InlineData(0.5, 1)]
    [InlineData(0.6, 2)]
    [InlineData(null, 2)]
    public async Task Approvers_OfARun_GoByItsCost_WhichMayBeMoreWhereNobodyPlannedIt(double? hours, int approvers)
    {
        await PriceAsync();
        await SetAsync(new() { TwoApproversAbove = 5 });
        await PlanAsync(Run, hours);
        Assert.Equal(approvers == 2, (await Portal.Get<RunEvidence>().OfAsync(Lead, Project, Run, Ct)).Cost.NeedsTwo);
        await Runs.ApproveAsync(Lead, Project, Run, await HashAsync(Run), Ct);
        var expected = approvers == 1 ? ApprovalState.Approved : ApprovalState.Submitted;
        Assert.Equal(expected, (await Runs.GetAsync(Lead, Project, Run, Ct)).Run.Approval);
    }

    [Fact]
    public async Task RunOfTheSameDataAndMethod_BelowTheCost_IsApprovedByItself_AndSaysLikeWhich()
    {
        await PriceAsync();
        await SetAsync(new() { SelfApprovedBelow = 5 });
        await Runs.ApproveAsync(Lead, Project, Run, await HashAsync(Run), Ct);
        var again = await Runs.SubmitAsync(
            Engineer,
            Project,
            Request() with
            {
                Seed = 7,
                Training = new() { MicroBatch = 1, Epochs = 2 },
            },
            Ct
        );
        Assert.False(await TryAsync(again)); // nobody knows yet what it costs
        await PlanAsync(again, 0.4);
        Assert.True(await TryAsync(again));
        var view = await Runs.GetAsync(Engineer, Project, again, Ct);
        Assert.Equal((ApprovalState.Approved, 1, "lead"), (view.Run.Approval, view.LikeNumber, view.DecidedByName));
        Assert.NotNull(view.Run.JobId);
        await using var db = Portal.OpenDb();
        var entry = await db.Audit.SingleAsync(a => a.Action == "run.approved-by-rule", Ct);
        Assert.Equal((again.ToString(), Engineer.UserId), (entry.Subject, entry.UserId));
        Assert.Contains("\"cost\":4", entry.After, StringComparison.Ordinal);

        // A run that nobody approved is no ground for a third.
        var third = await Runs.SubmitAsync(Lead, Project, Request(), Ct);
        await PlanAsync(third, 0.1);
        Assert.False(await TryAsync(third));
    }

    [Fact]
    public async Task RunThatCostsMore_OrIsOfAnotherMethod_OrOfTheOneWhoApproved_WaitsForAPerson()
    {
        await PriceAsync();
        await SetAsync(new() { SelfApprovedBelow = 5 });
        await Runs.ApproveAsync(Lead, Project, Run, await HashAsync(Run), Ct);
        await WaitsAsync(Engineer, Request(), hours: 0.5);
        await WaitsAsync(Engineer, Request() with { Method = new MethodSpec { Rank = 4 } }, hours: 0.1);
        await WaitsAsync(Lead, Request(), hours: 0.1);
        await SetAsync(ProjectPolicy.None);
        await WaitsAsync(Engineer, Request(), hours: 0.1);
    }

    [Fact]
    public async Task RunOnRowsThatLeak_IsNotApprovedByItself()
    {
        await PriceAsync();
        await SetAsync(new() { SelfApprovedBelow = 5 });
        await Runs.ApproveAsync(Lead, Project, Run, await HashAsync(Run), Ct);
        var again = await Runs.SubmitAsync(Engineer, Project, Request(), Ct);
        await NoteAsync(v => v.NoteLeaks(3, "{}"));
        await PlanAsync(again, 0.1);
        Assert.False(await TryAsync(again));
        Assert.Equal(ApprovalState.Submitted, (await Runs.GetAsync(Lead, Project, again, Ct)).Run.Approval);
    }

    [Fact]
    public async Task Deputy_ApprovesInTheLeadsPlace_WhileItLasts_AndItIsNoted()
    {
        var rex = await AddAsync("rex", ProjectRole.Reviewer);
        await Assert.ThrowsAsync<ForbiddenException>(async () => await ApproveAsync(rex, Run));
        await Standins.NameAsync(Lead, Project, new NewDeputy(rex.UserId, Today.AddDays(1), Today.AddDays(2)), Ct);
        await Assert.ThrowsAsync<ForbiddenException>(async () => await ApproveAsync(rex, Run)); // from tomorrow
        Portal.Clock.Advance(TimeSpan.FromDays(1));
        Assert.True(await Runs.MayApproveAsync(rex, Project, Ct));
        Assert.Equal(Run, Assert.Single((await Portal.Get<MyWork>().ReadAsync(rex, Ct)).ToApprove).RunId);
        await ApproveAsync(rex, Run);
        await using (var db = Portal.OpenDb())
        {
            var entry = await db.Audit.SingleAsync(a => a.Action == "run.approved", Ct);
            Assert.Contains("\"inPlaceOf\":[\"lead\"]", entry.After, StringComparison.Ordinal);
        }

        var next = await Runs.SubmitAsync(Engineer, Project, Request(), Ct);
        Portal.Clock.Advance(TimeSpan.FromDays(2));
        await Assert.ThrowsAsync<ForbiddenException>(async () => await ApproveAsync(rex, next)); // it is over
        Assert.Contains("deputy.named", await ActionsAsync());
    }

    [Fact]
    public async Task Deputy_NeverApprovesWhatTheLeadHandedIn_NorBesideThem()
    {
        var (rex, ria) = (await AddAsync("rex", ProjectRole.Reviewer), await AddAsync("ria", ProjectRole.Reviewer));
        await Standins.NameAsync(Lead, Project, new NewDeputy(rex.UserId, Today, Today), Ct);
        await Standins.NameAsync(Lead, Project, new NewDeputy(ria.UserId, Today, Today), Ct);
        var own = await Runs.SubmitAsync(Lead, Project, Request(), Ct);
        Assert.Contains("stand in for who handed this in", await RefusedAsync(() => ApproveAsync(rex, own)), StringComparison.Ordinal);

        await SetAsync(new() { TwoApprovers = true });
        await ApproveAsync(rex, Run);
        Assert.Contains("count as one", await RefusedAsync(() => ApproveAsync(ria, Run)), StringComparison.Ordinal);
        Assert.Contains("count as one", await RefusedAsync(() => ApproveAsync(Lead, Run)), StringComparison.Ordinal);
        await ApproveAsync(await AddLeadAsync("second"), Run);
        Assert.Equal(ApprovalState.Approved, (await Runs.GetAsync(Lead, Project, Run, Ct)).Run.Approval);
    }

    [Fact]
    public async Task Deputy_IsNamedByALead_AndEndsWithThemOrAtOnce()
    {
        var rex = await AddAsync("rex", ProjectRole.Reviewer);
        var ann = await AddAsync("ann", ProjectRole.Annotator);
        await Assert.ThrowsAsync<ForbiddenException>(() => Standins.NameAsync(Engineer, Project, new(rex.UserId, Today, Today), Ct));
        await RefusedAsync(() => Standins.NameAsync(Lead, Project, new(Lead.UserId, Today, Today), Ct));
        await RefusedAsync(() => Standins.NameAsync(Lead, Project, new(ann.UserId, Today, Today), Ct));
        await RefusedAsync(() => Standins.NameAsync(Lead, Project, new(rex.UserId, Today, Today.AddDays(400)), Ct));
        await RefusedAsync(() => Standins.NameAsync(Lead, Project, new(rex.UserId, Today.AddDays(-3), Today.AddDays(-2)), Ct));

        var second = await AddLeadAsync("second");
        await Standins.NameAsync(second, Project, new(rex.UserId, Today, Today), Ct);
        Assert.Equal("second", Assert.Single(await Standins.ListAsync(rex, Project, Ct)).LeadName);
        await Portal.Get<ProjectService>().ChangeRoleAsync(Lead, Project, second.UserId, ProjectRole.Engineer, Ct);
        Assert.False(await Runs.MayApproveAsync(rex, Project, Ct)); // who leads no longer has no place to stand in
        var id = await Standins.NameAsync(Lead, Project, new(rex.UserId, Today, Today.AddDays(9)), Ct);
        Assert.True(await Runs.MayApproveAsync(rex, Project, Ct));
        await Standins.EndAsync(Lead, Project, id, Ct);
        Assert.False(await Runs.MayApproveAsync(rex, Project, Ct));
    }

    private static async Task<string> RefusedAsync(Func<Task> act) => (await Assert.ThrowsAsync<RuleViolationException>(act)).Message;

    private async Task ApproveAsync(Caller who, Guid run) => await Runs.ApproveAsync(who, Project, run, await HashAsync(run), Ct);

    private async Task WaitsAsync(Caller who, RunRequest request, double hours)
    {
        var run = await Runs.SubmitAsync(who, Project, request, Ct);
        await PlanAsync(run, hours);
        Assert.False(await TryAsync(run));
    }

    private async Task<bool> TryAsync(Guid run)
    {
        await using var work = await Portal.Get<Authorizer>().OpenAsync(Engineer, Project, Permission.SubmitRuns, Ct);
        return await Portal.Get<SelfApproval>().TryAsync(work, run, Ct);
    }

    private async Task<Caller> AddAsync(string name, ProjectRole role)
    {
        var person = await Portal.AddUserAsync(name);
        await using var db = Portal.OpenDb();
        db.Memberships.Add(new Membership(Project, person.UserId, role, Portal.Clock.GetUtcNow()));
        await db.SaveChangesAsync(Ct);
        return person;
    }

    private Task PriceAsync() => Portal.Get<ProjectService>().SetPriceAsync(Lead, Project, new ProjectPrice(Price, "EUR"), Ct);

    private async Task PlanAsync(Guid run, double? hours)
    {
        await using var db = Portal.OpenDb();
        await db.Runs.Where(r => r.Id == run).ExecuteUpdateAsync(set => set.SetProperty(r => r.PlannedSeconds, hours * 3600), Ct);
    }
}
