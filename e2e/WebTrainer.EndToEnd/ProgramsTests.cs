using System.ClientModel;
using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.SignalR.Client;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Responses;
using WebTrainer.EndToEnd.Support;

namespace WebTrainer.EndToEnd;

/// <summary>Other programs: OpenAI's client, the live hub, and a shell script that goes the whole way.</summary>
[Collection(nameof(ResultsPortal))]
public sealed class ProgramsTests(SharedPortal shared)
{
    [Fact]
    public async Task OpenAiClientAndHub_AnswerForATunedModel()
    {
        await using var team = await shared.NewProjectAsync();
        var version = await team.LeadApi.PublishAsync(team.ProjectId, "Sums", "sums.jsonl", SmallData.Jsonl());
        var run = await team.StartRunAsync(
            version,
            new
            {
                maxSteps = 10,
                epochs = 1000,
                microBatch = 8,
            }
        );
        await ReadsTheHubAsync(team, run);
        var done = await team.LeadApi.UntilAsync($"projects/{team.ProjectId}/runs/{run}", Patience.Work, "completed", "failed");
        Assert.Equal("completed", done.GetProperty("status").GetString());

        var key = await team.DeployAsync("sums", new { runId = run });
        await AnswersTheOpenAiClientAsync(team.Portal, key, "sums");
        await DownloadsTheWholeModelAsync(team, run);
    }

    [Fact]
    public async Task BaseModel_UploadedAsAnArchive_IsTriedBeforeItIsThere()
    {
        await using var team = await shared.NewProjectAsync();
        var upload = await team.LeadApi.UploadAsync(
            team.ProjectId,
            "model.zip",
            Zip(Path.Combine(PortalProcess.RepositoryRoot, "models/webtrainer-base-8m"))
        );
        var added = await team.LeadApi.PostAsync(
            $"projects/{team.ProjectId}/models",
            new { uploadId = upload.GetProperty("id").GetGuid(), name = "our-copy" }
        );
        Assert.True(added.GetProperty("check").GetProperty("tokensPerSecond").GetDouble() > 0);

        await team.Lead.GoAsync($"/p/{team.ProjectId}/models");
        await team
            .Lead.Page.GetByRole(Microsoft.Playwright.AriaRole.Region, new() { Name = "our-copy" })
            .GetByText("Loads and answers")
            .WaitForAsync();
        await team.Lead.ShowAsync("models-added");
        await team.LeadApi.DeleteAsync($"projects/{team.ProjectId}/models/our-copy");
        Assert.DoesNotContain(
            "our-copy",
            (await team.LeadApi.GetAsync($"projects/{team.ProjectId}/models")).ToString(),
            StringComparison.Ordinal
        );

        var broken = await team.LeadApi.UploadAsync(
            team.ProjectId,
            "broken.zip",
            Zip(Path.Combine(PortalProcess.RepositoryRoot, "models/webtrainer-base-8m"), without: "tokenizer.json")
        );
        var refused = await Assert.ThrowsAnyAsync<Exception>(() =>
            team.LeadApi.PostAsync(
                $"projects/{team.ProjectId}/models",
                new { uploadId = broken.GetProperty("id").GetGuid(), name = "broken" }
            )
        );
        Assert.Contains("tokenizer", refused.Message, StringComparison.OrdinalIgnoreCase);
    }

    private static byte[] Zip(string folder, string without = "")
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var file in Directory.EnumerateFiles(folder).Where(file => Path.GetFileName(file) != without))
            {
                archive.CreateEntryFromFile(file, "webtrainer-base-8m/" + Path.GetFileName(file), CompressionLevel.Fastest);
            }
        }

        return stream.ToArray();
    }

    private static async Task DownloadsTheWholeModelAsync(Team team, Guid run)
    {
        using var archive = new ZipArchive(
            new MemoryStream(await team.LeadApi.DownloadAsync($"projects/{team.ProjectId}/runs/{run}/merged"))
        );
        Assert.Superset(
            new HashSet<string> { "README.md", "config.json", "model.safetensors", "tokenizer.json" },
            archive.Entries.Select(entry => entry.Name).ToHashSet()
        );
        using var card = new StreamReader(archive.GetEntry("README.md")!.Open());
        var text = await card.ReadToEndAsync();
        Assert.Contains("base_model: webtrainer-base-8m", text, StringComparison.Ordinal);
        Assert.Contains("library_name: transformers\npipeline_tag: text-generation\n", text, StringComparison.Ordinal);
        await DownloadsGgufAsync(team, $"runs/{run}/gguf?weights=q4", "README.md");
        await DownloadsGgufAsync(team, "models/webtrainer-base-8m/gguf");
    }

    private static async Task DownloadsGgufAsync(Team team, string address, params string[] more)
    {
        using var archive = new ZipArchive(new MemoryStream(await team.LeadApi.DownloadAsync($"projects/{team.ProjectId}/{address}")));
        Assert.Equal(
            new[] { "Modelfile", "export.json", "model.gguf" }.Concat(more).Order(StringComparer.Ordinal),
            archive.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal)
        );
        await using var model = await archive.GetEntry("model.gguf")!.OpenAsync();
        var begin = new byte[4];
        await model.ReadExactlyAsync(begin);
        Assert.Equal("GGUF"u8.ToArray(), begin);
    }

    [Fact]
    public async Task SampleScript_GoesTheWholeWayByApi()
    {
        await using var team = await shared.NewProjectAsync();
        var folder = Directory.CreateTempSubdirectory("webtrainer-sample-").FullName;
        var lines = SmallData.Csv().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await File.WriteAllLinesAsync(Path.Combine(folder, "train.csv"), lines.Where((_, i) => i == 0 || i % 4 != 0));
        await File.WriteAllLinesAsync(Path.Combine(folder, "test.csv"), lines.Where((_, i) => i == 0 || i % 4 == 0));
        var start = new ProcessStartInfo(
            "bash",
            [Path.Combine(PortalProcess.RepositoryRoot, "samples/banking77.sh"), "train.csv", "test.csv"]
        )
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["WEBTRAINER"] = team.Portal.Address;
        start.Environment["WEBTRAINER_TOKEN"] = team.LeadToken;
        start.Environment["WEBTRAINER_PROJECT"] = team.ProjectId.ToString();
        start.Environment["WEBTRAINER_APPROVER_TOKEN"] = await team.SecondLead.MakeTokenAsync();
        start.Environment["MAX_STEPS"] = "15";
        using var script = Process.Start(start)!;
        var errors = script.StandardError.ReadToEndAsync();
        var output = await script.StandardOutput.ReadToEndAsync();
        await script.WaitForExitAsync();
        Assert.True(script.ExitCode == 0, output + await errors);
        Assert.Matches(@"accuracy of run-\d+: 0?\.\d+|accuracy of run-\d+: [01]", output);
        Directory.Delete(folder, recursive: true);
    }

    private static async Task ReadsTheHubAsync(Team team, Guid run)
    {
        await using var hub = new HubConnectionBuilder()
            .WithUrl(team.Portal.Address + "/hubs/runs", options => options.Headers["Authorization"] = "Bearer " + team.LeadToken)
            .Build();
        await hub.StartAsync();
        using var patience = new CancellationTokenSource(Patience.Work);
        await foreach (var update in hub.StreamAsync<System.Text.Json.JsonElement>("Watch", team.ProjectId, run, patience.Token))
        {
            if (update.GetProperty("metrics").GetArrayLength() > 0)
            {
                break;
            }
        }

        await using var stranger = new HubConnectionBuilder().WithUrl(team.Portal.Address + "/hubs/runs").Build();
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => stranger.StartAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    private static async Task AnswersTheOpenAiClientAsync(PortalProcess portal, string key, string model)
    {
        var client = new OpenAIClient(new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri(portal.Address + "/v1") });
        var models = await client.GetOpenAIModelClient().GetModelsAsync();
        Assert.Contains(model, models.Value.Select(m => m.Id));

        var chat = client.GetChatClient(model);
        var options = new ChatCompletionOptions { MaxOutputTokenCount = 12, Temperature = 0 };
        ChatMessage[] messages = [new UserChatMessage("What is 3 plus one?")];
        var whole = (await chat.CompleteChatAsync(messages, options)).Value;
        Assert.True(whole.Usage.OutputTokenCount is > 0 and <= 12);
        var streamed = new System.Text.StringBuilder();
        await foreach (var update in chat.CompleteChatStreamingAsync(messages, options))
        {
            streamed.Append(string.Concat(update.ContentUpdate.Select(p => p.Text)));
        }

        Assert.Equal(string.Concat(whole.Content.Select(p => p.Text)), streamed.ToString());

        Assert.Equal(model, (await client.GetOpenAIModelClient().GetModelAsync(model)).Value.Id);
        Assert.Equal(string.Concat(whole.Content.Select(p => p.Text)), await RespondsAsync(client, model));

        var wrong = new OpenAIClient(
            new ApiKeyCredential("wtk_wrong"),
            new OpenAIClientOptions { Endpoint = new Uri(portal.Address + "/v1") }
        );
        var refusal = await Assert.ThrowsAsync<ClientResultException>(() => wrong.GetChatClient(model).CompleteChatAsync(messages));
        Assert.Equal(401, refusal.Status);
        var unknown = await Assert.ThrowsAsync<ClientResultException>(() => client.GetChatClient("run-999").CompleteChatAsync(messages));
        Assert.Equal(404, unknown.Status);
    }

#pragma warning disable OPENAI001 // the client's own word for this part of it: it may still change
    /// <summary>The newer form of the same, whole and streamed.</summary>
    private static async Task<string> RespondsAsync(OpenAIClient client, string model)
    {
        var responses = client.GetResponsesClient();
        var options = new CreateResponseOptions
        {
            Model = model,
            MaxOutputTokenCount = 12,
            Temperature = 0,
            InputItems = { ResponseItem.CreateUserMessageItem("What is 3 plus one?") },
        };
        var whole = (await responses.CreateResponseAsync(options)).Value;
        Assert.Equal(model, whole.Model);
        Assert.True(whole.Usage.OutputTokenCount is > 0 and <= 12);
        Assert.Equal(whole.Usage.OutputTokenCount == 12 ? ResponseStatus.Incomplete : ResponseStatus.Completed, whole.Status);
        options.StreamingEnabled = true;
        var (streamed, last) = (new System.Text.StringBuilder(), (ResponseResult?)null);
        await foreach (var update in await responses.CreateResponseStreamingAsync(options))
        {
            if (update is StreamingResponseOutputTextDeltaUpdate delta)
            {
                streamed.Append(delta.Delta);
            }

            last =
                (update as StreamingResponseCompletedUpdate)?.Response ?? (update as StreamingResponseIncompleteUpdate)?.Response ?? last;
        }

        Assert.Equal(whole.GetOutputText(), streamed.ToString());
        Assert.Equal(whole.GetOutputText(), last!.GetOutputText());
        return streamed.ToString();
    }
#pragma warning restore OPENAI001
}
