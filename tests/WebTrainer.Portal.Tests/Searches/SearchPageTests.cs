using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Domain.Runs;
using WebTrainer.Models;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Features.Searches;
using WebTrainer.Portal.Features.Searches.Pages;
using WebTrainer.Portal.Tests.Shared;
using WebTrainer.Search;
using WebTrainer.Search.Pruning;

namespace WebTrainer.Portal.Tests.Searches;

public sealed class SearchPageTests : ResultsTest
{
    [Fact]
    public async Task WithoutSearches_ThePageSaysWhatASearchIs_AndOffersOne()
    {
        await using var browser = BrowserOf(Lead);
        var page = browser.Render<Features.Searches.Pages.Searches>(p => p.Add(s => s.ProjectId, Project));
        page.WaitForAssertion(() => Assert.Contains("No search yet", page.Markup, StringComparison.Ordinal), Patience);
        Assert.All(
            page.FindAll("a").Where(a => a.TextContent.Contains("New search", StringComparison.Ordinal)),
            a => Assert.Equal($"/p/{Project}/searches/new", a.GetAttribute("href"))
        );
    }

    [Theory]
    [InlineData("low-learningRate", "a little", "Learning rate: 'a little' is no number. Write it as 0.001 or 1e-3.")]
    [InlineData("high-learningRate", "5", "(training.learningRate) is 5")]
    public async Task NewSearch_BoundThatIsNone_IsRefusedWithItsSentence_AndStaysTyped(string field, string typed, string sentence)
    {
        await using var browser = BrowserOf(Engineer);
        var page = browser.Render<NewSearch>(p => p.Add(s => s.ProjectId, Project));
        page.WaitForElement("[data-test=submit-search]", Patience);
        page.Find("#search-name").Change("mine");
        page.Find($"[data-test={field}]").Change(typed);
        await page.Find("[data-test=submit-search]").ClickAsync(new());
        page.WaitForAssertion(
            () => Assert.Contains(SaidIn(browser), said => said.Contains(sentence, StringComparison.OrdinalIgnoreCase)),
            Patience
        );
        Assert.Equal(typed, page.Find($"[data-test={field}]").GetAttribute("value"));
        Assert.Empty(await Service.ListAsync(Lead, Project, Ct));

        page.Find("[data-test=low-learningRate]").Change("0.0001");
        page.Find("[data-test=high-learningRate]").Change("0.01");
        await page.Find("[data-test=submit-search]").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Matches("/searches/[0-9a-f-]{36}$", AddressOf(browser)), Patience);
        Assert.Equal("mine", Assert.Single(await Service.ListAsync(Lead, Project, Ct)).Search.Name);
    }

    [Fact]
    public async Task Trials_AreSorted_FilteredAndKept_ByTheAddress()
    {
        var search = await AddSearchAsync(2.0, 1.0, 3.0);
        await using var browser = BrowserOf(Lead);
        var page = Open(browser, search);
        Assert.Equal(["3", "2", "1"], Trials(page)); // the newest first
        await page.FindAll("[data-test=trials] th button")
            .First(b => b.TextContent.StartsWith("Validation loss", StringComparison.Ordinal))
            .ClickAsync(new());
        page.WaitForAssertion(() => Assert.Equal(["2", "1", "3"], Trials(page)), Patience);
        Assert.Contains("sort=value", AddressOf(browser), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("2", page.Find("[data-test=trials] tr.active td").TextContent);

        // Keep, by keyboard, what lies in the lower half of the axis of results.
        await page.FindAll("[data-test=parallel] fieldset")[^1].QuerySelectorAll("input")[1].ChangeAsync(new() { Value = "60" });
        page.WaitForAssertion(() => Assert.Equal(["2", "1"], Trials(page)), Patience);
        Assert.Contains("keep=result", AddressOf(browser), StringComparison.Ordinal);
        Assert.Contains("Trials, 2 of 3", page.Find("[data-test=trials]").TextContent, StringComparison.Ordinal);
        Assert.Single(page.FindAll("[data-test=parallel] polyline.out"));
        await page.Find("[data-test=clear-brush]").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Equal(["2", "1", "3"], Trials(page)), Patience);

        page.Find("[data-test=outcome]").Change("Failed");
        page.WaitForAssertion(
            () => Assert.Contains("No trial fits", page.Find("[data-test=trials]").TextContent, StringComparison.Ordinal),
            Patience
        );
        Assert.Contains("outcome=Failed", AddressOf(browser), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Approval_IsForAnotherLead_AndOnlyThenAreThereTrials()
    {
        var search = await Service.SubmitAsync(Lead, Project, Request(), Ct);
        await using var browser = BrowserOf(Lead);
        var page = browser.Render<SearchPage>(p => p.Add(s => s.ProjectId, Project).Add(s => s.SearchId, search));
        page.WaitForAssertion(() => Assert.Contains("What is searched", page.Markup, StringComparison.Ordinal), Patience);
        Assert.Empty(page.FindAll("[data-test=trials], [data-test=approve]:not([disabled])"));
    }

    private SearchService Service => Portal.Get<SearchService>();

    private IRenderedComponent<SearchPage> Open(BunitContext browser, Guid search)
    {
        browser.Services.GetRequiredService<NavigationManager>().NavigateTo($"/p/{Project}/searches/{search}");
        var page = browser.Render<SearchPage>(p => p.Add(s => s.ProjectId, Project).Add(s => s.SearchId, search));
        page.WaitForElement("[data-test=trials] tbody tr", Patience);
        return page;
    }

    private static string[] Trials(IRenderedComponent<SearchPage> page) =>
        [.. page.FindAll("[data-test=trials] tbody tr td:first-child").Select(cell => cell.TextContent)];

    private SearchRequest Request() =>
        new()
        {
            Name = "try",
            Run = new RunRequest
            {
                DatasetVersionId = Version,
                BaseModel = "tiny",
                Training = new() { MicroBatch = 2, Epochs = 1 },
            },
            Space = new SearchSpace([
                new FloatParameter("learningRate", 1e-4, 1e-2, Logarithmic: true),
                new IntegerParameter("rank", 4, 64, Logarithmic: true),
            ]),
            Trials = 3,
            BudgetMinutes = 1000,
            Pruner = PrunerKind.None,
        };

    /// <summary>A search whose trials have ended with these losses.</summary>
    private async Task<Guid> AddSearchAsync(params double[] losses)
    {
        var search = await Service.SubmitAsync(Engineer, Project, Request(), Ct);
        await Service.ApproveAsync(Lead, Project, search, (await Service.GetAsync(Lead, Project, search, Ct)).Search.SpecSha256, Ct);
        foreach (var loss in losses)
        {
            await Portal.Get<SearchConductor>().LookAsync(Ct);
            await using var db = Portal.OpenDb();
            var trial = await db
                .SearchTrials.Include(t => t.Run!.Job)
                .Where(t => t.SearchId == search)
                .OrderByDescending(t => t.Number)
                .FirstAsync(Ct);
            var job = trial.Run!.Job!;
            job.Start("cpu:0", Portal.Clock.GetUtcNow());
            job.Advanced(10, 10, 1, null);
            db.JobMetrics.Add(
                new JobMetric
                {
                    JobId = job.Id,
                    Seq = 1,
                    Step = 10,
                    ValidationLoss = loss,
                    Time = Portal.Clock.GetUtcNow(),
                }
            );
            job.End(JobState.Completed, Portal.Clock.GetUtcNow());
            await db.SaveChangesAsync(Ct);
        }

        await Portal.Get<SearchConductor>().LookAsync(Ct);
        return search;
    }
}
