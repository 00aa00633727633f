using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>
/// Pages of data that show something only after a click: conversations, figures of tokens and languages, words looked for, people's
/// agreement.
/// </summary>
[Collection(nameof(DataPortal))]
public sealed class DataPagesTests(SharedPortal shared)
{
    private static readonly JsonSerializerOptions s_asWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task ConversationsInThreeLanguages_AreRead_CountedFoundAndShownRight()
    {
        await using var team = await shared.NewProjectAsync();
        var (lead, audit) = (team.Lead, new PageAudit(team));
        await lead.GoAsync($"/p/{team.ProjectId}/data");
        await Expect(lead.Test("drop-zone")).ToBeVisibleAsync();
        await Expect(lead.Test("interactive")).ToBeVisibleAsync();
        await lead.Page.SetInputFilesAsync(
            "input[type=file]",
            new FilePayload
            {
                Name = "talks.jsonl",
                MimeType = "application/json",
                Buffer = Encoding.UTF8.GetBytes(Talks()),
            }
        );
        await Expect(lead.Test("preview-conversation").First).ToBeVisibleAsync();
        await Expect(lead.Test("turn-user").First).ToContainTextAsync("library");
        await audit.CheckAsync("import as conversations", "data-import-conversation");
        await lead.Test("as-table").ClickAsync();
        await Expect(lead.Test("preview")).ToBeVisibleAsync();
        await audit.CheckAsync("import as a table", "data-import-table");
        await lead.Test("import").ClickAsync();
        await Expect(lead.Test("facts")).ToBeVisibleAsync();

        await lead.Test("tab-profile").ClickAsync();
        await lead.Test("count-tokens").ClickAsync();
        await Expect(lead.Test("token-figures")).ToContainTextAsync("Whole row");
        await lead.Test("tell-languages").ClickAsync();
        await Expect(lead.Test("languages")).ToContainTextAsync("Persian");
        await audit.CheckAsync("profile", "data-profile");

        await lead.Test("languages").GetByRole(AriaRole.Link, new() { NameRegex = new Regex("Persian") }).ClickAsync();
        await Expect(lead.Test("row-count")).ToHaveTextAsync($"{PerLanguage} rows");
        await lead.Test("rows-as-chat").ClickAsync();
        var turn = lead.Test("row-conversation").First.Locator("[data-test=turn-user] .said").First;
        Assert.Equal("rtl", await turn.EvaluateAsync<string>("turn => getComputedStyle(turn).direction"));
        await audit.CheckAsync("rows in Persian", "data-rows-persian");
        await lead.Test("language-filter").GetByRole(AriaRole.Button).ClickAsync();
        await Expect(lead.Test("row-count")).ToHaveTextAsync($"{3 * PerLanguage} rows");

        await lead.Test("tab-profile").ClickAsync();
        await lead.Test("count-tokens").ClickAsync();
        await lead.Test("tokens").GetByRole(AriaRole.Link).Last.ClickAsync(); // the longest: Persian is rare in the tokenizer's texts
        await Expect(lead.Test("row-count")).ToHaveTextAsync($"{PerLanguage} rows");
        await Expect(lead.Test("token-filter")).ToContainTextAsync("webtrainer-base-8m");
        await lead.Test("token-filter").GetByRole(AriaRole.Button).ClickAsync();
        await Expect(lead.Test("row-count")).ToHaveTextAsync($"{3 * PerLanguage} rows");

        await lead.Test("rows-as-chat").ClickAsync();
        await lead.Test("by-words").ClickAsync();
        await lead.Test("row-filter").FillAsync("\"borrow this book\" seven");
        await Expect(lead.Test("row-count")).ToHaveTextAsync("1 row");
        await Expect(lead.Test("row-conversation")).ToContainTextAsync("seven");
        await lead.Page.ReloadAsync();
        await Expect(lead.Test("row-count")).ToHaveTextAsync("1 row");
        await Expect(lead.Test("index-state")).ToHaveCountAsync(0);
        await audit.CheckAsync("words", "data-words");
        audit.AssertQuiet();
    }

    [Fact]
    public async Task LabelThatRowsLikeItContradict_IsShown_AndGoesToPeopleByOneButton()
    {
        await using var team = await shared.NewProjectAsync();
        var rows = SmallData.Csv().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        rows[1] = rows[1][..(rows[1].LastIndexOf(',') + 1)] + rows[^1][(rows[^1].LastIndexOf(',') + 1)..];
        await team.LeadApi.PublishAsync(team.ProjectId, "Intents", "intents.csv", string.Join('\n', rows));
        await team.Lead.GoAsync($"/p/{team.ProjectId}/data");
        await team.Lead.Test("datasets").GetByRole(AriaRole.Link).First.ClickAsync();
        await team.Lead.Test("tab-profile").ClickAsync();
        await team.Lead.Test("doubts-link").ClickAsync();
        await Expect(team.Lead.Test("doubts")).ToContainTextAsync(rows[1].Split('"')[1]);
        await team.Lead.ShowAsync("doubts");
        await team.Lead.Page.FillAsync("#doubts-count", "1");
        await team.Lead.Page.Keyboard.PressAsync("Tab");
        await team.Lead.Test("ask-doubts").ClickAsync();
        await Expect(team.Lead.Page).ToHaveURLAsync(new Regex("/labels/[0-9a-f-]{36}$"));
        await Expect(team.Lead.Page.Locator("main")).ToContainTextAsync("1-1 of 1");
    }

    [Fact]
    public async Task RowsThatTwoPeopleAnswered_CarryTheirAgreementIntoTheDatasheet()
    {
        await using var team = await shared.NewProjectAsync();
        var (api, audit) = (team.LeadApi, new PageAudit(team));
        var version = await api.PublishAsync(team.ProjectId, "Intents", "intents.csv", SmallData.Csv());
        var people = (await api.GetAsync($"projects/{team.ProjectId}/labels/people"))
            .EnumerateArray()
            .Select(p => p.GetProperty("userId").GetString())
            .ToArray();
        var task = (
            await api.PostAsync(
                $"projects/{team.ProjectId}/labels",
                new
                {
                    versionId = version,
                    name = "Which intent",
                    assignees = people,
                    rules = new { overlap = 2 },
                    rows = new { limit = 20 },
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
            )
        ).GetProperty("id").GetGuid();
        foreach (var (person, often) in ((Api, int)[])[(team.LeadApi, 2), (team.SecondApi, 3)])
        {
            while (
                (await person.PostAsync($"projects/{team.ProjectId}/labels/{task}/next")).GetProperty("item")
                    is { ValueKind: JsonValueKind.Object } item
            )
            {
                var answer = item.GetProperty("ordinal").GetInt32() % often == 0 ? "a" : "b";
                await person.PostAsync(
                    $"projects/{team.ProjectId}/labels/{task}/items/{item.GetProperty("id").GetGuid()}/answer",
                    new { values = new Dictionary<string, string> { ["label"] = answer } }
                );
            }
        }

        var made = await api.PostAsync($"projects/{team.ProjectId}/labels/{task}/snapshot?minimum=1");
        await audit.GoAsync(
            $"/p/{team.ProjectId}/data/{made.GetProperty("datasetId").GetGuid()}/v/{made.GetProperty("number").GetInt32()}?tab=sheet"
        );
        // Of 20 rows 4 were called a and 7 b by both: 11 of 20. α = 1 − 0.45 / (2 · 17 · 23 / (40 · 39)).
        await Expect(team.Lead.Test("agreement")).ToContainTextAsync(new Regex("Which\\?.*20.*55\\.0 %.*0\\.102", RegexOptions.Singleline));
        await audit.CheckAsync("agreement", "data-agreement");
        audit.AssertQuiet();
    }

    private const int PerLanguage = 12;

    /// <summary>Conversations of four turns about a library, in English, Persian and German.</summary>
    private static string Talks()
    {
        string[] numbers = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
        var text = new StringBuilder();
        for (var i = 0; i < PerLanguage; i++)
        {
            Add(
                text,
                "You help the readers of a library.",
                $"How long may I borrow this book from the library, please? I have {numbers[i]} more at home.",
                "Four weeks, and you can prolong it twice at the desk or online.",
                $"And may my sister borrow this book after me, when I bring back all {numbers[i]}?",
                "Yes, she only needs a card of her own."
            );
            Add(
                text,
                null,
                $"سلام، این کتاب را چند هفته می‌توانم از کتابخانه امانت بگیرم؟ شمارهٔ عضویت من {i} است.",
                "چهار هفته، و می‌توانید آن را دو بار تمدید کنید.",
                "آیا خواهرم هم می‌تواند بعد از من همین کتاب را بگیرد؟",
                "بله، فقط باید کارت عضویت خودش را داشته باشد."
            );
            Add(
                text,
                null,
                $"Wie lange darf ich dieses Buch aus der Bücherei ausleihen? Meine Nummer ist {i}.",
                "Vier Wochen, und Sie können zweimal verlängern.",
                "Darf meine Schwester es nach mir auch ausleihen?",
                "Ja, sie braucht nur eine eigene Karte."
            );
        }

        return text.ToString();
    }

    private static void Add(StringBuilder text, string? system, params string[] turns)
    {
        var messages = turns.Select((turn, i) => new { role = i % 2 == 0 ? "user" : "assistant", content = turn });
        if (system is not null)
        {
            messages = messages.Prepend(new { role = "system", content = system });
        }

        text.Append(JsonSerializer.Serialize(new { messages }, s_asWritten)).Append('\n');
    }
}
