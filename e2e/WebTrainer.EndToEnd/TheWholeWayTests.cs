using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>Three people take a file to a better model: a lead, an expert who labels, and a second lead who approves.</summary>
public sealed class TheWholeWayTests
{
    private static readonly LocatorAssertionsToBeVisibleOptions s_whenTrained = new() { Timeout = Patience.Job };

    [Fact]
    public async Task FromAFileToABetterModel()
    {
        await using var portal = await PortalProcess.StartAsync();
        await using var chrome = await Chrome.LaunchAsync();
        var lead = await chrome.NewPersonAsync("ada", portal);
        var expert = await chrome.NewPersonAsync("eve", portal);
        var second = await chrome.NewPersonAsync("bo", portal);

        await lead.SetUpAsync();
        var project = await lead.MakeProjectAsync("Bank messages");
        await lead.ShowAsync("project");
        await expert.JoinAsync(await lead.InviteAsync(project, "Annotator"));
        await second.JoinAsync(await lead.InviteAsync(project, "Lead"));
        await lead.ShowAsync("members");
        await SetGoalAsync(lead, project);
        await ImportAsync(lead, project);
        await LabelAsync(lead, expert, second, project);
        await SplitAndPublishAsync(lead, project);
        await TrainAsync(lead, second, project);
        await EvaluateAsync(lead, project);
        await UseAsync(lead, project);
        await DeployAsync(lead, second, portal, project);
        await lead.GoAsync($"/p/{project}/audit");
        await Expect(lead.Test("audit")).ToContainTextAsync("approved run 1");
        await lead.ShowAsync("audit");
        foreach (var page in (string[])["environment", "models"])
        {
            await lead.GoAsync($"/p/{project}/{page}");
            await lead.ShowAsync(page);
        }

        // The expert sees the own work alone.
        await expert.GoAsync($"/p/{project}/runs");
        await Expect(expert.Test("refusal")).ToBeVisibleAsync();
    }

    private static async Task SetGoalAsync(Person lead, Guid project)
    {
        await lead.GoAsync($"/p/{project}/goals");
        await lead.Page.FillAsync("#goal-target", "10");
        await lead.Page.Keyboard.PressAsync("Tab");
        await lead.Test("save-goal").ClickAsync();
        await Expect(lead.Test("goals")).ToContainTextAsync("at least 10");
        await lead.ShowAsync("goals");
    }

    private static async Task ImportAsync(Person lead, Guid project)
    {
        await lead.GoAsync($"/p/{project}/data");
        await Expect(lead.Test("drop-zone")).ToBeVisibleAsync();
        await lead.ShowAsync("data-empty");
        await lead.Page.SetInputFilesAsync(
            "input[type=file]",
            new FilePayload
            {
                Name = "intents.csv",
                MimeType = "text/csv",
                Buffer = Encoding.UTF8.GetBytes(SmallData.Csv()),
            }
        );
        await Expect(lead.Test("preview")).ToBeVisibleAsync();
        await lead.ShowAsync("import");
        await lead.Test("import").ClickAsync();
        await Expect(lead.Test("rows")).ToBeVisibleAsync();
        await lead.ShowAsync("rows");
    }

    private static async Task LabelAsync(Person lead, Person expert, Person reviewer, Guid project)
    {
        await lead.GoAsync($"/p/{project}/labels/new");
        await lead.Page.FillAsync("#task-name", "Check the intents");
        await lead.Page.FillAsync("#task-question", "Which intent does the customer have?");
        await lead.Page.FillAsync("#task-limit", "3");
        await lead.Page.GetByRole(AriaRole.Checkbox, new() { NameRegex = new Regex("Eve") }).CheckAsync();
        await lead.ShowAsync("label-new");
        await lead.Test("create-task").ClickAsync();
        await lead.Page.WaitForURLAsync(new Regex("/labels/[0-9a-f-]{36}$"));
        var task = new Uri(lead.Page.Url).AbsolutePath;

        await expert.GoAsync(task + "/answer");
        await Expect(expert.Test("item")).ToBeVisibleAsync();
        await expert.ShowAsync("label-answer");
        await expert.GoAsync(task + "/answer"); // the keys are the item's again
        await Expect(expert.Test("item")).ToBeVisibleAsync();
        for (var i = 0; i < 3; i++)
        {
            var before = await expert.Test("count").First.InnerTextAsync();
            await expert.Page.Keyboard.PressAsync("1");
            await expert.Page.Keyboard.PressAsync("Enter");
            if (i < 2)
            {
                await Expect(expert.Test("count").First).Not.ToHaveTextAsync(before);
            }
        }

        await reviewer.GoAsync(task + "/review");
        await Expect(reviewer.Test("accept").First).ToBeVisibleAsync();
        await reviewer.ShowAsync("label-review");
        await reviewer.Test("accept").First.ClickAsync();
        await lead.GoAsync(task);
        await Expect(lead.Page.GetByText("Eve").First).ToBeVisibleAsync();
        await lead.ShowAsync("label-task");
    }

    private static async Task SplitAndPublishAsync(Person lead, Guid project)
    {
        await lead.GoAsync($"/p/{project}/data");
        await lead.ShowAsync("data");
        await lead.Test("datasets").GetByRole(AriaRole.Link).First.ClickAsync();
        await lead.Test("split").First.ClickAsync();
        await lead.Test("start-split").ClickAsync();
        await Expect(lead.Page).ToHaveURLAsync(new Regex("/v/2"));
        await lead.Test("publish").First.ClickAsync();
        await lead.Page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Publish", Exact = true }).ClickAsync();
        await Expect(lead.Test("published").First).ToBeVisibleAsync();
        await lead.ShowAsync("published");
    }

    private static async Task TrainAsync(Person lead, Person second, Guid project)
    {
        await lead.GoAsync($"/p/{project}/runs/new");
        await lead.Page.FillAsync("#run-name", "first try");
        await lead.Page.FillAsync("#run-max-steps", "30");
        await lead.Page.Keyboard.PressAsync("Tab");
        await lead.Test("plan").ClickAsync();
        await Expect(lead.Page.Locator(".token.learned").First).ToBeVisibleAsync(s_whenTrained);
        await lead.ShowAsync("run-new");
        await lead.Test("submit-run").ClickAsync();
        await Expect(lead.Test("approval")).ToContainTextAsync("Nobody approves their own run");
        var run = new Uri(lead.Page.Url).AbsolutePath;

        await second.GoAsync("/");
        await second.ShowAsync("home");
        await second.Page.GetByRole(AriaRole.Link, new() { NameRegex = new Regex("first try") }).First.ClickAsync();
        await Expect(second.Test("plan-of-run").Locator(".token.learned").First).ToBeVisibleAsync(s_whenTrained); // what is decided on
        await second.ShowAsync("run-approval");
        await second.Test("approve").ClickAsync();

        // The lead's page goes on by itself.
        await Expect(lead.Page.Locator("[data-test=run-status]").GetByText("completed")).ToBeVisibleAsync(s_whenTrained);
        await Expect(lead.Test("progress")).ToContainTextAsync("Step 30 of 30");
        await Expect(lead.Test("samples")).ToBeVisibleAsync();
        Assert.Equal(run, new Uri(lead.Page.Url).AbsolutePath);
        var download = await lead.Page.RunAndWaitForDownloadAsync(() => lead.Test("adapter").ClickAsync());
        using var zip = System.IO.Compression.ZipFile.OpenRead(await download.PathAsync());
        Assert.Equal(
            ["adapter_config.json", "adapter_model.safetensors"],
            zip.Entries.Select(e => e.FullName).Where(n => n.StartsWith("adapter_", StringComparison.Ordinal)).Order()
        );
        await lead.Test("repeat").ClickAsync();
        await Expect(lead.Test("repeats")).ToContainTextAsync("Nothing of its training is changed yet");
        await lead.Page.FillAsync("#run-max-steps", "40");
        await lead.Page.Keyboard.PressAsync("Tab");
        await Expect(lead.Test("repeats")).ToContainTextAsync("Most steps 30 → 40");
        await lead.ShowAsync("run-repeat");
        await lead.GoAsync($"/p/{project}/runs");
        await lead.ShowAsync("runs");
    }

    private static async Task EvaluateAsync(Person lead, Guid project)
    {
        await lead.GoAsync($"/p/{project}/runs");
        await lead.Page.GetByRole(AriaRole.Link, new() { Name = "first try" }).ClickAsync();
        await lead.Test("evaluate").ClickAsync();
        await lead.Test("start-evaluation").ClickAsync();
        await Expect(lead.Test("figures")).ToBeVisibleAsync(s_whenTrained);
        await Expect(lead.Test("figures")).ToContainTextAsync("base");
        await Expect(lead.Test("verdict").Locator("li")).ToHaveCountAsync(2); // against the base and the better simple method
        await Expect(lead.Test("examples").Locator("tbody tr").First).ToBeVisibleAsync();
        await lead.ShowAsync("evaluation");
        await lead.Test("figures").GetByRole(AriaRole.Link).First.ClickAsync(); // the run's own page says it too
        await Expect(lead.Test("verdict").Locator("li")).ToHaveCountAsync(2);
        await lead.ShowAsync("run");
        await lead.GoAsync($"/p/{project}/evaluations");
        await lead.ShowAsync("evaluations");
    }

    private static async Task UseAsync(Person lead, Guid project)
    {
        await lead.GoAsync($"/p/{project}/playground");
        await lead.Page.FillAsync("#prompt", "When will my new card arrive?");
        await lead.Test("ask").ClickAsync();
        await Expect(lead.Page.GetByText(new Regex("\\d+ tokens, "))).ToHaveCountAsync(2, new() { Timeout = Patience.Job });
        await lead.ShowAsync("playground");
    }

    /// <summary>Drafted and checked by one lead, approved and promoted by another, called by a program, watched.</summary>
    private static async Task DeployAsync(Person lead, Person second, PortalProcess portal, Guid project)
    {
        await lead.GoAsync($"/p/{project}/deploy");
        await lead.ShowAsync("deploy-empty");
        await lead.Test("new-endpoint").ClickAsync();
        await lead.Page.FillAsync("#endpoint-name", "bank-intents");
        await lead.Page.FillAsync("#endpoint-purpose", "Which department a message is for");
        await lead.ShowAsync("endpoint-new");
        await lead.Test("save-version").ClickAsync();
        await lead.Test("check").ClickAsync();
        await Expect(lead.Test("check-report")).ToContainTextAsync("serves what was trained", new() { Timeout = Patience.Job });
        await Expect(lead.Test("waits")).ToBeVisibleAsync();
        await lead.ShowAsync("endpoint-checked");
        var address = new Uri(lead.Page.Url).AbsolutePath;

        await second.GoAsync(address);
        await Expect(second.Test("evidence-card")).ToContainTextAsync("at least 10");
        await second.ShowAsync("endpoint-approval");
        await second.Page.FillAsync("#approve-reason", "There is nothing better yet.");
        await second.Test("approve").ClickAsync();
        await second.Test("promote").ClickAsync();
        await Expect(second.Page.GetByText("version 1, run 1")).ToBeVisibleAsync(new() { Timeout = Patience.Job });

        await lead.GoAsync($"/p/{project}/deploy");
        await lead.Page.FillAsync("#key-name", "batch job");
        await lead.Test("create-key").ClickAsync();
        await Expect(lead.Test("secret-value")).ToContainTextAsync("wtk_");
        await lead.ShowAsync("deploy");
        await CallAsync(portal, await lead.Test("secret-value").InnerTextAsync());

        await lead.GoAsync(address);
        await Expect(lead.Test("version-traffic").Locator("tbody tr")).ToHaveCountAsync(1);
        await lead.ShowAsync("endpoint-live");
        await lead.Test("requests").ClickAsync();
        await Expect(lead.Test("request-rows").Locator("tbody tr")).ToHaveCountAsync(3);
        await Expect(lead.Test("request-rows")).ToContainTextAsync("good");
        await lead.ShowAsync("requests");
        await SayInThePlaygroundAsync(lead, project);
        await lead.GoAsync(address + "/requests");
        await Expect(lead.Test("request-rows").GetByText("bad")).ToHaveCountAsync(1);
    }

    /// <summary>People ask the endpoint too, and what they say of its answer stands beside what programs say.</summary>
    private static async Task SayInThePlaygroundAsync(Person lead, Guid project)
    {
        await lead.GoAsync($"/p/{project}/playground");
        await lead.ChooseAsync("right-model", "bank-intents");
        await lead.Page.FillAsync("#prompt", "When will my new card arrive?");
        await lead.Test("ask").ClickAsync();
        await lead.Test("bad-right").ClickAsync(new() { Timeout = Patience.Job });
        await Expect(lead.Page.GetByText("Noted: bad.")).ToBeVisibleAsync();
        await lead.ShowAsync("playground-endpoint");
    }

    /// <summary>Three requests, feedback on the last, and a run's own name, which keys don't reach.</summary>
    private static async Task CallAsync(PortalProcess portal, string key)
    {
        using var http = new HttpClient { BaseAddress = new Uri(portal.Address), Timeout = Patience.Work };
        http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        var messages = new[] { new { role = "user", content = "When will my new card arrive?" } };
        var answered = "";
        for (var i = 0; i < 3; i++)
        {
            using var response = await http.PostAsJsonAsync("/v1/chat/completions", new { model = "bank-intents", messages });
            response.EnsureSuccessStatusCode();
            answered = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        }

        using var said = await http.PostAsJsonAsync("/v1/feedback", new { request_id = answered, good = true });
        Assert.Equal(HttpStatusCode.OK, said.StatusCode);
        using var unknown = await http.PostAsJsonAsync("/v1/feedback", new { request_id = "chatcmpl-0", good = true });
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        using var run = await http.PostAsJsonAsync("/v1/chat/completions", new { model = "run-1", messages });
        Assert.Equal(HttpStatusCode.NotFound, run.StatusCode);
        Assert.Contains("bank-intents", await run.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
