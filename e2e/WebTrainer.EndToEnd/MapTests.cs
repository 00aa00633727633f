using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>Vectors and the map of a version in the browser: made, coloured, moved, drawn around, and rows looked for by meaning.</summary>
[Collection(nameof(DataPortal))]
public sealed class MapTests(SharedPortal shared)
{
    private const int ManyRows = 100_000;
    private const int Frames = 120;

    [Fact]
    public async Task Map_IsMade_DrawnAround_AndRowsAreFoundByMeaning()
    {
        await using var team = await shared.NewProjectAsync();
        var (lead, audit) = (team.Lead, new PageAudit(team));
        var (version, _) = await VersionAsync(team, SmallData.Csv());
        await lead.GoAsync(version + "?tab=map");
        await lead.Test("make-vectors").ClickAsync();
        var canvas = lead.Test("map-canvas").Locator("canvas");
        await Expect(canvas).ToHaveAttributeAsync("data-frames", new Regex("[0-9]+"), new() { Timeout = Patience.Job });
        await Expect(lead.Test("kept-vectors")).ToContainTextAsync("built-in");
        await audit.CheckAsync("map", "data-map");

        await canvas.FocusAsync();
        await lead.Page.Keyboard.PressAsync("+");
        await lead.Page.Keyboard.PressAsync("ArrowLeft");
        await lead.Page.Keyboard.PressAsync("0");
        await lead.Test("find-far").ClickAsync();
        await Expect(lead.Test("coverage")).ToContainTextAsync("test row");

        await canvas.EvaluateAsync("canvas => canvas.scrollIntoView({ block: 'center' })"); // free of the bar on top
        var box = (await canvas.BoundingBoxAsync())!;
        var (x, y) = (box.X + (box.Width / 2), box.Y + (box.Height / 2));
        await lead.Page.Keyboard.DownAsync("Shift");
        await lead.Page.Mouse.MoveAsync(x - 230, y - 230);
        await lead.Page.Mouse.DownAsync();
        foreach (var (right, down) in ((float, float)[])[(230, -230), (230, 230), (-230, 230), (-230, -220)])
        {
            await lead.Page.Mouse.MoveAsync(x + right, y + down, new() { Steps = 4 });
        }

        await lead.Page.Mouse.UpAsync();
        await lead.Page.Keyboard.UpAsync("Shift");
        await Expect(lead.Page).ToHaveURLAsync(new Regex("area="));
        await Expect(lead.Test("area-filter")).ToBeVisibleAsync();
        await Expect(lead.Test("row-count")).ToHaveTextAsync(new Regex("^[1-9]"));

        await lead.GoAsync(version + "?by=meaning&filter=my%20card%20has%20not%20come");
        await Expect(lead.Test("meaning-state")).ToContainTextAsync("nearest");
        await audit.CheckAsync("rows by meaning", "data-rows-meaning");
        audit.AssertQuiet();
    }

    /// <summary>What the map of 100,000 rows takes, and how it moves; both are said in the test's output.</summary>
    [Fact]
    [Trait(Traits.Category, Traits.BeforeRelease)]
    public async Task Map_Of100000Rows_IsMadeInAMinute_AndMovesSmoothly()
    {
        await using var team = await shared.NewProjectAsync();
        var (version, api) = await VersionAsync(team, Many());
        var watch = Stopwatch.StartNew();
        await team.LeadApi.PostAsync(api + "/vectors", new { });
        var made = watch.Elapsed;
        await team.Lead.GoAsync(version + "?tab=map");
        var canvas = team.Lead.Test("map-canvas").Locator("canvas");
        await Expect(canvas).ToHaveAttributeAsync("data-frames", new Regex("[0-9]+"), new() { Timeout = Patience.Job });
        var perSecond = await canvas.EvaluateAsync<double>(
            """
            async (canvas, frames) => {
              const first = Number(canvas.dataset.frames), begun = performance.now(), box = canvas.getBoundingClientRect();
              for (let i = 0; i < frames; i++) {
                canvas.dispatchEvent(i % 2
                  ? new WheelEvent("wheel", { deltaY: i % 40 < 20 ? -1 : 1, clientX: box.x + 100, clientY: box.y + 100, cancelable: true })
                  : new KeyboardEvent("keydown", { key: i % 4 ? "ArrowLeft" : "ArrowDown", cancelable: true }));
                await new Promise(requestAnimationFrame);
              }
              return (Number(canvas.dataset.frames) - first) / (performance.now() - begun) * 1000;
            }
            """,
            Frames
        );
        TestContext.Current.TestOutputHelper!.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"vectors and map of {ManyRows:N0} rows: {made.TotalSeconds:0.0} s; {perSecond:0.0} frames/s"
            )
        );
        Assert.InRange(perSecond, 30, 1_000);
    }

    /// <returns>Addresses of a published version: its page, and what the API has it under.</returns>
    private static async Task<(string Page, string Api)> VersionAsync(Team team, string csv)
    {
        await team.LeadApi.PublishAsync(team.ProjectId, "Intents", "intents.csv", csv);
        var dataset = (await team.LeadApi.GetAsync($"projects/{team.ProjectId}/datasets"))[0].GetProperty("id").GetGuid();
        return ($"/p/{team.ProjectId}/data/{dataset}/v/2", $"projects/{team.ProjectId}/datasets/{dataset}/versions/2");
    }

    /// <summary>Rows of forty topics, no two alike.</summary>
    private static string Many()
    {
        var text = new StringBuilder("text,label\n");
        var random = new Random(7);
        for (var i = 0; i < ManyRows; i++)
        {
            var topic = random.Next(40);
            text.Append(
                CultureInfo.InvariantCulture,
                $"please tell me about thing{topic} and word{(topic * 7) + random.Next(9)} or part{topic}x{random.Next(9)} in case {i},topic{topic}\n"
            );
        }

        return text.ToString();
    }
}
