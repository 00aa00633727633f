using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using WebTrainer.EndToEnd.Support;
using WebTrainer.Tests.Shared;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>An encoder learns labels, from the form that proposes it to programs that ask it.</summary>
public sealed class ClassifierTests
{
    private const string Model = "tiny-bert";

    [Fact]
    public async Task Encoder_IsProposedForLabels_LearnsThem_AndAnswersPrograms()
    {
        await using var team = await Team.AssembleAsync();
        new TinyBert { Words = ["card", "lost", "money", "send", "abroad", "weather", "sunny", "today", "my", "the", "please"] }.Write(
            Path.Combine(team.Portal.DataFolder, "models", Model)
        );
        var version = await team.LeadApi.PublishAsync(team.ProjectId, "Topics", "topics.csv", Topics());
        var run = await SubmitByFormAsync(team, version);
        await ApproveAsync(team, run);
        var done = await team.LeadApi.UntilAsync($"projects/{team.ProjectId}/runs/{run}", Patience.Work, "completed", "failed");
        Assert.Equal("completed", done.GetProperty("status").GetString());
        await team.Lead.GoAsync($"/p/{team.ProjectId}/runs/{run}");
        await team.Lead.ShowAsync("run-classifier");

        await EvaluatesAsync(team, run);
        await AnswersProgramsAsync(team, run);
        using var archive = new ZipArchive(
            new MemoryStream(await team.LeadApi.DownloadAsync($"projects/{team.ProjectId}/runs/{run}/merged"))
        );
        Assert.Superset(
            new HashSet<string> { "config.json", "model.safetensors", "tokenizer.json", "model.onnx", "classifier.json" },
            archive.Entries.Select(entry => entry.Name).ToHashSet()
        );
    }

    private static async Task<Guid> SubmitByFormAsync(Team team, Guid version)
    {
        var lead = team.Lead;
        await lead.GoAsync($"/p/{team.ProjectId}/runs/new?data={version}");
        await Expect(lead.Page.GetByText("An encoder, because these rows have 3 labels to choose from")).ToBeVisibleAsync();
        await lead.Page.FillAsync("#run-name", "topics");
        await lead.Page.FillAsync("#run-context-tokens", "32");
        await lead.Page.Keyboard.PressAsync("Tab");
        await lead.Test("plan").ClickAsync();
        await Expect(lead.Page.Locator(".tokens .target").First).ToBeVisibleAsync(new() { Timeout = Patience.Job });
        await lead.ShowAsync("run-new-classifier");
        await lead.Test("submit-run").ClickAsync();
        await Expect(lead.Test("approval")).ToBeVisibleAsync();
        await Expect(lead.Page.GetByText("Head's rate")).ToBeVisibleAsync(); // whoever approves sees all that was set
        return Guid.Parse(new Uri(lead.Page.Url).Segments[^1]);
    }

    private static async Task ApproveAsync(Team team, Guid run)
    {
        await team.SecondLead.GoAsync($"/p/{team.ProjectId}/runs/{run}");
        await team.SecondLead.Test("approve").ClickAsync();
    }

    private static async Task EvaluatesAsync(Team team, Guid run)
    {
        var begun = await team.LeadApi.PostAsync(
            $"projects/{team.ProjectId}/evaluations",
            new { runIds = new[] { run }, performance = true }
        );
        var id = begun.GetProperty("id").GetGuid();
        var ended = await team.LeadApi.UntilAsync($"projects/{team.ProjectId}/evaluations/{id}", Patience.Work, "completed", "failed");
        Assert.Equal("completed", ended.GetProperty("status").GetString());
        await team.Lead.GoAsync($"/p/{team.ProjectId}/evaluations/{id}");
        await Expect(team.Lead.Page.GetByText(new Regex("nearest mean")).First).ToBeVisibleAsync();
        // What was forgotten is asked unasked: the pairs of sentences, before and after.
        await Expect(team.Lead.Test("benchmark-SentenceSimilarity").GetByRole(AriaRole.Row)).ToHaveCountAsync(3);
        await team.Lead.ShowAsync("evaluation-classifier");
    }

    private static async Task AnswersProgramsAsync(Team team, Guid run)
    {
        const string model = "topics";
        var key = await team.DeployAsync(model, new { runId = run });
        await team.DeployAsync("writer", new { baseModel = "webtrainer-base-8m" });
        using var http = new HttpClient { BaseAddress = new Uri(team.Portal.Address), Timeout = Patience.Work };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);

        var classified = await PostAsync(
            http,
            "/v1/classify",
            new
            {
                model,
                input = new[] { "my card is lost", "sunny weather today" },
                top_k = 2,
            }
        );
        var items = classified.GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(["card", "weather"], items.Select(item => item.GetProperty("label").GetString()));
        Assert.All(items, item => Assert.Equal(2, item.GetProperty("labels").GetArrayLength()));
        Assert.All(items, item => Assert.InRange(item.GetProperty("labels")[0].GetProperty("probability").GetDouble(), 1 / 3.0, 1));

        var chat = await PostAsync(
            http,
            "/v1/chat/completions",
            new { model, messages = new[] { new { role = "user", content = "please send money abroad" } } }
        );
        Assert.Equal("transfer", chat.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());

        var refused = await http.PostAsJsonAsync("/v1/classify", new { model = "writer", input = "text" });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var unknown = await http.PostAsJsonAsync(
            "/v1/classify",
            new
            {
                model,
                input = "text",
                threshold = 0.5,
            }
        );
        Assert.Contains("threshold", await unknown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<JsonElement> PostAsync(HttpClient http, string path, object body)
    {
        var response = await http.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>Three topics that a word tells apart, so that a model of random weights can learn them.</summary>
    private static string Topics()
    {
        (string Label, string Text)[] topics =
        [
            ("card", "my card is lost"),
            ("transfer", "send money abroad"),
            ("weather", "sunny weather"),
        ];
        var csv = new StringBuilder("text,label\n");
        for (var i = 0; i < 90; i++)
        {
            var (label, text) = topics[i % 3];
            csv.Append(CultureInfo.InvariantCulture, $"{text} please {i} today {i / 3},{label}\n");
        }

        return csv.ToString();
    }
}
