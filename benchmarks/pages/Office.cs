using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Playwright;

namespace WebTrainer.Benchmarks.Pages;

/// <summary>
/// A portal with all that its pages have to show: two leads, a dataset of 10,000 rows, two finished runs, their evaluation and a labeling
/// task. It is filled through pages and API alone, so that any version of the portal can be.
/// </summary>
internal sealed class Office : IAsyncDisposable
{
    private const string Password = "correct horse battery staple";
    private const int Rows = 10_000;
    private const int Labels = 20;
    private const int Steps = 60;
    private const int StepsWithoutEnd = 100_000;

    private readonly Portal _portal;
    private readonly string _project;
    private readonly Api _lead,
        _second;
    private string _version = "";

    private Office(string name, Portal portal, IPage page, string project, Api lead, Api second) =>
        (Name, _portal, Page, _project, _lead, _second) = (name, portal, page, project, lead, second);

    public string Name { get; }

    /// <summary>The lead's browser.</summary>
    public IPage Page { get; }

    public string Address => _portal.Address;

    /// <summary>Processor time that the portal has taken.</summary>
    public TimeSpan ProcessorTime => _portal.ProcessorTime;

    /// <summary>The pages that are measured; the same in each office, but for the ids in their addresses.</summary>
    public List<PageToShow> Pages { get; } = [];

    public static async Task<Office> OpenAsync(string name, string checkout, Browser browser)
    {
        var portal = await Portal.StartAsync(checkout);
        try
        {
            var office = await SettleAsync(name, portal, browser);
            await office.FillAsync();
            return office;
        }
        catch
        {
            await portal.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a training that outlasts the measurement; its page is measured too.</summary>
    public async Task TrainAsync()
    {
        var run = await StartRunAsync("under way", 0.001, StepsWithoutEnd);
        await _lead.UntilAsync($"runs/{run}", now => now.GetProperty("step").GetInt32() > 1);
        Pages.Add(
            new("A run that trains: first curve", $"/p/{_project}/runs/{run}", "[data-test=xy-chart] polyline, [data-test=xy-chart] canvas")
        );
    }

    public async ValueTask DisposeAsync()
    {
        _lead.Dispose();
        _second.Dispose();
        await _portal.DisposeAsync();
    }

    /// <summary>Two leads, who sign up as people do, and a project of theirs.</summary>
    private static async Task<Office> SettleAsync(string name, Portal portal, Browser browser)
    {
        var (lead, second) = (await browser.NewPersonAsync(), await browser.NewPersonAsync());
        await SignUpAsync(lead, await portal.SetUpLinkAsync(), "ada");
        var project = await MakeProjectAsync(lead);
        await lead.GotoAsync($"{portal.Address}/p/{project}/members");
        await ChooseAsync(lead, "invite-role", "Lead");
        await lead.ClickAsync("[data-test=invite]");
        await SignUpAsync(second, await lead.InnerTextAsync("[data-test=secret-value]"), "bo");
        await second.WaitForURLAsync(url => !url.Contains("/account/", StringComparison.Ordinal));
        var leadApi = new Api(portal.Address, project, await MakeTokenAsync(lead, portal.Address));
        var secondApi = new Api(portal.Address, project, await MakeTokenAsync(second, portal.Address));
        await second.Context.CloseAsync();
        return new Office(name, portal, lead, project, leadApi, secondApi);
    }

    private async Task FillAsync()
    {
        var (dataset, number) = await PublishAsync();
        string[] runs = [await StartRunAsync("gentle", 0.0015, Steps), await StartRunAsync("hasty", 0.006, Steps)];
        foreach (var run in runs)
        {
            await CompletedAsync($"runs/{run}");
        }

        var evaluation = Id(await _lead.PostAsync("evaluations", new { runIds = runs, maxRows = 20 }));
        await CompletedAsync($"evaluations/{evaluation}");
        await AskAsync();
        var project = $"/p/{_project}";
        Pages.AddRange([
            new("Overview: steps", project, "[data-test=steps] tbody tr"),
            new("Data: first rows", $"{project}/data/{dataset}/v/{number}", "[data-test=rows] tbody tr"),
            new("Run: first curve", $"{project}/runs/{runs[0]}", "[data-test=xy-chart] polyline, [data-test=xy-chart] canvas"),
            new("Evaluation: figures", $"{project}/evaluations/{evaluation}", "[data-test=figures] tbody tr"),
            new("Compare: figures", $"{project}/compare?col=run:{runs[0]}&col=run:{runs[1]}", "[data-test=comparison] tbody tr"),
            new("Labeling: tasks", $"{project}/labels", "[data-test=tasks] tbody tr"),
            new("Models: first model", $"{project}/models", "[data-test=model]"),
        ]);
    }

    private async Task<(string Dataset, int Number)> PublishAsync()
    {
        var text = new StringBuilder("text,label\n");
        for (var i = 0; i < Rows; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"message number {i} of a customer about {i % 977} cards,topic {i % Labels}\n");
        }

        var upload = Id(await _lead.UploadAsync("messages.csv", text.ToString()));
        var imported = await _lead.PostAsync("datasets", new { name = "Messages", uploadId = upload });
        var versions = $"datasets/{Id(imported, "datasetId")}/versions";
        var split = await _lead.PostAsync(
            $"{versions}/{imported.GetProperty("number").GetInt32()}/split",
            new { validation = 0.05, test = 0.05 }
        );
        var published = await _lead.PostAsync($"{versions}/{split.GetProperty("number").GetInt32()}/publish", new { });
        _version = Id(published);
        return (Id(imported, "datasetId"), published.GetProperty("number").GetInt32());
    }

    private async Task<string> StartRunAsync(string name, double learningRate, int steps)
    {
        var run = await _lead.PostAsync(
            "runs",
            new
            {
                name,
                datasetVersionId = _version,
                baseModel = "webtrainer-base-8m",
                training = new
                {
                    maxSteps = steps,
                    epochs = 1_000,
                    learningRate,
                    contextTokens = 128,
                },
            }
        );
        await _second.PostAsync($"runs/{Id(run)}/approve", new { specSha256 = run.GetProperty("specSha256").GetString() });
        return Id(run);
    }

    private Task CompletedAsync(string path) => _lead.UntilAsync(path, now => now.GetProperty("status").GetString() == "completed");

    private async Task AskAsync()
    {
        var me = (await _lead.GetAsync("labels/people"))[0].GetProperty("userId").GetString();
        await _lead.PostAsync(
            "labels",
            new
            {
                versionId = _version,
                name = "Which topic?",
                assignees = new[] { me },
                rules = new { overlap = 1, maxOverlap = 5 },
                rows = new { limit = 1_000 },
                questions = new[]
                {
                    new
                    {
                        key = "label",
                        kind = "Choose",
                        text = "Which?",
                        options = new[] { "a", "b", "c" },
                    },
                },
            }
        );
    }

    private static string Id(JsonElement made, string name = "id") => made.GetProperty(name).GetString()!;

    private static async Task SignUpAsync(IPage page, string link, string user)
    {
        await page.GotoAsync(link);
        await page.FillAsync("#user", user);
        await page.FillAsync("#name", user);
        await page.FillAsync("#password", Password);
        await page.ClickAsync("button[type=submit]");
    }

    private static async Task<string> MakeProjectAsync(IPage page)
    {
        await page.ClickAsync("[data-test=new-project] >> nth=0");
        await page.FillAsync("#project-name", "Messages");
        await page.ClickAsync("[data-test=create-project]");
        await page.WaitForSelectorAsync("[data-test=steps]");
        return new Uri(page.Url).Segments[^1];
    }

    private static async Task ChooseAsync(IPage page, string test, string entry)
    {
        await page.ClickAsync($".mud-select:has([data-test={test}]), [data-test={test}] >> nth=0");
        await page.ClickAsync($".mud-popover-open .mud-list-item:has-text('{entry}') >> nth=0");
        await page.WaitForSelectorAsync(".mud-popover-open .mud-list-item", new() { State = WaitForSelectorState.Detached });
    }

    private static async Task<string> MakeTokenAsync(IPage page, string address)
    {
        await page.GotoAsync(address + "/account/tokens");
        await page.FillAsync("#token-name", "pages");
        await page.ClickAsync("[data-test=create-token]");
        return await page.InnerTextAsync("[data-test=secret-value]");
    }
}

/// <summary>A page, and what must be on the screen for it to count as shown.</summary>
/// <param name="Path">Path and query of its address.</param>
/// <param name="Selector">CSS selector of the first row, curve or figure.</param>
internal sealed record PageToShow(string Name, string Path, string Selector);
