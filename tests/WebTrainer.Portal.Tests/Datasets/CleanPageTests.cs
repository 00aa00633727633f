using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Datasets.Cleaning;
using WebTrainer.Portal.Features.Datasets.Pages;

namespace WebTrainer.Portal.Tests.Datasets;

public sealed class CleanPageTests : DatasetsTest
{
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Page_ShowsWhatTheUsualStepsDo_AndMakesTheVersion()
    {
        var version = await ImportAsync("Rows", TwoLabels + "my card is  LOST,card\nWrite to ada@example.org,card\n");
        await using var browser = Browser();
        var page = Render(browser, version);
        var preview = page.WaitForElement("[data-test=preview]", s_wait);
        Assert.Contains("Looked at all 6 rows: 1 would be set aside.", preview.TextContent, StringComparison.Ordinal);
        Assert.Contains(page.FindAll("[data-test=examples]"), e => e.TextContent.Contains("Write to [EMAIL]", StringComparison.Ordinal));
        Assert.Equal(StepWords.Usual.Count, page.FindAll("[data-test=step]").Count);

        await page.Find("[data-test=apply]").ClickAsync(new());
        page.WaitForAssertion(
            () => Assert.EndsWith("/v/2", browser.Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal),
            s_wait
        );
        Assert.Equal(5, (await Data.GetVersionAsync(Lead, Project, version.DatasetId, 2, Ct)).Rows);
    }

    [Fact]
    public async Task Steps_MoveAndGo_AndTheRecipeFollows()
    {
        var version = await ImportAsync("Rows", TwoLabels);
        await using var browser = Browser();
        var page = Render(browser, version);
        page.WaitForElement("[data-test=preview]", s_wait);
        Assert.True(page.FindAll("[data-test=up]")[0].HasAttribute("disabled"));
        await page.FindAll("[data-test=down]")[0].ClickAsync(new());
        await page.FindAll("[data-test=remove]")[2].ClickAsync(new());

        var expected = new List<CleanStep>(StepWords.Usual);
        (expected[0], expected[1]) = (expected[1], expected[0]);
        expected.RemoveAt(2);
        Assert.Equal(expected.Select(StepWords.Name), page.FindAll("[data-test=step] strong").Select(s => s.TextContent[3..]));
        Assert.Contains(
            "step: whitespace",
            page.Find("#recipe-json").GetAttribute("value") ?? page.Find("#recipe-json").TextContent,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Recipe_ThatCannotBe_IsSaidAndNotApplied()
    {
        var version = await ImportAsync("Rows", TwoLabels);
        await using var browser = Browser();
        var page = Render(browser, version);
        page.WaitForElement("[data-test=preview]", s_wait);
        page.Find("#recipe-json").Change("""{"steps":[{"step":"length","min":100}]}""");
        await page.Find("[data-test=use-recipe]").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Single(page.FindAll("[data-test=step]")), s_wait);

        await page.Find("[data-test=settings]").ClickAsync(new());
        var min = page.FindComponents<MudBlazor.MudNumericField<int>>().First(f => f.Instance.Label == "Characters at least");
        await page.InvokeAsync(() => min.Instance.ValueChanged.InvokeAsync(20_000));
        page.WaitForAssertion(
            () => Assert.Contains("shortest length", page.Find("[data-test=refusal]").TextContent, StringComparison.Ordinal),
            s_wait
        );
        Assert.True(page.Find("[data-test=apply]").HasAttribute("disabled"));
    }

    [Fact]
    public async Task EveryStep_HasANameASentenceAndAForm()
    {
        await using var browser = Browser();
        foreach (var step in StepWords.Kinds)
        {
            Assert.EndsWith(".", StepWords.Sentence(step), StringComparison.Ordinal);
            var form = browser.Render<StepForm>(p => p.Add(f => f.Step, step).Add(f => f.Versions, []));
            Assert.NotEmpty(form.FindAll("input, textarea"));
        }

        Assert.Equal(StepWords.Kinds.Count, StepWords.Kinds.Select(StepWords.Name).Distinct().Count());
    }

    [Fact]
    public async Task SemanticStep_OffersTheServersEncoders_AndSaysWhatTheirLikenessMeans()
    {
        await using var browser = Browser();
        CleanStep step = new SemanticDuplicatesStep();
        var form = browser.Render<StepForm>(p =>
            p.Add(f => f.Step, step)
                .Add(f => f.Versions, [])
                .Add(f => f.Encoders, [new InstalledEncoder("minilm", 256)])
                .Add(f => f.StepChanged, (CleanStep s) => step = s)
        );
        var choice = form.FindComponents<MudBlazor.MudSelect<string>>().First(s => s.Instance.Label == "Texts are compared by");
        Assert.Contains("Built in (no model needed)", choice.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "differs from encoder to encoder",
            form.Find("[data-test=likeness-help]").TextContent,
            StringComparison.Ordinal
        );

        await form.InvokeAsync(() => choice.Instance.ValueChanged.InvokeAsync("minilm"));
        Assert.Equal(new SemanticDuplicatesStep { Model = "minilm" }, step);
        form.Render(p => p.Add(f => f.Step, step));
        Assert.Contains("differs from encoder to encoder", form.Find("[data-test=likeness-help]").TextContent, StringComparison.Ordinal);
        Assert.Contains("at most 256 tokens", form.Markup, StringComparison.Ordinal);

        form.Render(p => p.Add(f => f.Step, new SemanticDuplicatesStep { Model = "gone" }));
        Assert.Contains("gone (not on this server)", form.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SetAsidePanel_ShowsReasons_AndGivesBackWhatIsChosen()
    {
        var version = await ImportAsync("Rows", TwoLabels + "my card is  LOST,card\n");
        var clean = await DataCleaning.CleanAsync(
            Lead,
            Project,
            version.DatasetId,
            1,
            new CleanRecipe { Steps = [new ExactDuplicatesStep()] },
            Ct
        );
        await using var browser = Browser();
        IReadOnlyCollection<string> taken = [];
        var panel = browser.Render<SetAsidePanel>(p =>
            p.Add(s => s.ProjectId, Project)
                .Add(s => s.Version, clean)
                .Add(s => s.Caller, Lead)
                .Add(s => s.MayManage, true)
                .Add(s => s.OnTakeBack, (IReadOnlyCollection<string> ids) => taken = [.. ids])
        );
        panel.WaitForAssertion(
            () => Assert.Contains("Its text stands in another row.", panel.Find("[data-test=aside]").TextContent, StringComparison.Ordinal),
            s_wait
        );
        Assert.True(panel.Find("[data-test=take-back]").HasAttribute("disabled"));
        panel.Find("[data-test=aside] input[type=checkbox]").Change(true);
        await panel.Find("[data-test=take-back]").ClickAsync(new());
        Assert.Single(taken);
    }

    [Fact]
    public async Task ComparePanel_ShowsChangedRowsSideBySide()
    {
        var version = await ImportAsync("Rows", TwoLabels + "Write to ada@example.org,card\n");
        var clean = await DataCleaning.CleanAsync(
            Lead,
            Project,
            version.DatasetId,
            1,
            new CleanRecipe { Steps = [new PersonalDataStep()] },
            Ct
        );
        await using var browser = Browser();
        var panel = browser.Render<ComparePanel>(p => p.Add(c => c.ProjectId, Project).Add(c => c.Version, clean).Add(c => c.Caller, Lead));
        panel.WaitForAssertion(
            () => Assert.Contains("Write to [EMAIL]", panel.Find("[data-test=differences]").TextContent, StringComparison.Ordinal),
            s_wait
        );
        Assert.Contains("1 changed", panel.Find("[data-test=show-Changed]").TextContent, StringComparison.Ordinal);
        await panel.Find("[data-test=show-Removed]").ClickAsync(new());
        Assert.Contains("change=removed", browser.Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    private IRenderedComponent<CleanPage> Render(BunitContext browser, VersionView version) =>
        browser.Render<CleanPage>(p =>
            p.Add(c => c.ProjectId, Project).Add(c => c.DatasetId, version.DatasetId).Add(c => c.Number, version.Number)
        );
}
