using System.Text.RegularExpressions;
using Microsoft.Playwright;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>
/// A search over settings in the browser: handed in by one lead, approved by another, with real trials, a kill in the middle, and a run of
/// the best.
/// </summary>
[Collection(nameof(ResultsPortal))]
public sealed class SearchTests(SharedPortal shared)
{
    private const int Trials = 7;

    [Fact]
    public async Task Search_FromTheFormToARunOfTheBest()
    {
        await using var team = await shared.NewProjectAsync();
        await team.LeadApi.PublishAsync(team.ProjectId, "Intents", "intents.csv", SmallData.Csv());
        await SubmitAsync(team);
        var address = new Uri(team.Lead.Page.Url).AbsolutePath;
        await Expect(team.Lead.Test("approval")).ToContainTextAsync("Nobody approves their own search");

        await team.SecondLead.GoAsync("/");
        await team.SecondLead.Page.GetByRole(AriaRole.Link, new() { NameRegex = new Regex("rates and ranks") }).ClickAsync();
        await team.SecondLead.ShowAsync("search-approval");
        await team.SecondLead.Test("approve").ClickAsync();

        // The lead's page goes on by itself; the portal is killed on the way, and the search goes on where it was.
        await Expect(team.Lead.Test("trials-done")).ToContainTextAsync(new Regex("^[1-9]"), new() { Timeout = Patience.Job });
        await team.Portal.KillAsync();
        await team.Portal.RestartAsync();
        await team.Lead.GoAsync(address);
        await Expect(team.Lead.Test("trials-done")).ToContainTextAsync($"{Trials} of {Trials} trials", new() { Timeout = Patience.Job });
        await Expect(team.Lead.Test("trials").Locator("tbody tr")).ToHaveCountAsync(Trials);
        await Expect(team.Lead.Test("importance").Locator("tr").First).ToBeVisibleAsync();
        await team.Lead.ShowAsync("search");
        await FilterAsync(team.Lead);

        await team.Lead.Test("run-best").ClickAsync();
        await Expect(team.Lead.Page).ToHaveURLAsync(new Regex("/runs/[0-9a-f-]{36}$"));
        await Expect(team.Lead.Test("approval")).ToBeVisibleAsync();
        await team.Lead.GoAsync($"/p/{team.ProjectId}/searches");
        await Expect(team.Lead.Test("searches-table")).ToContainTextAsync("completed");
        await team.Lead.ShowAsync("searches");
    }

    private static async Task SubmitAsync(Team team)
    {
        var page = team.Lead.Page;
        await team.Lead.GoAsync($"/p/{team.ProjectId}/searches");
        await team.Lead.Test("new-search").ClickAsync();
        await page.FillAsync("#search-name", "rates and ranks");
        await page.FillAsync("#search-rows", "64");
        await page.FillAsync("#search-validations", "2");
        await page.FillAsync("#search-trials", $"{Trials}");
        await page.FillAsync("#search-budget", "30");
        await page.Keyboard.PressAsync("Tab");
        await team.Lead.Test("on-alpha").UncheckAsync();
        await team.Lead.Test("on-schedule").CheckAsync();
        await team.Lead.Test("high-rank").FillAsync("16");
        await team.Lead.ShowAsync("search-new");
        await team.Lead.Test("submit-search").ClickAsync();
        await page.WaitForURLAsync(new Regex("/searches/[0-9a-f-]{36}$"));
    }

    // A stretch of an axis keeps some lines, in the table too, and stands in the address; a reader of the address sees the same.
    private static async Task FilterAsync(Person lead)
    {
        await lead.Test("axis-result").ScrollIntoViewIfNeededAsync();
        var axis = (await lead.Test("axis-result").BoundingBoxAsync())!;
        await lead.Page.Mouse.MoveAsync(axis.X + axis.Width / 2, axis.Y + axis.Height - 2);
        await lead.Page.Mouse.DownAsync();
        await lead.Page.Mouse.MoveAsync(axis.X + axis.Width / 2, axis.Y + axis.Height / 2, new() { Steps = 5 });
        await lead.Page.Mouse.UpAsync();
        await Expect(lead.Page).ToHaveURLAsync(new Regex("keep=result"));
        await Expect(lead.Test("clear-brush")).ToBeVisibleAsync();
        var kept = await lead.Test("trials").Locator("tbody tr").CountAsync();
        Assert.InRange(kept, 1, Trials - 1);
        await lead.ShowAsync("search-kept");
        await lead.Test("trials").GetByRole(AriaRole.Button, new() { Name = "Validation loss" }).ClickAsync();
        await Expect(lead.Page).ToHaveURLAsync(new Regex("sort=value"));
        await lead.Page.ReloadAsync();
        await Expect(lead.Test("trials").Locator("tbody tr")).ToHaveCountAsync(kept);
        await Expect(lead.Test("trials").Locator("tbody tr").First).ToHaveClassAsync("active"); // the best is first
    }
}
