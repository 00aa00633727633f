using System.Text.RegularExpressions;
using Microsoft.Playwright;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>Two runs and their evaluation on the comparison page: from the list of runs to a labeling task of what got worse.</summary>
[Collection(nameof(ResultsPortal))]
public sealed class ComparisonTests(SharedPortal shared)
{
    [Fact]
    public async Task TwoRuns_FromTheirCurvesToTheRowsThatDiffer()
    {
        await using var team = await shared.NewProjectAsync();
        var version = await team.LeadApi.PublishAsync(team.ProjectId, "Intents", "intents.csv", SmallData.Csv());
        Guid[] runs =
        [
            await team.StartRunAsync(
                version,
                new
                {
                    maxSteps = 30,
                    epochs = 100,
                    learningRate = 0.0015,
                    contextTokens = 128,
                },
                "gentle"
            ),
            await team.StartRunAsync(
                version,
                new
                {
                    maxSteps = 12,
                    epochs = 100,
                    learningRate = 0.006,
                    contextTokens = 128,
                },
                "hasty"
            ),
        ];
        foreach (var run in runs)
        {
            await team.LeadApi.UntilAsync($"projects/{team.ProjectId}/runs/{run}", Patience.Work, "completed");
        }

        var evaluation = (await team.LeadApi.PostAsync($"projects/{team.ProjectId}/evaluations", new { runIds = runs, maxRows = 30 }))
            .GetProperty("id")
            .GetGuid();
        await team.LeadApi.UntilAsync($"projects/{team.ProjectId}/evaluations/{evaluation}", Patience.Work, "completed");

        var page = team.Lead.Page;
        await team.Lead.GoAsync($"/p/{team.ProjectId}/runs/compare?run={runs[0]}&run={runs[1]}"); // the old address
        await Expect(page).ToHaveURLAsync(new Regex($"/compare\\?col=run"));
        await Expect(team.Lead.Test("column")).ToHaveCountAsync(2);
        var all = await team.Lead.Test("comparison").Locator("tbody tr").CountAsync();
        await team.Lead.Test("only-differs").ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("differs=True", RegexOptions.IgnoreCase));
        await Expect(team.Lead.Test("comparison")).Not.ToContainTextAsync("Weight decay");
        await Expect(team.Lead.Test("comparison")).ToContainTextAsync("Learning rate");
        Assert.True(await team.Lead.Test("comparison").Locator("tbody tr").CountAsync() < all);
        await team.Lead.Test("x-Tokens").ClickAsync();
        await Expect(page.GetByLabel("Training loss over tokens learned from")).ToBeVisibleAsync();
        await team.Lead.ShowAsync("compare-runs");

        await team.Lead.GoAsync($"/p/{team.ProjectId}/evaluations/{evaluation}");
        await team.Lead.Test("compare-results").ClickAsync();
        await Expect(team.Lead.Test("tests").Locator("tbody tr").First).ToBeVisibleAsync();
        await team.Lead.Test("show").SelectOptionAsync("BothWrong");
        await Expect(page).ToHaveURLAsync(new Regex("show=BothWrong"));
        await Expect(team.Lead.Test("pairs").Locator("tbody tr").First).ToBeVisibleAsync();
        await team.Lead.ShowAsync("compare-results");
        var csv = await page.RunAndWaitForDownloadAsync(() => team.Lead.Test("csv").ClickAsync());
        Assert.Contains("\"Learning rate\"", await File.ReadAllTextAsync(await csv.PathAsync()), StringComparison.Ordinal);
        var json = await team.LeadApi.GetAsync(
            $"projects/{team.ProjectId}/comparison.json?col=result:{evaluation}:base&col=result:{evaluation}:run-1"
        );
        Assert.Equal(3, json.GetProperty("pairs")[0].GetProperty("tests").GetArrayLength());

        await team.Lead.Test("send-to-labeling").ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("/labels/[0-9a-f-]{36}$"));
        await Expect(page.GetByText("paused").First).ToBeVisibleAsync();
    }
}
