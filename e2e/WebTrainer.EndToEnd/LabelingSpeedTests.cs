using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>
/// What an annotator waits between two items, and what one costs the server; figures go to <c>artifacts/labeling-speed.csv</c>.
/// </summary>
[Trait(Traits.Category, Traits.BeforeRelease)]
public sealed class LabelingSpeedTests
{
    private const int Answers = 60;
    private const int Pages = 20;
    private const double MaxMedianMilliseconds = 500; // what a person would call slow, on a machine that does other things too

    [Fact]
    public async Task KeystrokeToNextItem_AndMemoryOfAnAnnotator()
    {
        await using var team = await Team.AssembleAsync();
        var version = await team.LeadApi.PublishAsync(team.ProjectId, "Intents", "intents.csv", SmallData.Csv());
        var task = await LabelingTests.NewTaskAsync(team.LeadApi, team.ProjectId, version, 150);
        var page = team.Lead.Page;
        await team.Lead.GoAsync($"/p/{team.ProjectId}/labels/{task}/answer");
        await Expect(team.Lead.Test("interactive")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-item]")).ToBeVisibleAsync();
        var times = new List<double>();
        for (var i = 0; i < Answers; i++)
        {
            await page.Keyboard.PressAsync("1");
            await Expect(page.Locator("[aria-checked=true]")).ToHaveCountAsync(1);

            // From the key in the browser to the next item drawn in it.
            times.Add(
                await page.EvaluateAsync<double>(
                    """
                    () => new Promise(resolve => {
                      const before = document.querySelector("[data-item]").dataset.item, started = performance.now();
                      const look = () => document.querySelector("[data-item]")?.dataset.item !== before ? resolve(performance.now() - started) : requestAnimationFrame(look);
                      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", code: "Enter", bubbles: true, cancelable: true }));
                      look();
                    })
                    """
                )
            );
        }

        await Expect(team.Lead.Test("count")).ToHaveTextAsync(new Regex($"^{Answers} of "));
        var before = team.Portal.ResidentBytes();
        var context = page.Context;
        for (var i = 0; i < Pages; i++)
        {
            var other = await context.NewPageAsync();
            await other.GotoAsync(page.Url);
            await Expect(other.Locator("[data-test=interactive]")).ToBeVisibleAsync();
        }

        var each = (team.Portal.ResidentBytes() - before) / (double)Pages / 1e6;
        times.Sort();
        var folder = Directory.CreateDirectory(Path.Combine(PortalProcess.RepositoryRoot, "artifacts"));
        await File.WriteAllLinesAsync(
            Path.Combine(folder.FullName, "labeling-speed.csv"),
            [
                "figure,value",
                Line("keystroke to next item, median ms", times[times.Count / 2]),
                Line("keystroke to next item, p95 ms", times[(int)(0.95 * times.Count)]),
                Line("memory a connected annotator, MB", each),
            ]
        );
        Assert.True(times[times.Count / 2] < MaxMedianMilliseconds, $"The median is {times[times.Count / 2]:F0} ms.");
    }

    private static string Line(string figure, double value) => string.Create(CultureInfo.InvariantCulture, $"\"{figure}\",{value:F1}");
}
