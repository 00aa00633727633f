using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Domain.Evaluations;
using WebTrainer.Domain.Labels;
using WebTrainer.Portal.Features.Comparing;
using WebTrainer.Portal.Features.Comparing.Pages;
using WebTrainer.Portal.Tests.Shared;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Comparing;

/// <summary>
/// Base and run on eight rows: the run loses rows 0 and 1 (row 1 by more), wins rows 2 to 4, and both are wrong on row 7.
/// </summary>
public sealed class ComparePageTests : ResultsTest
{
    private const string RowCells = "[data-test=pairs] tbody tr td:first-child";

    [Fact]
    public async Task WithoutColumns_ThePageSaysWhatBelongsThere_AndOffersAllThereIs()
    {
        await AddAsync();
        await using var browser = BrowserOf(Lead);
        var page = browser.Render<ComparePage>(p => p.Add(c => c.ProjectId, Project));
        page.WaitForAssertion(() => Assert.Contains("Nothing to compare yet", page.Markup, StringComparison.Ordinal), Patience);
        // the run has not begun
        Assert.Equal(["Results of evaluations", "Base models"], page.FindAll("optgroup").Select(g => g.GetAttribute("label")));
        page.Find("[data-test=add-column]").Change("base:tiny");
        page.WaitForAssertion(() => Assert.Contains("col=base%3Atiny", AddressOf(browser), StringComparison.Ordinal), Patience);
        page.WaitForElement("[data-test=comparison]", Patience);
    }

    [Fact]
    public async Task OnlyDifferences_HidesEqualRows_AndStandsInTheAddress()
    {
        await using var browser = BrowserOf(Lead);
        var page = Open(browser, await AddAsync());
        string[] Names() => [.. page.FindAll("[data-test=comparison] tbody th[scope=row]").Select(th => th.TextContent)];
        Assert.Contains("Answer loss, nats", Names());
        await page.Find("[data-test=only-differs] input, input[data-test=only-differs]").ChangeAsync(new() { Value = true });
        page.WaitForAssertion(() => Assert.Contains("differs=True", AddressOf(browser), StringComparison.OrdinalIgnoreCase), Patience);
        page.WaitForAssertion(() => Assert.DoesNotContain("Answer loss, nats", Names()), Patience); // 2 nats in both
        Assert.Contains("Right", Names());
        Assert.Contains("Calibration error", Names());
    }

    [Fact]
    public async Task RowByRow_WorstRegressionsComeFirst_WithTheirNumbers()
    {
        await using var browser = BrowserOf(Lead);
        var page = Open(browser, await AddAsync());
        Assert.Equal([1, 0, 7, 6, 5, 2, 3, 4], RowsOf(page));
        var first = page.Find("[data-test=pairs] tbody tr").TextContent;
        Assert.Contains("right, 90 % sure", first, StringComparison.Ordinal);
        Assert.Contains("−100.0 points", first, StringComparison.Ordinal);
        var test = page.Find("[data-test=tests] tbody tr").TextContent;
        Assert.Contains("can't be told apart", test, StringComparison.Ordinal); // 3 against 2
        Assert.Contains("On 8 common rows", page.Find("[data-test=tests]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RowByRow_FilterOrderAndCategory_StandInTheAddress_AndAKeptAddressShowsTheSame()
    {
        var evaluation = await AddAsync();
        await using var browser = BrowserOf(Lead);
        var page = Open(browser, evaluation);
        page.Find("[data-test=show]").Change("Wins");
        page.WaitForAssertion(() => Assert.Equal([2, 3, 4], RowsOf(page)), Patience);
        page.Find("[data-test=category]").Change("even");
        page.WaitForAssertion(() => Assert.Equal([2, 4], RowsOf(page)), Patience);
        page.Find("[data-test=order]").Change("BestFirst");
        page.WaitForAssertion(() => Assert.Contains("order=BestFirst", AddressOf(browser), StringComparison.Ordinal), Patience);
        Assert.Contains("2 rows", page.Find("[data-test=shown]").TextContent, StringComparison.Ordinal);

        await using var later = BrowserOf(Lead);
        Assert.Equal([2, 4], RowsOf(Open(later, evaluation, new Uri(AddressOf(browser)).Query)));
    }

    [Fact]
    public async Task Address_WithValuesThatAreNone_ShowsThePageAsByItself()
    {
        await using var browser = BrowserOf(Lead);
        var evaluation = await AddAsync();
        var page = Open(browser, evaluation, Query(evaluation) + "&show=17&order=sideways&by=luck&page=-3&keep=nonsense&a=none");
        Assert.Equal([1, 0, 7, 6, 5, 2, 3, 4], RowsOf(page));
    }

    [Fact]
    public async Task SendToLabeling_MakesAPausedTaskOfExactlyTheRowsShown()
    {
        await using var browser = BrowserOf(Lead);
        var page = Open(browser, await AddAsync());
        page.Find("[data-test=show]").Change("Losses");
        page.WaitForAssertion(() => Assert.Equal([1, 0], RowsOf(page)), Patience);
        await page.Find("[data-test=send-to-labeling]").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Contains("/labels/", AddressOf(browser), StringComparison.Ordinal), Patience);
        await using var db = Portal.OpenDb();
        var task = await db.LabelTasks.SingleAsync(Ct);
        Assert.EndsWith(task.Id.ToString(), AddressOf(browser), StringComparison.Ordinal);
        Assert.NotNull(task.PausedAt);
        Assert.Equal(
            ["row000", "row001"],
            (await db.LabelItems.Where(i => i.TaskId == task.Id).ToListAsync(Ct)).Select(i => i.RowId).Order()
        );
        Assert.Equal(["even", "odd"], task.Questions.Single(q => q.Kind == QuestionKind.Choose).Options.Order());
    }

    [Fact]
    public async Task Reviewer_MayNotMakeTasks_IsToldSo_AndStays()
    {
        var reviewer = await Portal.AddUserAsync("reviewer");
        await using (var db = Portal.OpenDb())
        {
            (await db.Projects.Include(p => p.Members).SingleAsync(p => p.Id == Project, Ct)).Members.Add(
                new(Project, reviewer.UserId, Domain.Projects.ProjectRole.Reviewer, Portal.Clock.GetUtcNow())
            );
            await db.SaveChangesAsync(Ct);
        }

        await using var browser = BrowserOf(reviewer);
        var page = Open(browser, await AddAsync());
        await page.Find("[data-test=send-to-labeling]").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Single(SaidIn(browser)), Patience);
        Assert.Contains("/compare", AddressOf(browser), StringComparison.Ordinal);
    }

    private IRenderedComponent<ComparePage> Open(BunitContext browser, Evaluation evaluation, string? query = null)
    {
        browser.Services.GetRequiredService<NavigationManager>().NavigateTo($"/p/{Project}/compare{query ?? Query(evaluation)}");
        var page = browser.Render<ComparePage>(p => p.Add(c => c.ProjectId, Project));
        page.WaitForElement("[data-test=pairs] tbody tr", Patience);
        return page;
    }

    private string Query(Evaluation evaluation) => $"?col=result:{evaluation.Id}:base&col=result:{evaluation.Id}:{Tuned}";

    private static int[] RowsOf(IRenderedComponent<ComparePage> page) =>
        [.. page.FindAll(RowCells).Select(cell => int.Parse(cell.TextContent.Trim()["Question ".Length..]))];

    private Task<Evaluation> AddAsync()
    {
        ModelFigures Of(string name, ModelKind kind, double score, double sure) =>
            new(name, kind, score, score - 0.2, score + 0.2, 2, 7.39, null, 1) { Calibration = Sure(sure) };
        return AddEvaluationAsync(
            new EvaluationReport
            {
                Rows = Rows,
                Metric = "accuracy",
                Models = [Of("base", ModelKind.Base, 0.5, 0.2), Of(Tuned, ModelKind.Tuned, 0.6, 0.1)],
            },
            row =>
                (
                    Answer("base", row is 0 or 1 or 5 or 6, 1),
                    Answer(
                        Tuned,
                        row is 2 or 3 or 4 or 5 or 6,
                        row switch
                        {
                            0 => 2,
                            1 => 5,
                            2 => 1,
                            3 => 1,
                            4 => 1,
                            7 => 1.5,
                            _ => 1.1 + row / 100.0,
                        }
                    )
                )
        );
    }

    private static CalibrationFigures Sure(double error) =>
        new(
            new("confidence", 0.9, 0.8, 0.95, Rows),
            new("ece", error, error / 2, error * 2, Rows),
            new("brier", error, 0, 1, Rows),
            [new(0.9, 0.9 - error, Rows)]
        );

    private static ExampleAnswer Answer(string model, bool right, double loss) =>
        new(model, right ? "right" : "wrong", right, loss, right ? 1 : 0) { Confidence = 0.9 };
}
