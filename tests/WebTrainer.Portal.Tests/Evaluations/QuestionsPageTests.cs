using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using WebTrainer.Domain.Evaluations;
using WebTrainer.Portal.Features.Evaluations.Benchmarks;
using WebTrainer.Portal.Tests.Shared;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Evaluations;

/// <summary>Sixty questions of three subjects; the two models differ on every fourth one.</summary>
public sealed class QuestionsPageTests : ResultsTest
{
    [Fact]
    public async Task Category_IsFilteredBy_AndStandsInTheAddress()
    {
        await using var browser = BrowserOf(Lead);
        var page = Open(browser, await AddAsync());
        Assert.Contains("60 questions", page.Markup, StringComparison.Ordinal);
        Assert.Equal(25, Numbers(page).Length);
        await page.InvokeAsync(() => page.FindComponent<MudSelect<string>>().Instance.ValueChanged.InvokeAsync("law"));
        page.WaitForAssertion(() => Assert.Contains("20 questions", page.Markup, StringComparison.Ordinal), Patience);
        Assert.Contains("category=law", AddressOf(browser), StringComparison.Ordinal);
        Assert.All(Numbers(page), number => Assert.Equal(1, number % 3));
    }

    [Fact]
    public async Task OnlyWhereModelsDiffer_LeavesOutTheOthers_AndBeginsAtTheFirstPage()
    {
        await using var browser = BrowserOf(Lead);
        var page = Open(browser, await AddAsync(), "?page=3");
        Assert.Equal(50, Numbers(page)[0]);
        await page.Find("input[type=checkbox]").ChangeAsync(new() { Value = true });
        page.WaitForAssertion(() => Assert.Contains("15 questions", page.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal(Enumerable.Range(0, 15).Select(i => i * 4), Numbers(page));
        Assert.DoesNotContain("page=", AddressOf(browser), StringComparison.Ordinal);
    }

    [Fact]
    public async Task KeptAddress_ShowsTheSameQuestions_AndNothingFoundSaysWhatToDo()
    {
        var evaluation = await AddAsync();
        await using var browser = BrowserOf(Lead);
        Assert.Equal([4, 16, 28, 40, 52], Numbers(Open(browser, evaluation, "?category=law&differing=true")));
        await using var other = BrowserOf(Lead);
        var none = Open(other, evaluation, "?category=history");
        Assert.Empty(Numbers(none));
        Assert.Contains("No question fits", none.Markup, StringComparison.Ordinal);
    }

    private IRenderedComponent<QuestionsPage> Open(BunitContext browser, Evaluation evaluation, string query = "")
    {
        browser
            .Services.GetRequiredService<NavigationManager>()
            .NavigateTo($"/p/{Project}/evaluations/{evaluation.Id}/benchmarks/0{query}");
        var page = browser.Render<QuestionsPage>(p =>
            p.Add(q => q.ProjectId, Project).Add(q => q.EvaluationId, evaluation.Id).Add(q => q.Benchmark, 0)
        );
        page.WaitForElement("[data-test=questions]", Patience);
        return page;
    }

    private static int[] Numbers(IRenderedComponent<QuestionsPage> page) =>
        [
            .. page.FindAll("[data-test=questions] tbody td:first-child .content-text")
                .Select(cell => int.Parse(cell.TextContent["What is ".Length..])),
        ];

    private Task<Evaluation> AddAsync()
    {
        string[] subjects = ["art", "law", "maths"];
        BenchmarkFigures Of(string model) =>
            new(model, [new("acc", 0.5, 0.4, 0.6, 60)], [.. subjects.Select(s => new MetricFigure(s, 0.5, 0.3, 0.7, 20))]);
        return AddEvaluationAsync(
            new EvaluationReport
            {
                Rows = Rows,
                Metric = "accuracy",
                Models =
                [
                    new("base", ModelKind.Base, 0.5, 0.2, 0.8, null, null, null, 1),
                    new(Tuned, ModelKind.Tuned, 0.5, 0.2, 0.8, null, null, null, 1),
                ],
                Benchmarks =
                [
                    new(new BenchmarkSpec { Kind = BenchmarkKind.Mmlu, Name = "all.csv" }, 60, "acc", [Of("base"), Of(Tuned)], []),
                ],
            },
            _ => (new("base", "a", true, null, 1), new(Tuned, "a", true, null, 1)),
            [
                .. Enumerable
                    .Range(0, 60)
                    .Select(i => new QuestionResult(
                        $"{i}",
                        subjects[i % 3],
                        $"What is {i}",
                        "A",
                        [new("base", "A", 1), new(Tuned, "B", i % 4 == 0 ? 0 : 1)]
                    )),
            ]
        );
    }
}
