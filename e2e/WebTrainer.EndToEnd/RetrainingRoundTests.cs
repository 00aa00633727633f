using System.ClientModel;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using OpenAI;
using OpenAI.Chat;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>
/// The whole round: trained, deployed, asked for other things than it learned, noticed, labeled, trained again, judged on old and new rows,
/// promoted and taken back.
/// </summary>
[Collection(nameof(ResultsPortal))]
[Trait(Traits.Category, Traits.BeforeRelease)]
public sealed partial class RetrainingRoundTests(SharedPortal shared)
{
    private const string Endpoint = "bank-intents";
    private const int Window = 500;
    private const int Callers = 8;

    [Fact]
    public async Task TrafficThatDrifts_LeadsToARetraining_ThatPeopleApprove_AndPromote()
    {
        await using var team = await shared.NewProjectAsync();
        var data = await team.LeadApi.PublishAsync(team.ProjectId, "Intents", "intents.csv", SmallData.Csv());
        var run = await TrainedAsync(team, data);
        var (deployment, key) = await DeployedAsync(team, run);
        var endpoint = $"projects/{team.ProjectId}/deployments/{deployment}";
        await team.LeadApi.PutAsync($"{endpoint}/content", new { days = 30 });
        await team.LeadApi.PutAsync($"{endpoint}/retrainings/rule", new { onDrift = true, rows = 10 });

        await AskAsync(team, key, Window);
        var lead = team.Lead;
        await lead.GoAsync($"/p/{team.ProjectId}/deploy/{deployment}");
        await lead.Test("look-at-traffic").ClickAsync();
        await Expect(lead.Test("traffic-drift")).ToContainTextAsync("changed", new() { Timeout = Patience.Job });

        // The draft opens by itself; nothing of it is trained.
        await Eventually.IsTrueAsync(
            async () =>
                await OpenAsync(team, endpoint) is { ValueKind: JsonValueKind.Object } open
                && open.GetProperty("labelTaskId").ValueKind == JsonValueKind.String,
            Patience.Server,
            () => "No retraining was opened, or its rows were not taken."
        );
        await lead.GoAsync($"/p/{team.ProjectId}/deploy/{deployment}");
        await Expect(lead.Test("retraining-task")).ToBeVisibleAsync();
        await lead.ShowAsync("retraining");
        await LabelAsync(team, endpoint);

        await lead.GoAsync($"/p/{team.ProjectId}/deploy/{deployment}");
        await lead.Test("retraining-make").ClickAsync();
        await Expect(lead.Test("retraining-data")).ToContainTextAsync("Intents v", new() { Timeout = Patience.Job });
        await AnswerForLeaksAsync(team, endpoint);
        await lead.GoAsync($"/p/{team.ProjectId}/deploy/{deployment}");
        await Expect(lead.Test("retraining-estimate")).ToContainTextAsync("About");
        await lead.Test("retraining-ask").ClickAsync();
        await Expect(lead.Test("retraining-run")).ToBeVisibleAsync();
        var again = (await OpenAsync(team, endpoint)).GetProperty("runId").GetGuid();
        var submitted = await team.SecondApi.GetAsync($"projects/{team.ProjectId}/runs/{again}");
        await team.SecondApi.PostAsync(
            $"projects/{team.ProjectId}/runs/{again}/approve",
            new { specSha256 = submitted.GetProperty("specSha256").GetString() }
        );
        await team.LeadApi.UntilAsync($"projects/{team.ProjectId}/runs/{again}", Patience.Work, "completed");

        await lead.GoAsync($"/p/{team.ProjectId}/deploy/{deployment}");
        await lead.Test("retraining-judge").ClickAsync();
        await JudgedAsync(team);
        await lead.Test("retraining-draft").ClickAsync();
        await Expect(lead.Test("version")).ToHaveCountAsync(2);
        var second = (await team.LeadApi.GetAsync(endpoint)).GetProperty("versions")[0];
        var address = $"{endpoint}/versions/{second.GetProperty("id").GetGuid()}";
        await team.LeadApi.PostAsync($"{address}/check");

        await team.SecondLead.GoAsync($"/p/{team.ProjectId}/deploy/{deployment}");
        await Expect(team.SecondLead.Test("old-and-new").GetByText(ShareRight()).First).ToBeVisibleAsync();
        await team.SecondLead.ShowAsync("endpoint-retrained");
        await team.SecondLead.Test("approve").ClickAsync();
        await team.SecondLead.Test("promote").First.ClickAsync();
        await Expect(team.SecondLead.Test("roll-back")).ToBeVisibleAsync(new() { Timeout = Patience.Job });
        Assert.Equal("2", await VersionOfAnswerAsync(team, endpoint, key));
        await team.SecondLead.Test("roll-back").ClickAsync();
        await Expect(team.SecondLead.Test("roll-back")).ToContainTextAsync("Back to version 2", new() { Timeout = Patience.Job });
        Assert.Equal("1", await VersionOfAnswerAsync(team, endpoint, key));
    }

    private static async Task<Guid> TrainedAsync(Team team, Guid data)
    {
        var run = await team.StartRunAsync(data, new { maxSteps = 20 });
        await team.LeadApi.UntilAsync($"projects/{team.ProjectId}/runs/{run}", Patience.Work, "completed");
        return run;
    }

    /// <summary>Refused once, for the adapter on disk has another scale than the one that was trained.</summary>
    private static async Task<(Guid Deployment, string Key)> DeployedAsync(Team team, Guid run)
    {
        var config = Directory
            .EnumerateFiles(team.Portal.DataFolder, "adapter_config.json", SearchOption.AllDirectories)
            .MaxBy(File.GetLastWriteTimeUtc)!;
        var trained = await File.ReadAllTextAsync(config);
        await File.WriteAllTextAsync(config, Alpha().Replace(trained, "\"lora_alpha\": 1"));
        var made = await team.LeadApi.PostAsync(
            $"projects/{team.ProjectId}/deployments",
            new
            {
                name = Endpoint,
                version = new
                {
                    runId = run,
                    temperature = 0,
                    maxTokens = 4,
                },
            }
        );
        var deployment = made.GetProperty("id").GetGuid();
        var endpoint = $"projects/{team.ProjectId}/deployments/{deployment}";
        var draft = made.GetProperty("versions")[0].GetProperty("id").GetGuid();
        var check = await team.LeadApi.PostAsync($"{endpoint}/versions/{draft}/check");
        Assert.True(check.TryGetProperty("first", out _), check.ToString());

        await File.WriteAllTextAsync(config, trained);
        var changed = await team.LeadApi.PutAsync(
            $"{endpoint}/versions/{draft}",
            new
            {
                runId = run,
                temperature = 0,
                maxTokens = 4,
            }
        );
        check = await team.LeadApi.PostAsync($"{endpoint}/versions/{draft}/check");
        Assert.False(check.TryGetProperty("first", out _), check.ToString());
        await team.SecondApi.PostAsync(
            $"{endpoint}/versions/{draft}/approve",
            new { settingsSha256 = changed.GetProperty("versions")[0].GetProperty("settingsSha256").GetString() }
        );
        await team.LeadApi.PostAsync($"{endpoint}/versions/{draft}/promote");
        var key = await team.LeadApi.PostAsync($"projects/{team.ProjectId}/keys", new { name = Endpoint });
        return (deployment, key.GetProperty("key").GetString()!);
    }

    private static ChatClient Client(Team team, string key) =>
        new(Endpoint, new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri($"{team.Portal.Address}/v1") });

    /// <summary>Things that nobody asked when the model learned.</summary>
    private static async Task AskAsync(Team team, string key, int count)
    {
        var client = Client(team, key);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = Callers },
            async (i, cancellationToken) =>
                await client.CompleteChatAsync(
                    [
                        new UserChatMessage(
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"My sourdough starter smells of vinegar since I bought other flour {i} days ago; shall I feed it rye and keep it cooler over night?"
                            )
                        ),
                    ],
                    new ChatCompletionOptions { MaxOutputTokenCount = 1 },
                    cancellationToken
                )
        );
    }

    private static async Task<JsonElement> OpenAsync(Team team, string endpoint) =>
        (await team.LeadApi.GetAsync($"{endpoint}/retrainings")).GetProperty("open");

    /// <summary>Both leads answer each of the ten rows, so that they agree.</summary>
    private static async Task LabelAsync(Team team, string endpoint)
    {
        var task = (await OpenAsync(team, endpoint)).GetProperty("labelTaskId").GetGuid();
        var question = (await team.LeadApi.GetAsync($"projects/{team.ProjectId}/labels/{task}")).GetProperty("questions")[0];
        var answer = new Dictionary<string, string>
        {
            [question.GetProperty("key").GetString()!] = question.GetProperty("options")[0].GetString()!,
        };
        foreach (var person in (Api[])[team.LeadApi, team.SecondApi])
        {
            for (var i = 0; i < 10; i++)
            {
                var next = await person.PostAsync($"projects/{team.ProjectId}/labels/{task}/next");
                await person.PostAsync(
                    $"projects/{team.ProjectId}/labels/{task}/items/{next.GetProperty("item").GetProperty("id").GetGuid()}/answer",
                    new { values = answer, seconds = 1 }
                );
            }
        }
    }

    /// <summary>Rows that are nearly the same sentence leak into each other; a lead answers for them.</summary>
    private static async Task AnswerForLeaksAsync(Team team, string endpoint)
    {
        var data = (await OpenAsync(team, endpoint)).GetProperty("dataVersionId").GetGuid();
        foreach (var dataset in (await team.LeadApi.GetAsync($"projects/{team.ProjectId}/datasets")).EnumerateArray())
        {
            foreach (var version in dataset.GetProperty("versions").EnumerateArray().Where(v => v.GetProperty("id").GetGuid() == data))
            {
                var address =
                    $"projects/{team.ProjectId}/datasets/{dataset.GetProperty("id").GetGuid()}/versions/{version.GetProperty("number").GetInt32()}";
                await team.LeadApi.PostAsync($"{address}/leaks/accept", new { reason = "The requests repeat one sentence." });
            }
        }
    }

    /// <summary>By the old test rows and by the new ones.</summary>
    private static async Task JudgedAsync(Team team)
    {
        var evaluations = $"projects/{team.ProjectId}/evaluations";
        Guid[] begun = [];
        await Eventually.IsTrueAsync(
            async () =>
            {
                begun = [.. (await team.LeadApi.GetAsync(evaluations)).EnumerateArray().Select(e => e.GetProperty("id").GetGuid())];
                return begun.Length == 2;
            },
            Patience.Server,
            () => $"{begun.Length} evaluations were begun."
        );
        foreach (var evaluation in begun)
        {
            await team.LeadApi.UntilAsync($"{evaluations}/{evaluation}", Patience.Work, "completed");
        }
    }

    /// <summary>The number of the version that answered the last request, as its record says.</summary>
    private static async Task<string> VersionOfAnswerAsync(Team team, string endpoint, string key)
    {
        await AskAsync(team, key, 1);
        var view = await team.LeadApi.GetAsync(endpoint);
        return view.GetProperty("versions")
            .EnumerateArray()
            .Single(v => v.GetProperty("state").GetString() == "live")
            .GetProperty("number")
            .GetInt32()
            .ToString(CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("\"lora_alpha\":\\s*[0-9.]+")]
    private static partial Regex Alpha();

    [GeneratedRegex("% right on [0-9]+ rows, the live version")]
    private static partial Regex ShareRight();
}
