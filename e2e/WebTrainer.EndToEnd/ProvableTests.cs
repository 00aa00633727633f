using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>
/// A project with a policy is refused twice, meets it, trains privately, deploys, and hands an auditor a pack that proves itself; then
/// somebody changes the log in its file.
/// </summary>
public sealed class ProvableTests
{
    private const int Steps = 6;

    [Fact]
    [Trait(Traits.Category, Traits.BeforeRelease)]
    public async Task APolicyIsMet_AndThePackProvesIt_UntilTheLogIsChanged()
    {
        await using var team = await Team.AssembleAsync();
        var (lead, project) = (team.Lead, $"projects/{team.ProjectId}");
        var third = await team.Chrome.NewPersonAsync("cy", team.Portal);
        await third.JoinAsync(await lead.InviteAsync(team.ProjectId, "Lead"));
        using var thirdApi = new Api(team.Portal, await third.MakeTokenAsync());
        await SetPolicyAsync(team);

        var version = await PrepareDataAsync(team);
        var run = await TrainAsync(team, thirdApi, version);
        var (deployment, served) = await DeployAsync(team, thirdApi, run);
        await CheckPackAsync(team, deployment, served);

        await TamperAsync(team.Portal, run);
        await lead.GoAsync($"/p/{team.ProjectId}/audit");
        await lead.Test("audit-verify").ClickAsync();
        await Expect(lead.Test("audit-report")).ToContainTextAsync(new Regex(@"Entry \d+ was changed after it was written"));
        await lead.ShowAsync("audit-changed");
        Assert.Contains(
            "was changed",
            await RefusedAsync(team, HttpMethod.Get, $"{project}/runs/{run}/evidence-pack"),
            StringComparison.Ordinal
        );
    }

    private static async Task SetPolicyAsync(Team team)
    {
        var lead = team.Lead;
        await lead.GoAsync($"/p/{team.ProjectId}/policy");
        await lead.Page.FillAsync("#policy-epsilon", "3");
        await lead.Page.Keyboard.PressAsync("Tab");
        await lead.Test("policy-personal").First.ClickAsync();
        await lead.Test("policy-two").First.ClickAsync();
        await lead.Test("save-policy").ClickAsync();
        await Expect(lead.Page.GetByText("The policy is saved")).ToBeVisibleAsync();
        await lead.ShowAsync("policy");
    }

    /// <summary>Refused with mail addresses in it, published once they are masked.</summary>
    private static async Task<Guid> PrepareDataAsync(Team team)
    {
        var (api, project) = (team.LeadApi, $"projects/{team.ProjectId}");
        var rows = SmallData.Csv().Replace(" card ", " card of eve@example.org ", StringComparison.Ordinal);
        var upload = await api.UploadAsync(team.ProjectId, "messages.csv", rows);
        var imported = await api.PostAsync($"{project}/datasets", new { name = "messages", uploadId = upload.GetProperty("id").GetGuid() });
        var dataset = $"{project}/datasets/{imported.GetProperty("datasetId").GetGuid()}";
        await api.PostAsync($"{dataset}/versions/1/split", new { validation = 0.1, test = 0.2 });
        var refusal = await RefusedAsync(team, HttpMethod.Post, $"{dataset}/versions/2/publish");
        Assert.Matches(@"\d+ rows of messages v2 hold personal data.*Clean it with the step “Personal data”", refusal);
        await api.PostAsync($"{dataset}/versions/2/clean", new { steps = new[] { new { step = "personalData" } } });
        var published = await api.PostAsync($"{dataset}/versions/3/publish");
        if (published.GetProperty("leaks").GetProperty("rows").GetInt64() > 0)
        {
            await api.PostAsync($"{dataset}/versions/3/leaks/accept", new { reason = "The texts repeat set phrases." });
        }

        return published.GetProperty("id").GetGuid();
    }

    /// <summary>Refused without a budget; approved by two others, and its page shows ε.</summary>
    private static async Task<Guid> TrainAsync(Team team, Api third, Guid version)
    {
        var project = $"projects/{team.ProjectId}";
        var refusal = await RefusedAsync(
            team,
            HttpMethod.Post,
            $"{project}/runs",
            new
            {
                name = "open",
                datasetVersionId = version,
                baseModel = "webtrainer-base-8m",
                training = new { maxSteps = Steps },
            }
        );
        Assert.Contains("Set “Privacy budget (ε)” in the run's settings", refusal, StringComparison.Ordinal);
        var lead = team.Lead;
        await lead.GoAsync($"/p/{team.ProjectId}/runs/new");
        await lead.Page.FillAsync("#run-name", "private");
        await lead.Page.FillAsync("#run-max-steps", Steps.ToString());
        await lead.Page.Keyboard.PressAsync("Tab");
        await lead.Test("more-settings").Locator("summary").ClickAsync();
        await lead.Page.FillAsync("#run-epsilon", "3");
        await lead.Page.Keyboard.PressAsync("Tab");
        await Expect(lead.Page.Locator("#run-clip-norm")).ToBeVisibleAsync();
        await lead.Test("submit-run").ClickAsync();
        await Expect(lead.Test("approval")).ToContainTextAsync("Nobody approves their own run");
        var run = Guid.Parse(new Uri(lead.Page.Url).Segments[^1]);
        var made = await team.LeadApi.GetAsync($"{project}/runs/{run}");
        var approval = new { specSha256 = made.GetProperty("specSha256").GetString() };
        await team.SecondApi.PostAsync($"{project}/runs/{run}/approve", approval);
        Assert.Equal("submitted", (await team.LeadApi.GetAsync($"{project}/runs/{run}")).GetProperty("status").GetString());
        await third.PostAsync($"{project}/runs/{run}/approve", approval);

        // the page goes on by itself
        await Expect(lead.Test("run-privacy")).ToContainTextAsync("ε spent up to step", new() { Timeout = Patience.Job });
        await Expect(team.Lead.Test("run-status").GetByText("completed")).ToBeVisibleAsync(new() { Timeout = Patience.Job });
        await Expect(team.Lead.Test("run-privacy")).ToContainTextAsync($"ε spent up to step {Steps}, of 3");
        await team.Lead.ShowAsync("run-private");
        return run;
    }

    private static async Task<(Guid Deployment, Guid Version)> DeployAsync(Team team, Api third, Guid run)
    {
        var project = $"projects/{team.ProjectId}";
        var made = await team.LeadApi.PostAsync(
            $"{project}/deployments",
            new { name = "private-intents", version = new { runId = run, maxTokens = 8 } }
        );
        var (deployment, draft) = (made.GetProperty("id").GetGuid(), made.GetProperty("versions")[0]);
        var version = draft.GetProperty("id").GetGuid();
        var address = $"{project}/deployments/{deployment}/versions/{version}";
        await team.LeadApi.PostAsync($"{address}/check");
        var approval = new { settingsSha256 = draft.GetProperty("settingsSha256").GetString() };
        var first = await team.SecondApi.PostAsync($"{address}/approve", approval);
        Assert.Equal("checked", first.GetProperty("versions")[0].GetProperty("state").GetString());
        await third.PostAsync($"{address}/approve", approval);
        await team.LeadApi.PostAsync($"{address}/promote");
        return (deployment, version);
    }

    private static async Task CheckPackAsync(Team team, Guid deployment, Guid version)
    {
        var lead = team.Lead;
        await lead.GoAsync($"/p/{team.ProjectId}/deploy/{deployment}");
        await lead.Test("evidence-page").ClickAsync();
        await Expect(lead.Test("evidence-text")).ToContainTextAsync("All runs on messages v3 tell at most ε 3");
        await lead.ShowAsync("evidence");
        var download = await lead.Page.RunAndWaitForDownloadAsync(() => lead.Test("pack").ClickAsync());
        var folder = Directory.CreateTempSubdirectory("webtrainer-pack-").FullName;
        await ZipFile.ExtractToDirectoryAsync(await download.PathAsync(), folder);
        Assert.Contains("The pack is whole", await RunAsync("bash", Path.Combine(folder, "verify.sh")), StringComparison.Ordinal);
        Assert.Equal(
            await File.ReadAllBytesAsync(await download.PathAsync()),
            await team.LeadApi.DownloadAsync($"projects/{team.ProjectId}/deployments/{deployment}/versions/{version}/evidence-pack")
        );
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>As somebody does who has the server's disk, with the program sqlite3.</summary>
    private static async Task TamperAsync(PortalProcess portal, Guid run) =>
        await RunAsync(
            "sqlite3",
            "-cmd",
            ".timeout 10000",
            Path.Combine(portal.DataFolder, "webtrainer.db"),
            $"DROP TRIGGER Audit_NoUpdate; UPDATE Audit SET UserName = 'Somebody else' WHERE Action = 'run.approved' AND Subject = '{run}';"
        );

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var (said, failed) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await said + await failed);
        return await said;
    }

    /// <returns>The sentence of the refusal.</returns>
    private static async Task<string> RefusedAsync(Team team, HttpMethod method, string path, object? body = null)
    {
        using var http = new HttpClient { BaseAddress = new Uri(team.Portal.Address + "/api/v1/"), Timeout = Patience.Server };
        http.DefaultRequestHeaders.Authorization = new("Bearer", team.LeadToken);
        using var request = new HttpRequestMessage(method, path)
        {
            Content = method == HttpMethod.Get ? null : JsonContent.Create(body ?? new { }),
        };
        using var response = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("title").GetString()!;
    }
}
