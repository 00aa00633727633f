using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>Real files with planted faults: what is dirty is found, shown and taken out, and the clean version has a card.</summary>
[Collection(nameof(DataPortal))]
public sealed class DirtyDataTests(SharedPortal portal)
{
    private const int Copies = 12,
        Rephrased = 8,
        Personal = 10,
        Leaks = 9;

    [Fact]
    public async Task PlantedFaults_AreFoundAndRemoved_AndAVersionIsPublishedWithItsCard()
    {
        if (PortalProcess.SharedData is not { } shared)
        {
            Assert.Skip("shared/data is not beside the repository.");
            return;
        }

        await using var team = await portal.NewProjectAsync();
        var (lead, project) = (team.Lead, team.ProjectId);
        foreach (
            var (file, shape, rows) in ((string, string, int)[])
                [("alpaca_en_demo.json", "Alpaca", 990), ("dpo_en_demo.json", "DPO", 300), ("kto_en_demo.json", "KTO", 300)]
        )
        {
            await ImportAsync(lead, project, file, await File.ReadAllBytesAsync(Path.Combine(shared, "llamafactory_demo", file)), shape);
            var facts = await lead.Test("facts").Locator(".figure .value").First.InnerTextAsync();
            Assert.InRange(
                int.Parse(facts.Replace(",", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture),
                rows,
                rows + 9
            );
        }

        var (train, exam) = Planted(await File.ReadAllLinesAsync(Path.Combine(shared, "medquad/cancergov.jsonl")));
        await ImportAsync(lead, project, "exam.jsonl", Encoding.UTF8.GetBytes(exam), "Prompt and response");
        await ImportAsync(lead, project, "questions.jsonl", Encoding.UTF8.GetBytes(train), "Prompt and response");
        var dataset = new Uri(lead.Page.Url).Segments[^3].Trim('/');

        // Split by the official exam, without leaving leaks out: publishing finds them, and no run may use it.
        await lead.Test("split").First.ClickAsync();
        await lead.Page.GetByRole(AriaRole.Radio, new() { Name = "Use another version as the test split" }).CheckAsync();
        await lead.ChooseAsync("test-version", "exam");
        await lead.Page.GetByRole(AriaRole.Checkbox, new() { NameRegex = new Regex("Leave out rows") }).UncheckAsync();
        await lead.Test("start-split").ClickAsync();
        await ArrivedAsync(lead, 2);
        await PublishAsync(lead);
        await Expect(lead.Test("leaks-found")).ToContainTextAsync(new Regex($"^\\s*({Leaks}|[1-9]\\d+) rows"));
        var leaking = (await team.LeadApi.GetAsync($"projects/{project}/datasets/{dataset}/versions/2")).GetProperty("id").GetGuid();
        await lead.GoAsync($"/p/{project}/runs/new?data={leaking}");
        await Expect(lead.Test("data-warnings")).ToContainTextAsync("no run may use this version");

        // Clean it: the usual steps, rows that say the same, and leaks.
        await lead.GoAsync($"/p/{project}/data/{dataset}/v/1");
        await Expect(lead.Test("interactive")).ToBeVisibleAsync();
        await lead.Test("split").First.ClickAsync();
        await lead.Page.GetByRole(AriaRole.Radio, new() { Name = "Use another version as the test split" }).CheckAsync();
        await lead.ChooseAsync("test-version", "exam");
        await lead.Page.GetByRole(AriaRole.Checkbox, new() { NameRegex = new Regex("Leave out rows") }).UncheckAsync();
        await lead.Test("start-split").ClickAsync();
        await ArrivedAsync(lead, 3);
        await lead.Test("clean").ClickAsync();
        await Expect(lead.Test("step").First).ToBeVisibleAsync();
        foreach (var step in (string[])["Same in other words", "Leaks"])
        {
            await lead.Page.GetByRole(AriaRole.Button, new() { Name = "Add a step" }).ClickAsync();
            await lead.Page.Locator(".mud-popover-open").GetByText(step, new() { Exact = true }).ClickAsync();
            await Expect(lead.Test("step").Filter(new() { HasText = step }).First).ToBeVisibleAsync();
            await Expect(lead.Page.Locator(".mud-popover-open")).ToHaveCountAsync(0);
        }

        await lead.Test("apply").ClickAsync();
        await ArrivedAsync(lead, 4);
        await lead.Test("tab-aside").ClickAsync();
        await Expect(lead.Test("aside")).ToBeVisibleAsync();
        await CheckReportAsync(team, project, dataset);

        // What is published leaks nothing, and its card says what was done.
        await PublishAsync(lead);
        await Expect(lead.Test("no-leaks")).ToBeVisibleAsync();
        await lead.Test("tab-sheet").ClickAsync();
        await lead.Page.FillAsync("#sheet-description", "Questions of patients about cancer, with answers of cancer.gov.");
        await lead.Page.FillAsync("#sheet-languages", "en");
        await lead.Test("keep-sheet").ClickAsync();
        await lead.Page.FillAsync("#license-0", "CC-BY-4.0");
        await lead.Test("note-rights").First.ClickAsync();
        await Expect(lead.Test("card-text")).ToContainTextAsync("CC-BY-4.0");
        var card = await lead.Page.RunAndWaitForDownloadAsync(() => lead.Test("card").ClickAsync());
        var text = await File.ReadAllTextAsync(await card.PathAsync());
        Assert.Contains("Questions of patients about cancer", text, StringComparison.Ordinal);
        Assert.Contains("Leaks: none.", text, StringComparison.Ordinal);
        Assert.Contains("e-mail addresses", text, StringComparison.Ordinal);
        var croissant = await lead.Page.RunAndWaitForDownloadAsync(() => lead.Test("croissant").ClickAsync());
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(await croissant.PathAsync()));
        Assert.Equal("http://mlcommons.org/croissant/1.0", json.RootElement.GetProperty("conformsTo").GetString());
    }

    [Fact]
    [Trait(Traits.Category, Traits.BeforeRelease)]
    public async Task KilledInMidImport_ThePortalBeginsItAgain()
    {
        await using var team = await Team.AssembleAsync();
        var rows = string.Concat(
            Enumerable.Range(0, 400_000).Select(i => $"{{\"prompt\":\"Question {i}\",\"completion\":\"Answer {i}\"}}\n")
        );
        var upload = await team.LeadApi.UploadAsync(team.ProjectId, "many.jsonl", rows);
        var asked = team.LeadApi.PostAsync(
            $"projects/{team.ProjectId}/datasets",
            new { name = "Many", uploadId = upload.GetProperty("id").GetGuid() }
        );
        await Eventually.IsTrueAsync(
            async () =>
                (await team.LeadApi.GetAsync($"projects/{team.ProjectId}/datasets/work"))
                    .EnumerateArray()
                    .Any(w => w.GetProperty("stage").GetString() == "Reading"),
            Patience.Server,
            () => "No import began."
        );
        await team.Portal.KillAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => asked);
        await team.Portal.RestartAsync();
        await Eventually.IsTrueAsync(
            async () =>
                (await team.LeadApi.GetAsync($"projects/{team.ProjectId}/datasets")) is var sets
                && sets.GetArrayLength() == 1
                && sets[0].GetProperty("versions")[0].GetProperty("rows").GetInt64() == 400_000,
            Patience.Server,
            () => "The import did not begin again:\n" + team.Portal.Output
        );
        Assert.Equal(1, (await team.LeadApi.GetAsync($"projects/{team.ProjectId}/datasets"))[0].GetProperty("versions").GetArrayLength());
    }

    private static async Task ImportAsync(Person lead, Guid project, string name, byte[] content, string shape)
    {
        await lead.GoAsync($"/p/{project}/data");
        await Expect(lead.Test("drop-zone")).ToBeVisibleAsync();
        await Expect(lead.Test("interactive")).ToBeVisibleAsync(); // what is chosen before goes nowhere
        await lead.Page.SetInputFilesAsync(
            "input[type=file]",
            new FilePayload
            {
                Name = name,
                MimeType = "application/json",
                Buffer = content,
            }
        );
        await Expect(lead.Page.Locator("[data-test='preview'], [data-test='preview-conversation']").First).ToBeVisibleAsync();
        await Expect(lead.Page.GetByRole(AriaRole.Combobox, new() { Name = "Each row is" })).ToHaveValueAsync(new Regex(shape));
        await lead.Test("import").ClickAsync();
        await Expect(lead.Test("facts")).ToBeVisibleAsync();
    }

    /// <summary>Waits for a version's page; its address changes before its buttons do.</summary>
    private static async Task ArrivedAsync(Person lead, int version)
    {
        await Expect(lead.Page).ToHaveURLAsync(new Regex($"/v/{version}$"));
        await Expect(lead.Page.Locator("h1")).ToHaveTextAsync(new Regex($", version {version}$"));
    }

    private static async Task PublishAsync(Person lead)
    {
        await lead.Test("publish").First.ClickAsync();
        await lead
            .Page.Locator(".mud-dialog")
            .GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Publish( all the same)?$") })
            .ClickAsync();
        await Expect(lead.Test("published").First).ToBeVisibleAsync();
    }

    /// <summary>Each planted fault was taken out by the step that is there for it.</summary>
    private static async Task CheckReportAsync(Team team, Guid project, string dataset)
    {
        var path = $"projects/{project}/datasets/{dataset}/versions/4";
        var version = await team.LeadApi.GetAsync(path);
        var steps = version
            .GetProperty("report")
            .GetProperty("steps")
            .EnumerateArray()
            .ToDictionary(s => s.GetProperty("step").GetProperty("step").GetString()!);
        Assert.InRange(steps["personalData"].GetProperty("changed").GetInt64(), Personal, long.MaxValue);
        // An exam's question that also stands in training, word for word, is a duplicate before it is a leak.
        Assert.InRange(
            steps["exactDuplicates"].GetProperty("setAside").GetInt64() + steps["leaks"].GetProperty("setAside").GetInt64(),
            Copies + Leaks,
            long.MaxValue
        );
        Assert.InRange(
            steps["nearDuplicates"].GetProperty("setAside").GetInt64() + steps["semanticDuplicates"].GetProperty("setAside").GetInt64(),
            Rephrased,
            long.MaxValue
        );
        var exam = await team.LeadApi.GetAsync($"{path}/rows?contains=Planted+exam+question&split=test");
        Assert.Equal(30, exam.GetProperty("total").GetInt64());
        foreach (var gone in (string[])["ada.lovelace@example.org", "Planted exam question"])
        {
            var rows = await team.LeadApi.GetAsync($"{path}/rows?contains={Uri.EscapeDataString(gone)}&split=train");
            Assert.Equal(0, rows.GetProperty("total").GetInt64());
        }
    }

    /// <summary>The file with copies, rephrased questions, personal data and questions of an exam planted in it; and the exam.</summary>
    private static (string Train, string Exam) Planted(string[] lines)
    {
        var rows = lines
            .Select(l => JsonSerializer.Deserialize<JsonElement>(l))
            .Select(r => (Question: r.GetProperty("question").GetString()!, Answer: r.GetProperty("answer").GetString()!))
            .ToList();
        var train = new List<(string Question, string Answer)>(rows);
        train.AddRange(rows.Take(Copies).Select(r => ("  " + r.Question.ToUpperInvariant(), r.Answer)));
        train.AddRange(
            Enumerable
                .Range(0, Rephrased)
                .Select(i =>
                    (
                        $"Planted: my neighbour in house {Word(i)} would like to know which forms the council wants for a new garden shed",
                        "Ask the council."
                    )
                )
        );
        train.AddRange(
            Enumerable
                .Range(0, Rephrased + 1)
                .Select(i =>
                    (
                        $"Planted: which forms does the council want for a new garden shed, my neighbour in house {Word(i + 1)} would like to know?",
                        "Ask the council!"
                    )
                )
        );
        train.AddRange(
            Enumerable
                .Range(0, Personal)
                .Select(i =>
                    (
                        $"Who answers letter {Word(i)} of patient {Word(i * 7)}?",
                        $"Write about {Word(i * 3)} to ada.lovelace@example.org or pay to DE89 3704 0044 0532 0130 00."
                    )
                )
        );
        var exam = Enumerable
            .Range(0, 30)
            .Select(i =>
                (Question: $"Planted exam question {Word(i)}: what does {Word(i + 40)} mean?", Answer: $"It means {Word(i + 80)}.")
            )
            .ToList();
        train.AddRange(exam.Take(Leaks));
        return (Lines(train), Lines(exam));
    }

    /// <summary>Words that have nothing in common.</summary>
    private static string Word(int i) =>
        string.Concat(Enumerable.Range(0, 7).Select(j => (char)('a' + ((i + 3) * (j + 5) * 7919 / 13 % 26))));

    private static string Lines(IEnumerable<(string Question, string Answer)> rows) =>
        string.Concat(rows.Select(r => JsonSerializer.Serialize(new { question = r.Question, answer = r.Answer }) + "\n"));
}
