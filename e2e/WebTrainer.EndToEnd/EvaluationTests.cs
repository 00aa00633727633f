using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>Two runs on rows of Banking77 are judged and compared, and the portal's sentences hold against values computed here.</summary>
[Trait(Traits.Category, Traits.BeforeRelease)]
public sealed class EvaluationTests
{
    private const int Intents = 12,
        TestRows = 180;

    [Fact]
    public async Task TwoRuns_JudgedByRowsBenchmarksAndSpeed_SurviveAKillAndAreComparedRightly()
    {
        if (PortalProcess.SharedData is not { } shared)
        {
            Assert.Skip("shared/data is not beside the repository.");
            return;
        }

        await using var team = await Team.AssembleAsync();
        var api = team.LeadApi;
        var version = await api.PublishAsync(team.ProjectId, "Banking77", "banking77.csv", Rows(shared));
        var weak = await team.StartRunAsync(
            version,
            new
            {
                learningRate = 0.0005,
                epochs = 1,
                microBatch = 16,
                samples = 0,
            },
            "one epoch"
        );
        var strong = await team.StartRunAsync(
            version,
            new
            {
                learningRate = 0.002,
                epochs = 6,
                microBatch = 16,
                samples = 0,
            },
            "six epochs"
        );
        foreach (var run in (Guid[])[weak, strong])
        {
            Assert.Equal(
                "completed",
                (await api.UntilAsync($"projects/{team.ProjectId}/runs/{run}", Patience.Work, "completed", "failed"))
                    .GetProperty("status")
                    .GetString()
            );
        }

        var evaluation = await StartInBrowserAsync(team, shared);
        var path = $"projects/{team.ProjectId}/evaluations/{evaluation}";
        var judged = await KillAndResumeAsync(team, path);
        var report = judged.GetProperty("report");
        Assert.Equal(
            ["General text", "Robustness", "harmful_behaviors.csv", "harmful_behaviors.csv"],
            report
                .GetProperty("benchmarks")
                .EnumerateArray()
                .Select(b => b.GetProperty("spec").GetProperty("name").GetString()!)
                .Order(StringComparer.Ordinal)
        );
        Assert.All(
            report.GetProperty("speeds").EnumerateArray(),
            speed => Assert.True(speed.GetProperty("tokensPerSecond8").GetDouble() > 0)
        );
        await AssertVerdictAsync(team, evaluation, path, report);
        await AssertPagesAsync(team, evaluation);
    }

    private static string Rows(string shared)
    {
        // The first intents of the training file: enough to tell two runs apart, few enough for minutes.
        var rows = File.ReadLines(Path.Combine(shared, "banking77/train.csv")).Skip(1).ToList();
        string LabelOf(string row) => row[(row.LastIndexOf(',') + 1)..];
        var intents = rows.Select(LabelOf).Distinct().Order(StringComparer.Ordinal).Take(Intents).ToHashSet();
        return "text,label\n"
            + string.Join('\n', rows.Where(row => row.Count(c => c == '"') % 2 == 0 && intents.Contains(LabelOf(row))).Take(TestRows * 5));
    }

    private static async Task<Guid> StartInBrowserAsync(Team team, string shared)
    {
        var lead = team.Lead;
        await lead.GoAsync($"/p/{team.ProjectId}/goals");
        await lead.Page.FillAsync("#device-price", "1.5");
        await lead.Test("save-price").ClickAsync();
        await Expect(lead.Page.GetByText("The price is saved.")).ToBeVisibleAsync(); // going on sooner would end the page's work
        await lead.GoAsync($"/p/{team.ProjectId}/evaluations");
        await lead.Test("to-benchmarks").ClickAsync();
        await Expect(lead.Test("drop-zone")).ToBeVisibleAsync();
        await lead.Page.SetInputFilesAsync("input[type=file]", Path.Combine(shared, "advbench/harmful_behaviors.csv"));
        await Expect(lead.Test("benchmarks")).ToContainTextAsync("Harmful requests");
        await lead.ShowAsync("benchmarks");
        await lead.GoAsync($"/p/{team.ProjectId}/evaluations");
        foreach (var box in await lead.Page.GetByRole(AriaRole.Checkbox, new() { NameString = "Run " }).AllAsync())
        {
            await box.CheckAsync();
        }

        await lead.Test("ask-benchmarks").Locator("summary").ClickAsync();
        foreach (var name in (string[])["Robustness", "harmful_behaviors.csv", "harmful_behaviors.csv, in disguise"])
        {
            await lead.Page.GetByRole(AriaRole.Checkbox, new() { Name = name, Exact = true }).CheckAsync();
            await lead.Page.GetByLabel($"Questions at most of {name}", new() { Exact = true }).FillAsync(name == "Robustness" ? "30" : "4");
        }

        await lead.Test("ask-scorers").Locator("summary").ClickAsync();
        await lead.Page.GetByLabel("Holds the right answer").CheckAsync();
        await lead.Page.GetByLabel("Measure speed, memory and cost").CheckAsync();
        await lead.ShowAsync("new-evaluation");
        await lead.Test("start-evaluation").ClickAsync();
        await Expect(lead.Test("evaluation-status")).ToBeVisibleAsync();
        return Guid.Parse(new Uri(lead.Page.Url).Segments[^1]);
    }

    /// <summary>The worker is killed while it answers; what it had answered is not asked again.</summary>
    private static async Task<JsonElement> KillAndResumeAsync(Team team, string path)
    {
        var answers = Path.Combine(team.Portal.DataFolder, "answers");
        int Lines() => Directory.GetFiles(answers).Sum(file => File.ReadAllText(file).Count(c => c == '\n'));
        // The worker holds its file alone, so that it is measured and not read.
        await Eventually.IsTrueAsync(
            () =>
                Task.FromResult(
                    Directory.GetFiles(answers).Sum(file => new FileInfo(file).Length) > 20_000 && team.Portal.Workers().Count > 0
                ),
            Patience.Work,
            () => "Nothing was answered."
        );
        using (var kill = Process.Start("kill", ["-9", team.Portal.Workers().Single().ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await team.LeadApi.UntilAsync(path, Patience.Server, "failed");
        var before = Lines();
        await team.Lead.Test("resume-evaluation").ClickAsync();
        var done = await team.LeadApi.UntilAsync(path, Patience.Work, "completed");
        var keys = Directory
            .GetFiles(answers)
            .SelectMany(file =>
                File.ReadLines(file)
                    .Select(line => Path.GetFileName(file) + JsonDocument.Parse(line).RootElement.GetProperty("key").GetString())
            )
            .ToList();
        Assert.True(before < keys.Count);
        Assert.Equal(keys.Distinct().Count(), keys.Count); // nothing that was answered was asked again
        return done;
    }

    private static async Task AssertVerdictAsync(Team team, Guid evaluation, string path, JsonElement report)
    {
        var names = report
            .GetProperty("models")
            .EnumerateArray()
            .Where(m => m.GetProperty("kind").GetString() == "tuned")
            .Select(m => m.GetProperty("name").GetString()!)
            .ToList();
        var (first, second) = (names[0], names[1]);
        var examples = (await team.LeadApi.GetAsync($"{path}/examples?model={second}&take=200"))
            .GetProperty("examples")
            .EnumerateArray()
            .ToList();
        bool IsRight(JsonElement example, string model)
        {
            var answer = example.GetProperty("answers").EnumerateArray().Single(a => a.GetProperty("model").GetString() == model);
            var right = answer.GetProperty("text").GetString() == example.GetProperty("expected").GetString();
            Assert.Equal(right, answer.GetProperty("right").GetBoolean());
            return right;
        }

        var (onlyFirst, onlySecond) = (
            examples.Count(e => IsRight(e, first) && !IsRight(e, second)),
            examples.Count(e => !IsRight(e, first) && IsRight(e, second))
        );
        Assert.True(onlySecond > onlyFirst);
        // McNemar's exact test, and Holm over all comparisons, anew: two tuned models against base, best simple method and each other.
        double PValue(int b, int c) =>
            Math.Min(1, 2 * Enumerable.Range(0, Math.Min(b, c) + 1).Sum(k => Math.Exp(LogChoose(b + c, k) - (b + c) * Math.Log(2))));
        var raw = report
            .GetProperty("comparisons")
            .EnumerateArray()
            .Select(c =>
                (
                    Name: $"{c.GetProperty("first")}/{c.GetProperty("second")}",
                    P: PValue(c.GetProperty("onlyFirst").GetInt32(), c.GetProperty("onlySecond").GetInt32())
                )
            )
            .OrderBy(c => c.P)
            .ToList();
        var corrected = new Dictionary<string, double>();
        for (var (rank, highest) = (0, 0.0); rank < raw.Count; rank++)
        {
            corrected[raw[rank].Name] = highest = Math.Max(highest, Math.Min(1, (raw.Count - rank) * raw[rank].P));
        }

        var p = corrected[$"{first}/{second}"];
        var points = (100.0 * (onlySecond - onlyFirst) / examples.Count).ToString("+0.0", CultureInfo.InvariantCulture);
        var chance = p < 0.001 ? "p < 0.001" : "p = " + p.ToString("0.000", CultureInfo.InvariantCulture);
        await team.Lead.GoAsync($"/p/{team.ProjectId}/evaluations/{evaluation}");
        var sentence = await team
            .Lead.Test("verdict")
            .Locator("li")
            .Filter(
                new()
                {
                    HasText =
                        p < 0.05
                            ? $"{second} is right on {onlySecond - onlyFirst} more of {examples.Count} rows than {first}"
                            : $"{second} and {first} cannot be told apart",
                }
            )
            .InnerTextAsync();
        Assert.Contains($"{points} points", sentence, StringComparison.Ordinal);
        Assert.Contains(chance, sentence, StringComparison.Ordinal);
    }

    private static async Task AssertPagesAsync(Team team, Guid evaluation)
    {
        var lead = team.Lead;
        await Expect(lead.Test("benchmark-General")).ToBeVisibleAsync();
        await Expect(lead.Test("benchmark-RedTeam")).ToContainTextAsync("Refused");
        await Expect(lead.Test("speed")).ToContainTextAsync("EUR");
        await Expect(lead.Test("confusions")).ToBeVisibleAsync();
        await lead.ShowAsync("evaluation");
        await lead.Test("benchmark-RedTeam").GetByText("Question by question").ClickAsync();
        await Expect(lead.Test("questions")).ToContainTextAsync("rot13");
        await lead.ShowAsync("questions");
    }

    private static double LogChoose(int n, int k) => Enumerable.Range(1, k).Sum(i => Math.Log(n - k + i) - Math.Log(i));
}
