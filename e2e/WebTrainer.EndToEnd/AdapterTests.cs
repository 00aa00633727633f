using System.Text.RegularExpressions;
using Microsoft.Playwright;
using WebTrainer.EndToEnd.Support;
using WebTrainer.Tests.Shared;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>An adapter that was trained elsewhere comes in, is tried on its base, answers, is judged and is tuned further.</summary>
[Collection(nameof(ResultsPortal))]
public sealed class AdapterTests(SharedPortal portal)
{
    private static readonly LocatorAssertionsToBeVisibleOptions s_whenTried = new() { Timeout = Patience.Job };

    [Fact]
    public async Task Adapter_IsBroughtInTriedAskedJudgedAndTunedFurther()
    {
        var team = await portal.NewProjectAsync();
        await team.LeadApi.PublishAsync(team.ProjectId, "Bank messages", "intents.csv", SmallData.Csv());
        var lead = team.Lead;
        await lead.GoAsync($"/p/{team.ProjectId}/models");
        var panel = lead.Test("bring-adapter");
        await Expect(panel.Locator("[data-test='drop-zone']")).ToBeVisibleAsync();
        await panel
            .Locator("input[type=file]")
            .SetInputFilesAsync(
                new FilePayload
                {
                    Name = "manners.zip",
                    MimeType = "application/zip",
                    Buffer = new TinyAdapter { Deviation = 0.1 }.Zip(),
                }
            );
        await Expect(panel).ToContainTextAsync("trained on “webtrainer-base-8m”");
        await lead.Page.FillAsync("#adapter-name", "Manners");
        await lead.ShowAsync("adapter-arrived");
        await lead.Test("import-adapter").ClickAsync();
        await Expect(lead.Test("tried")).ToBeVisibleAsync(s_whenTried);
        await Expect(lead.Test("tried-readings")).ToContainTextAsync("Persian");
        await lead.ShowAsync("adapter-run");
        var run = new Uri(lead.Page.Url).Segments[^1];

        await lead.Test("to-playground").ClickAsync();
        await lead.Page.FillAsync("#prompt", "Good morning!");
        await lead.Test("ask").ClickAsync();
        await Expect(lead.Page.GetByText(new Regex("\\d+ tokens, "))).ToHaveCountAsync(2, new() { Timeout = Patience.Job });

        await lead.GoAsync($"/p/{team.ProjectId}/evaluations?run={run}");
        await Expect(lead.Test("imported-data")).ToBeVisibleAsync();
        await lead.Page.FillAsync("#max-rows", "4");
        await lead.Page.Keyboard.PressAsync("Tab");
        await lead.ShowAsync("adapter-evaluation");
        await lead.Test("start-evaluation").ClickAsync();
        await Expect(lead.Test("evaluation-status")).ToBeVisibleAsync();
        var evaluation = new Uri(lead.Page.Url).Segments[^1];
        await team.LeadApi.UntilAsync($"projects/{team.ProjectId}/evaluations/{evaluation}", Patience.Work, "completed");

        await lead.GoAsync($"/p/{team.ProjectId}/models");
        await Expect(lead.Test("imported-adapters")).ToContainTextAsync("Manners");
        await lead.ShowAsync("adapter-list");
        await lead.GoAsync($"/p/{team.ProjectId}/compare?col=run:{run}&col=base:webtrainer-base-8m");
        await Expect(lead.Page.GetByText("manners.zip").First).ToBeVisibleAsync();
        await lead.ShowAsync("adapter-compare");
        await TuneFurtherAsync(team, run);
    }

    private static async Task TuneFurtherAsync(Team team, string start)
    {
        var lead = team.Lead;
        await lead.GoAsync($"/p/{team.ProjectId}/runs/{start}");
        await lead.Test("tune-further").ClickAsync();
        await Expect(lead.Test("goes-on-from")).ToContainTextAsync("Manners");
        await lead.ShowAsync("adapter-further");
        await lead.Test("submit-run").ClickAsync();
        await lead.Page.WaitForURLAsync(new Regex("/runs/[0-9a-f-]{36}$"));
        await Expect(lead.Page.GetByText("Goes on from").First).ToBeVisibleAsync();
        var path = $"projects/{team.ProjectId}/runs/{new Uri(lead.Page.Url).Segments[^1]}";
        var run = await team.LeadApi.GetAsync(path);
        Assert.Equal("run-1", run.GetProperty("spec").GetProperty("startsFrom").GetProperty("name").GetString());
        await team.SecondApi.PostAsync(path + "/approve", new { specSha256 = run.GetProperty("specSha256").GetString() });
        var ended = await team.LeadApi.UntilAsync(path, Patience.Work, "completed", "failed");
        Assert.Equal("completed", ended.GetProperty("status").GetString());
    }
}
