using System.Security.Claims;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;
using WebTrainer.Domain.Judging;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Judging;
using WebTrainer.Portal.Features.Judging.Pages;

namespace WebTrainer.Portal.Tests.Judging;

public sealed class JudgePageTests : JudgingTest
{
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Judges_EmptyThenAdded_AndTheKeyIsWrittenNowhere()
    {
        await using var browser = BrowserOf(Engineer);
        var page = browser.Render<JudgesPage>(p => p.Add(j => j.ProjectId, Project));
        page.WaitForAssertion(() => Assert.Contains("No judge yet", page.Markup, StringComparison.Ordinal), s_wait);
        await page.Find("[data-test=add-judge]").ClickAsync(new());
        page.Find("#judge-name").Change("Careful");
        page.Find("#judge-address").Change(Endpoint.Address);
        page.Find("#judge-model").Change("big-model");
        page.Find("#judge-key").Change("sk-secret-canary");
        await page.Find("[data-test=test-judge]").ClickAsync(new());
        page.WaitForAssertion(
            () => Assert.Contains("preferred the right answer", page.Find("[data-test=judge-said]").TextContent, StringComparison.Ordinal),
            s_wait
        );
        await page.Find("[data-test=save-judge]").ClickAsync(new());
        page.WaitForAssertion(
            () =>
                Assert.Contains(
                    "/evaluations/judges/",
                    browser.Services.GetRequiredService<NavigationManager>().Uri,
                    StringComparison.Ordinal
                ),
            s_wait
        );
        var kept = Assert.Single(await Judges.ListAsync(Lead, Project, Ct));
        Assert.True(kept is { HasKey: true, Name: "Careful" });

        var again = browser.Render<JudgePage>(p => p.Add(j => j.ProjectId, Project).Add(j => j.JudgeId, kept.Id));
        again.WaitForElement("[data-test=calibration]", s_wait);
        Assert.Contains(JudgeWords.NotCalibrated, again.Find("[data-test=calibration]").TextContent, StringComparison.Ordinal);
        await again.Find("[data-test=change-judge]").ClickAsync(new());
        Assert.DoesNotContain("sk-secret-canary", again.Markup, StringComparison.Ordinal);
        Assert.Contains("Kept, encrypted", again.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Judge_IsCalibrated_AndSaysSoInPlainWords()
    {
        await AddComparisonAsync((row, _) => row != 1);
        var judge = await AddJudgeAsync();
        Endpoint.Reply = q => q.A.StartsWith("good", StringComparison.Ordinal) ? "A" : "B";
        await using var browser = BrowserOf(Engineer);
        var page = browser.Render<JudgePage>(p => p.Add(j => j.ProjectId, Project).Add(j => j.JudgeId, judge));
        page.WaitForElement("[data-test=calibrate]", s_wait);
        await page.Find("[data-test=calibrate]").ClickAsync(new());
        page.WaitForElement("[data-test=judge-work]", s_wait);
        await Runner.RunAsync((await Works.OfJudgeAsync(Lead, Project, judge, Ct))[0].Id, Ct);
        page.WaitForAssertion(
            () =>
                Assert.Contains(
                    "agrees with your experts on 11 of 12 pairs",
                    page.Find("[data-test=calibration-words]").TextContent,
                    StringComparison.Ordinal
                ),
            s_wait
        );
        Assert.Contains(
            "two experts agree with each other on 100 %",
            page.Find("[data-test=calibration-words]").TextContent,
            StringComparison.Ordinal
        );
        Assert.Contains("So few pairs tell little", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluation_IsJudged_WithTheWarningThatNobodyCalibrated()
    {
        var evaluation = await AddEvaluationAsync((model, row) => $"{(model == "run-1" ? "good" : "bad")} {row}", "base", "run-1");
        await AddJudgeAsync();
        Endpoint.Reply = q => q.A.StartsWith("good", StringComparison.Ordinal) ? "A" : "B";
        await using var browser = BrowserOf(Engineer);
        var panel = browser.Render<JudgedEvaluation>(p => p.Add(j => j.ProjectId, Project).Add(j => j.EvaluationId, evaluation));
        panel.WaitForElement("[data-test=start-judging]", s_wait);
        Assert.Contains(JudgeWords.NotCalibrated, panel.Markup, StringComparison.Ordinal); // before anything is asked, too
        Assert.Contains("At most 200 questions", panel.Markup, StringComparison.Ordinal);
        await panel.Find("[data-test=start-judging]").ClickAsync(new());
        panel.WaitForElement("[data-test=judge-work]", s_wait);
        await Runner.RunAsync((await Works.OfEvaluationAsync(Lead, Project, evaluation, Ct))[0].Id, Ct);
        panel.WaitForAssertion(
            () =>
                Assert.Contains(
                    "run-1 answers better than base",
                    panel.Find("[data-test=judge-verdicts]").TextContent,
                    StringComparison.Ordinal
                ),
            s_wait
        );
        Assert.Contains(JudgeWords.NotCalibrated, panel.Find("[data-test=judge-trust]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reviewer_SeesVerdicts_AndNoButtons()
    {
        var judge = await AddJudgeAsync();
        await using var browser = BrowserOf(Reviewer);
        var page = browser.Render<JudgePage>(p => p.Add(j => j.ProjectId, Project).Add(j => j.JudgeId, judge));
        page.WaitForElement("[data-test=calibration]", s_wait);
        Assert.Empty(page.FindAll("[data-test=change-judge], [data-test=retire-judge], [data-test=calibrate]"));
    }

    private BunitContext BrowserOf(Caller person)
    {
        var browser = new BunitContext();
        browser.JSInterop.Mode = JSRuntimeMode.Loose;
        browser.Services.AddMudServices();
        browser.Services.AddSingleton(Judges).AddSingleton(Works).AddSingleton<TimeProvider>(Portal.Clock);
        browser
            .AddAuthorization()
            .SetAuthorized(person.Name)
            .SetClaims(new Claim(ClaimTypes.NameIdentifier, person.UserId), new Claim(Caller.DisplayNameClaim, person.Name));
        browser.Render<MudPopoverProvider>();
        return browser;
    }
}
