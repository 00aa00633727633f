using System.Text.RegularExpressions;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>What leads a lead on: help, the palette, the audit log as sentences, forms that a reload keeps, charts.</summary>
[Collection(nameof(ResultsPortal))]
public sealed class LeadPagesTests(SharedPortal shared)
{
    private const string Csv = "text,category\nMy card is lost,card\nWhere is my money,money\nPay me,money\nHello,card\n";

    [Fact]
    public async Task Palette_ByKeys_OpensADataset_AndHelpSpeaksOfThePage()
    {
        await using var team = await shared.NewProjectAsync();
        await team.LeadApi.PublishAsync(team.ProjectId, "Quarterly tickets", "tickets.csv", SmallData.Csv());
        var lead = team.Lead;
        await lead.GoAsync($"/p/{team.ProjectId}/goals");
        await Expect(lead.Page).ToHaveTitleAsync(new Regex("^Goals · .+ · WebTrainer$"));

        await lead.Test("help-button").ClickAsync();
        await Expect(lead.Test("help")).ToContainTextAsync("95 % interval");
        // The dialog hears keys a moment after it is there to see.
        await Eventually.IsTrueAsync(
            async () =>
            {
                await lead.Page.Keyboard.PressAsync("Escape");
                return await lead.Test("help").CountAsync() == 0;
            },
            Patience.Server,
            () => "Escape doesn't close the help."
        );

        await lead.Page.Keyboard.PressAsync("Control+k");
        await lead.Page.Keyboard.TypeAsync("quarterly");
        await Expect(lead.Page.Locator(".palette [role=option]").First).ToContainTextAsync("Quarterly tickets");
        await lead.Page.Keyboard.PressAsync("Enter");
        await Expect(lead.Page).ToHaveURLAsync(new Regex("/data/[^/]+/v/"));
        await Expect(lead.Test("next-steps")).ToContainTextAsync("Ask for a run on it");
    }

    [Fact]
    public async Task AuditLog_SaysWhatWasDone_FiltersAndExports()
    {
        await using var team = await shared.NewProjectAsync();
        var lead = team.Lead;
        await lead.GoAsync($"/p/{team.ProjectId}/goals");
        await lead.Test("save-goal").ClickAsync();
        await Expect(lead.Test("goals")).ToBeVisibleAsync();
        await lead.GoAsync($"/p/{team.ProjectId}/audit");
        await Expect(lead.Test("audit")).ToContainTextAsync("set the goal");
        await lead.Test("audit-kind").SelectOptionAsync("member");
        await Expect(lead.Test("audit")).Not.ToContainTextAsync("set the goal");
        await lead.Test("audit-kind").SelectOptionAsync("goal");
        await Expect(lead.Page).ToHaveURLAsync(new Regex("kind=goal"));
        // The address changes before the page is drawn anew: what is downloaded is what the drawn link says.
        await Expect(lead.Test("audit-csv")).ToHaveAttributeAsync("href", new Regex("kind=goal"));
        await Expect(lead.Test("audit")).ToContainTextAsync("set the goal");
        var download = await lead.Page.RunAndWaitForDownloadAsync(() => lead.Test("audit-csv").ClickAsync());
        await using var stream = await download.CreateReadStreamAsync();
        using var reader = new StreamReader(stream);
        var lines = (await reader.ReadToEndAsync()).Trim().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Contains("set the goal", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ImportForm_Reloaded_IsAsItWasLeft_UntilOneBeginsAnew()
    {
        await using var team = await shared.NewProjectAsync();
        var lead = team.Lead;
        var upload = await team.LeadApi.UploadAsync(team.ProjectId, "messages.csv", Csv);
        await lead.GoAsync($"/p/{team.ProjectId}/data/import/{upload.GetProperty("id").GetGuid()}");
        var name = lead.Page.Locator("#dataset-name");
        await name.FillAsync("Letters of May");
        await name.BlurAsync();
        await Expect(lead.Page.Locator("body")).ToContainTextAsync("messages.csv");
        await Eventually.IsTrueAsync(
            async () =>
                (await lead.Page.EvaluateAsync<string>("() => JSON.stringify(Object.values(sessionStorage))")).Contains(
                    "Letters of May",
                    StringComparison.Ordinal
                ),
            Patience.Server,
            () => "the form was not kept"
        );
        await lead.Page.ReloadAsync();
        await Expect(lead.Test("restored")).ToBeVisibleAsync();
        await Expect(lead.Page.Locator("#dataset-name")).ToHaveValueAsync("Letters of May");
        await lead.Page.GetByText("Begin anew").ClickAsync();
        await Expect(lead.Page.Locator("#dataset-name")).ToHaveValueAsync("messages");
    }

    /// <summary>The chart's own script on the portal's page: values by keys, zoom, smoothing, and points that come later.</summary>
    [Fact]
    public async Task Chart_ReadByKeys_Zoomed_Smoothed_AndGrown()
    {
        await using var team = await shared.NewProjectAsync();
        var page = team.Lead.Page;
        await team.Lead.GoAsync($"/p/{team.ProjectId}");
        await page.EvaluateAsync(
            """
            () => {
              const host = document.createElement("div");
              host.id = "tried"; host.style.width = "600px";
              document.querySelector("main").prepend(host);
              const bytes = points => new Uint8Array(new Float64Array(points).buffer);
              webTrainer.chart.draw(host, { title: "Loss", unit: "nats", xTitle: "step", height: 220, words: { smooth: "Smoothing", log: "Log axis", whole: "Whole range", keys: "keys" },
                counts: [4], series: [{ name: "training", color: "red", quiet: false, dots: false }] }, bytes([1, 2, 3, 4, 8, 4, 2, 1]));
              webTrainer.chart.append(host, [1], bytes([5, 0.5]));
            }
            """
        );
        var plot = page.Locator("#tried .chart-plot");
        await Expect(page.Locator("#tried")).ToHaveAttributeAsync("data-points", "5");
        await Expect(page.Locator("#tried .legend b")).ToHaveTextAsync("0.5");
        await plot.FocusAsync();
        await page.Keyboard.PressAsync("Home");
        await Expect(page.Locator("#tried .legend")).ToContainTextAsync("step 1");
        await Expect(page.Locator("#tried .legend b")).ToHaveTextAsync("8");
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.Locator("#tried .legend b")).ToHaveTextAsync("4");
        await page.Keyboard.PressAsync("+");
        await Expect(page.Locator("#tried button", new() { HasText = "Whole range" })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("0");
        await Expect(page.Locator("#tried button", new() { HasText = "Whole range" })).ToBeHiddenAsync();

        // (0.5 · 8 + 4) / (0.5 + 1) = 5.333 at the second point.
        await page.Locator("#tried input[type=range]").FillAsync("0.5");
        await plot.FocusAsync();
        await page.Keyboard.PressAsync("Home");
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.Locator("#tried .legend b")).ToHaveTextAsync("5.333");
        await page.Locator("#tried .legend button").ClickAsync();
        await Expect(page.Locator("#tried .legend button")).ToHaveAttributeAsync("aria-pressed", "false");
    }
}
