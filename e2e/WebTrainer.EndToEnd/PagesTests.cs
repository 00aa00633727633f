using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>Every page, light and dark: axe finds nothing serious, no script fails, nothing is loaded from elsewhere.</summary>
public sealed class PagesTests
{
    private static readonly string[] s_serious = ["serious", "critical"];

    [Fact]
    public async Task EveryPage_LightAndDark_IsAccessibleAndQuiet()
    {
        await using var team = await Team.AssembleAsync();
        var page = team.Lead.Page;
        var faults = new List<string>();
        page.PageError += (_, error) => faults.Add($"{page.Url}: {error}");
        page.Console += (_, message) => Note(message, faults);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(team.Portal.Address, StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
                faults.Add("asked elsewhere: " + request.Url);
        };
        var version = await team.LeadApi.PublishAsync(team.ProjectId, "Intents", "intents.csv", SmallData.Csv());
        var run = await team.LeadApi.PostAsync(
            $"projects/{team.ProjectId}/runs", new { name = "to approve", datasetVersionId = version, baseModel = "webtrainer-base-8m" });
        var dataset = (await team.LeadApi.GetAsync($"projects/{team.ProjectId}/datasets"))[0].GetProperty("id").GetGuid();
        var project = $"/p/{team.ProjectId}";
        var task = await LabelingTests.NewTaskAsync(team.LeadApi, team.ProjectId, version);
        string[] paths =
        [
            "/", project, project + "/goals", project + "/data", $"{project}/data/{dataset}/v/2", $"{project}/data/{dataset}/v/2/clean", $"{project}/data/{dataset}/v/2?tab=compare", $"{project}/data/{dataset}/v/2?tab=sheet", $"{project}/data/{dataset}/v/2?tab=bias", $"{project}/data/{dataset}/v/2?tab=lineage", project + "/data/sources", project + "/environment", project + "/models",
            project + "/runs", project + "/runs/new", $"{project}/runs/{run.GetProperty("id").GetGuid()}", project + "/evaluations", project + "/playground",
            project + "/deploy", project + "/labels", project + "/labels/new", project + "/labels/compare", project + "/labels/weak", $"{project}/labels/{task}", $"{project}/labels/{task}/answer", $"{project}/labels/{task}/bulk", $"{project}/labels/{task}/review", project + "/members", project + "/audit", "/account/tokens", "/admin/users", "/admin/audit",
        ];
        foreach (var path in paths)
        {
            await team.Lead.GoAsync(path);
            if (!await IsLoadedAsync(page))
                faults.Add(path + " is still loading");
            foreach (var theme in (string[])["light", "dark"])
            {
                await team.Lead.UseThemeAsync(theme);
                await CheckAsync(page, $"{path} {theme}", faults);
            }
        }

        foreach (var path in (string[])["/account/sign-in", "/account/denied", "/account/password"])
        {
            await team.Lead.GoAsync(path);
            await CheckAsync(page, path, faults);
        }

        await page.GotoAsync(team.Portal.Address + "/scalar/v1");
        await Expect(page.GetByText("Create a project that you lead").First).ToBeVisibleAsync();
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static async Task<bool> IsLoadedAsync(IPage page)
    {
        try
        {
            await Expect(page.Locator("[aria-busy=true]:not([role=progressbar])")).ToHaveCountAsync(0);
            return true;
        }
        catch (PlaywrightException)
        {
            return false; // told with the page's path, beside the other faults
        }
    }

    private static void Note(IConsoleMessage message, List<string> faults)
    {
        if (message.Type == "error")
            faults.Add("console: " + message.Text);
    }

    private static async Task CheckAsync(IPage page, string name, List<string> faults)
    {
        await Person.SettledAsync(page);
        var result = await page.RunAxe();
        faults.AddRange(result.Violations.Where(v => s_serious.Contains(v.Impact))
            .Select(v => $"{name}: {v.Id} ({v.Help}): {string.Join(" | ", v.Nodes.Take(2).Select(n => n.Html[..Math.Min(n.Html.Length, 160)]))}"));
    }
}
