using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Policies;
using WebTrainer.Domain.Runs;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Export;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Searches;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Compliance;

/// <summary>Where a project's policy is asked, and what is left behind where it refuses.</summary>
public sealed class PolicyGateTests : ComplianceTest
{
    private static async Task<string> RefusedAsync(Func<Task> act) => (await Assert.ThrowsAsync<RuleViolationException>(act)).Message;

    [Fact]
    public async Task Set_IsForLeads_AndIsNotedWithWhatItWas()
    {
        await Assert.ThrowsAsync<ForbiddenException>(() => Policies.SetAsync(Engineer, Project, new() { Epsilon = 3 }, Ct));
        await SetAsync(new() { Epsilon = 3, Licenses = ["MIT"] });
        var view = await Policies.GetAsync(Engineer, Project, Ct);
        Assert.Equal((3, false), (view.Policy.Epsilon, view.MaySet));
        Assert.Equal(["MIT"], view.Policy.Licenses);
        await using var db = Portal.OpenDb();
        var entry = await db.Audit.SingleAsync(a => a.Action == "policy.set", Ct);
        Assert.Contains("\"epsilon\":3", entry.After, StringComparison.Ordinal);
        await SetAsync(ProjectPolicy.None);
        Assert.Null((await db.Projects.AsNoTracking().SingleAsync(p => p.Id == Project, Ct)).Policy);
    }

    [Fact]
    public async Task Submit_AgainstThePolicy_IsRefusedInPlainWords_AndNoted_UntilItIsMet()
    {
        await SetAsync(new() { Epsilon = 3, NoPersonalData = true });
        var refusal = await RefusedAsync(() => Runs.SubmitAsync(Engineer, Project, Request(), Ct));
        Assert.Contains("Nobody has looked for personal data in Rows v1", refusal, StringComparison.Ordinal);
        Assert.Contains("Set “Privacy budget (ε)”", refusal, StringComparison.Ordinal);
        Assert.Contains("policy.refused-run", await ActionsAsync());
        await NoteAsync(v => v.NotePersonalData(0));
        Assert.Contains(
            "at most 3",
            await RefusedAsync(() => Runs.SubmitAsync(Engineer, Project, Request(new() { Epsilon = 4 }), Ct)),
            StringComparison.Ordinal
        );
        await Runs.SubmitAsync(Engineer, Project, Request(new() { Epsilon = 2 }), Ct);
    }

    /// <summary>What waits may yet be told: two runs of ε 2 are more than 3 together.</summary>
    [Fact]
    public async Task Approve_ASecondRunBeyondTheBudgetOfTheRows_IsRefused()
    {
        await SetAsync(new() { Epsilon = 3 });
        var first = await Runs.SubmitAsync(Engineer, Project, Request(new() { Epsilon = 2 }), Ct);
        var second = await Runs.SubmitAsync(Engineer, Project, Request(new() { Epsilon = 2 }), Ct);
        await Runs.ApproveAsync(Lead, Project, first, await HashAsync(first), Ct);
        Assert.Contains(
            "other runs on Rows v1 take 2",
            await RefusedAsync(async () => await Runs.ApproveAsync(Lead, Project, second, await HashAsync(second), Ct)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Approve_WithTwoApprovers_WaitsForASecondPerson_WhoIsNotTheFirst()
    {
        await SetAsync(new() { TwoApprovers = true });
        var second = await AddLeadAsync("second");
        await Runs.ApproveAsync(Lead, Project, Run, await HashAsync(Run), Ct);
        var waits = await Runs.GetAsync(Lead, Project, Run, Ct);
        Assert.Equal((ApprovalState.Submitted, null, "lead"), (waits.Run.Approval, waits.Run.JobId, waits.FirstApprovedByName));
        Assert.Contains(
            "second approver",
            await RefusedAsync(async () => await Runs.ApproveAsync(Lead, Project, Run, await HashAsync(Run), Ct)),
            StringComparison.Ordinal
        );
        await Runs.ApproveAsync(second, Project, Run, await HashAsync(Run), Ct);
        var approved = await Runs.GetAsync(Lead, Project, Run, Ct);
        Assert.Equal((ApprovalState.Approved, "second"), (approved.Run.Approval, approved.DecidedByName));
        Assert.NotNull(approved.Run.JobId);
        Assert.Equal(
            ["run.first-approved", "run.approval-refused", "run.approved"],
            (await ActionsAsync()).Where(a => a.StartsWith("run.", StringComparison.Ordinal)).Skip(1)
        );
    }

    [Fact]
    public async Task Search_WithTwoApprovers_IsRefusedByName()
    {
        await SetAsync(new() { TwoApprovers = true });
        var request = new SearchRequest
        {
            Run = Request(),
            Space = new WebTrainer.Search.SearchSpace([new WebTrainer.Search.FloatParameter("learningRate", 1e-4, 1e-2)]),
        };
        Assert.Contains(
            "Submit its runs one by one",
            await RefusedAsync(() => Portal.Get<SearchService>().SubmitAsync(Engineer, Project, request, Ct)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Export_OfRows_IsRefused_UntilTheyWereLookedThrough()
    {
        await SetAsync(new() { NoPersonalData = true });
        var (dataset, exports) = (await DatasetAsync(), Portal.Get<DatasetExports>());
        Assert.Contains(
            "personal data",
            await RefusedAsync(() => exports.ParquetAsync(Engineer, Project, dataset, 1, Ct)),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "personal data",
            await RefusedAsync(() => exports.ExportAsync(Engineer, Project, dataset, 1, ExportFormat.Csv, null, Ct)),
            StringComparison.Ordinal
        );
        await NoteAsync(v => v.NotePersonalData(0));
        await exports.ParquetAsync(Engineer, Project, dataset, 1, Ct);
        Assert.Equal(2, (await ActionsAsync()).Count(a => a == "policy.refused-export"));
    }

    /// <summary>Publishing looks at all rows, keeps what it found, and refuses.</summary>
    [Fact]
    public async Task Publish_RowsWithPersonalData_IsRefused_AndTheirNumberIsKept()
    {
        await SetAsync(new() { NoPersonalData = true });
        var made = await Portal.AddVersionAsync(
            Project,
            Enumerable
                .Range(0, 10)
                .Select(i =>
                    CanonicalRow.Create(
                        $"r{i}",
                        i + 1,
                        null,
                        i < 3 ? $"Write to person{i}@example.org please, number {i}" : $"Question {i}",
                        $"answer {i}",
                        null
                    ) with
                    {
                        Split =
                            i < 6 ? DataSplit.Train
                            : i < 8 ? DataSplit.Validation
                            : DataSplit.Test,
                    }
                ),
            "Letters",
            VersionKind.Split
        );
        var refusal = await RefusedAsync(() => Portal.Get<DatasetPublishing>().PublishAsync(Engineer, Project, made.DatasetId, 1, Ct));
        Assert.StartsWith("3 rows of Letters v1 hold personal data", refusal, StringComparison.Ordinal);
        await using var db = Portal.OpenDb();
        var version = await db.DatasetVersions.SingleAsync(v => v.Id == made.Id, Ct);
        Assert.Equal((3L, null), (version.PersonalRows, version.PublishedAt));
    }

    [Fact]
    public async Task Damaged_PolicyInTheDatabase_LetsNothingPass_AndIsSetAnew()
    {
        await using (var db = Portal.OpenDb())
        {
            await db.Database.ExecuteSqlAsync($"UPDATE Projects SET Policy = '{{broken'", Ct);
        }

        Assert.True((await Policies.GetAsync(Lead, Project, Ct)).IsDamaged);
        Assert.Contains(
            "can't be read",
            await RefusedAsync(() => Runs.SubmitAsync(Engineer, Project, Request(), Ct)),
            StringComparison.Ordinal
        );
        await SetAsync(ProjectPolicy.None);
        await Runs.SubmitAsync(Engineer, Project, Request(), Ct);
    }

    private async Task<Guid> DatasetAsync()
    {
        await using var db = Portal.OpenDb();
        return await db.DatasetVersions.Where(v => v.Id == Version).Select(v => v.DatasetId).SingleAsync(Ct);
    }
}
