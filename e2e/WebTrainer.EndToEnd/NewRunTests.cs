using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>What a person sets in the form of a new run is what the run trains by, for each kind of base and objective.</summary>
[Trait("Category", "Long")]
[Collection(nameof(ResultsPortal))]
public sealed class NewRunTests(SharedPortal shared)
{
    /// <summary>Letters, digits and signs, one token each: fewer than the model has room for.</summary>
    private const string Letters = "▁abcdefghijklmnopqrstuvwxyz0123456789_.,?!'-#";

    [Fact]
    public async Task RarerSettings_AreWhatTheRunTrainsBy()
    {
        await using var team = await shared.NewProjectAsync();
        await team.LeadApi.PublishAsync(team.ProjectId, "Intents", "intents.csv", SmallData.Csv());
        var lead = team.Lead;
        await OpenAsync(team);
        await lead.Test("run-start").ClickAsync();
        await lead.Page.Locator(".mud-popover-open .mud-list-item").Filter(new() { HasText = "PiSSA" }).ClickAsync();
        await SetAsync(team, "run-rate-ratio", "4");
        await SetAsync(team, "run-embedding-noise", "5");
        await SetAsync(team, "run-answer-smoothing", "0.1");
        await SetAsync(team, "run-max-steps", "2");
        await lead.Test("run-rank-stabilised").ClickAsync();
        var spec = await SubmitAsync(team, "new-run-rarer");
        var (method, training) = (spec.GetProperty("method"), spec.GetProperty("training"));
        Assert.Equal(
            ("pissa", 4, true, 5, 0.1, 2),
            (
                method.GetProperty("start").GetString(),
                method.GetProperty("rateRatio").GetDouble(),
                method.GetProperty("rankStabilised").GetBoolean(),
                training.GetProperty("embeddingNoise").GetDouble(),
                training.GetProperty("labelSmoothing").GetDouble(),
                training.GetProperty("maxSteps").GetInt32()
            )
        );
    }

    [Fact]
    public async Task WantedAndUnwantedAnswers_AreLearnedByKto()
    {
        await using var team = await shared.NewProjectAsync();
        var rows = string.Concat(
            Enumerable
                .Range(0, 60)
                .Select(i =>
                    JsonSerializer.Serialize(
                        new
                        {
                            prompt = $"Where is my card number {i}, and when does it arrive?",
                            completion = i % 2 == 0 ? $"Card {i} arrives tomorrow." : $"No idea about {i}.",
                            label = i % 2 == 0,
                        }
                    ) + "\n"
                )
        );
        await team.LeadApi.PublishAsync(team.ProjectId, "Judged", "judged.jsonl", rows);
        await OpenAsync(team);
        await team.Lead.ChooseAsync("run-objective", "Preferences");
        await team.Lead.ChooseAsync("run-preference-loss", "KTO");
        await SetAsync(team, "run-unwanted-weight", "2");
        await SetAsync(team, "run-max-steps", "2");
        var objective = (await SubmitAsync(team, "new-run-kto")).GetProperty("objective");
        Assert.Equal(
            ("preferences", "kto", 2),
            (
                objective.GetProperty("kind").GetString(),
                objective.GetProperty("loss").GetString(),
                objective.GetProperty("unwantedWeight").GetDouble()
            )
        );
    }

    [Fact]
    public async Task EncoderDecoder_IsTunedAndAsked()
    {
        var gold = PortalProcess.SharedGold is { } folder ? Path.Combine(folder, "models/t5_relu_tied") : "";
        Assert.SkipUnless(Directory.Exists(gold), "The folder of reference models is not beside the repository.");
        await using var team = await shared.NewProjectAsync();
        await team.LeadApi.PublishAsync(team.ProjectId, "Intents", "intents.csv", SmallData.Csv());
        var upload = await team.LeadApi.UploadAsync(team.ProjectId, "t5.zip", Archive(gold));
        await team.LeadApi.PostAsync(
            $"projects/{team.ProjectId}/models",
            new { uploadId = upload.GetProperty("id").GetGuid(), name = "tiny-t5" }
        );
        var lead = team.Lead;
        await OpenAsync(team);
        await lead.ChooseAsync("run-base", "tiny-t5");
        await SetAsync(team, "run-max-steps", "2");
        await SubmitAsync(team, "new-run-t5");
        await lead.Test("to-playground").ClickAsync();
        await lead.Page.FillAsync("#prompt", "where is my card");
        await lead.Test("ask").ClickAsync();
        await Expect(lead.Page.GetByText(new Regex("\\d+ tokens, "))).ToHaveCountAsync(2, new() { Timeout = Patience.Job });
        await lead.ShowAsync("playground-t5");
    }

    private static async Task OpenAsync(Team team)
    {
        await team.Lead.GoAsync($"/p/{team.ProjectId}/runs/new");
        await Expect(team.Lead.Test("more-settings")).ToBeVisibleAsync();
        await team.Lead.Test("more-settings").Locator("summary").ClickAsync();
    }

    private static async Task SetAsync(Team team, string field, string value)
    {
        await team.Lead.Page.FillAsync("#" + field, value);
        await team.Lead.Page.Keyboard.PressAsync("Tab");
    }

    /// <summary>Submits the form, has the run approved and waits for its end.</summary>
    /// <returns>The settings that it was approved with.</returns>
    private static async Task<JsonElement> SubmitAsync(Team team, string picture)
    {
        var lead = team.Lead;
        await lead.ShowAsync(picture);
        await lead.Test("submit-run").ClickAsync();
        await lead.Page.WaitForURLAsync(new Regex("/runs/[0-9a-f-]{36}$"), new() { Timeout = Patience.Page });
        var path = $"projects/{team.ProjectId}/runs/{new Uri(lead.Page.Url).Segments[^1]}";
        var run = await team.LeadApi.GetAsync(path);
        await team.SecondApi.PostAsync(path + "/approve", new { specSha256 = run.GetProperty("specSha256").GetString() });
        var ended = await team.LeadApi.UntilAsync(path, Patience.Work, "completed", "failed");
        Assert.Equal("completed", ended.GetProperty("status").GetString());
        return run.GetProperty("spec");
    }

    /// <summary>The model's folder with a tokenizer of single letters, since none is beside its weights.</summary>
    private static byte[] Archive(string folder)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var file in (string[])["config.json", "model.safetensors"])
            {
                archive.CreateEntryFromFile(Path.Combine(folder, file), file, CompressionLevel.Fastest);
            }

            Write(archive, "tokenizer.json", Tokenizer());
            Write(
                archive,
                "tokenizer_config.json",
                """{"eos_token":"</s>","pad_token":"<pad>","unk_token":"<unk>","model_max_length":64}"""
            );
        }

        return stream.ToArray();
    }

    private static void Write(ZipArchive archive, string name, string content)
    {
        using var entry = archive.CreateEntry(name).Open();
        entry.Write(Encoding.UTF8.GetBytes(content));
    }

    private static string Tokenizer()
    {
        object[] marks =
        [
            .. ((string[])["<pad>", "</s>", "<unk>"]).Select(
                (content, id) =>
                    (object)
                        new
                        {
                            id,
                            content,
                            special = true,
                        }
            ),
        ];
        object[] pieces =
        [
            new object[] { "<pad>", 0.0 },
            new object[] { "</s>", 0.0 },
            new object[] { "<unk>", 0.0 },
            .. Letters.Select(letter => new object[] { letter.ToString(), -3.0 }),
        ];
        return JsonSerializer.Serialize(
            new
            {
                version = "1.0",
                added_tokens = marks,
                pre_tokenizer = new
                {
                    type = "Metaspace",
                    replacement = "▁",
                    prepend_scheme = "always",
                    split = true,
                },
                post_processor = new
                {
                    type = "TemplateProcessing",
                    single = new object[]
                    {
                        new { Sequence = new { id = "A", type_id = 0 } },
                        new { SpecialToken = new { id = "</s>", type_id = 0 } },
                    },
                    pair = Array.Empty<object>(),
                    special_tokens = new Dictionary<string, object>
                    {
                        ["</s>"] = new
                        {
                            id = "</s>",
                            ids = new[] { 1 },
                            tokens = new[] { "</s>" },
                        },
                    },
                },
                decoder = new
                {
                    type = "Metaspace",
                    replacement = "▁",
                    prepend_scheme = "always",
                    split = true,
                },
                model = new
                {
                    type = "Unigram",
                    unk_id = 2,
                    vocab = pieces,
                    byte_fallback = false,
                },
            }
        );
    }
}
